"""Records mean average precision of boxes as mmdet's eval_map computes it, for packages/evaluator/src/voc.

    pip download --no-deps mmdet==3.3.0; unzip -q mmdet-*.whl 'mmdet/evaluation/functional/*' -d MMDET   # needs mmengine, terminaltables
    python tooling/golden/record_voc.py MMDET tooling/golden/numerics/voc.json
"""
import importlib.util, json, logging, sys, types
from pathlib import Path
import numpy as np

site = Path(sys.argv[1]) / 'mmdet/evaluation/functional'
package = types.ModuleType('functional')  # without mmdet's own __init__, which wants mmcv
package.__path__ = [str(site)]
sys.modules['functional'] = package


def load(name):
    spec = importlib.util.spec_from_file_location(f'functional.{name}', site / f'{name}.py')
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


load('bbox_overlaps'), load('class_names')
eval_map = load('mean_ap').eval_map
rng = np.random.default_rng(11)


def boxes(n):
    corner = rng.integers(0, 40, (n, 2))
    size = rng.integers(1, 30, (n, 2))
    return np.hstack([corner, corner + size]).astype(np.float32)


def near(truth, labels, n, classes):
    """Boxes that overlap those of `truth` more or less, most of them of the right class."""
    if len(truth) == 0:
        return boxes(n), rng.integers(0, classes, n)
    which = rng.integers(0, len(truth), n)
    moved = truth[which] + rng.integers(-4, 5, (n, 4)) * rng.integers(0, 2, (n, 1))
    moved[:, 2:] = np.maximum(moved[:, 2:], moved[:, :2] + 1)
    return moved.astype(np.float32), np.where(rng.random(n) < 0.8, labels[which], rng.integers(0, classes, n))


def scene(images, classes, found, objects):
    truth, results = [], []
    rank = rng.permutation(10000)  # no two scores are equal: numpy does not say what comes first then
    for _ in range(images):
        n, k, d = rng.integers(0, objects + 1), rng.integers(0, 3), rng.integers(0, found + 1)
        wanted, ignored = boxes(n), boxes(k)
        of, of_ignored = rng.integers(0, max(1, classes - 1), n), rng.integers(0, classes, k)  # the last class is never wanted
        truth.append({'bboxes': wanted, 'labels': of, 'bboxes_ignore': ignored, 'labels_ignore': of_ignored})
        seen, labels = near(np.vstack([wanted, ignored]), np.concatenate([of, of_ignored]), d, classes)
        scores, rank = rank[:d] / 10000, rank[d:]
        results.append({'bboxes': seen, 'labels': labels, 'scores': scores.astype(np.float32)})
    return truth, results


def run(truth, results, classes, **options):
    dets = [[np.hstack([r['bboxes'], r['scores'][:, None]])[r['labels'] == c] for c in range(classes)] for r in results]
    mean, per_class = eval_map(dets, truth, logger='silent', nproc=1, **options)
    return {**options, 'mAP': float(mean), 'wanted': [int(c['num_gts']) for c in per_class],
            'AP': [float(c['ap']) for c in per_class]}


plain = lambda each: {k: v.tolist() for k, v in each.items()}
scenes = []
if __name__ == '__main__':
    logging.disable(logging.CRITICAL)
    for images, classes, found, objects in [(1, 2, 6, 3), (6, 3, 12, 5), (12, 4, 20, 6), (3, 2, 0, 3), (4, 2, 5, 0), (30, 2, 8, 4)]:
        truth, results = scene(images, classes, found, objects)
        scenes.append({
            'classes': classes, 'truth': [plain(t) for t in truth], 'results': [plain(r) for r in results],
            'runs': [run(truth, results, classes, iou_thr=thr, eval_mode=mode, use_legacy_coordinate=legacy)
                     for thr in [0.5, 0.7] for mode in ['area', '11points'] for legacy in [True, False]]})
    with open(sys.argv[2], 'w') as file:
        json.dump({'mmdet': '3.3.0', 'numpy': np.__version__, 'scenes': scenes}, file, separators=(',', ':'))
