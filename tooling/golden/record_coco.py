"""Records what pycocotools answers about random masks, polygons and detections, for packages/evaluator.

    python tooling/golden/record_coco.py tooling/golden/numerics/coco.json   # needs pycocotools
"""
import contextlib, io, json, sys
from importlib.metadata import version
import numpy as np
from pycocotools import mask as M
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

rng = np.random.default_rng(11)


def text(rle):
    return {'size': list(rle['size']), 'counts': rle['counts'].decode()}


def blob(h, w, density=0.5):
    """Ones in patches, sometimes everywhere or nowhere."""
    kind = rng.integers(6)
    if kind == 0:
        return np.full((h, w), rng.integers(2), np.uint8)
    if kind == 1:
        return (rng.random((h, w)) < density).astype(np.uint8)
    m = np.zeros((h, w), np.uint8)
    for _ in range(rng.integers(1, 4)):
        y, x = rng.integers(h), rng.integers(w)
        m[y:y + rng.integers(1, h + 1), x:x + rng.integers(1, w + 1)] = 1
    return m


def counts_of(m):
    flat, out, now = m.flatten(order='F'), [], 0
    run = 0
    for v in flat:
        if v != now:
            out.append(run)
            run, now = 0, v
        run += 1
    return out + [run]


def polygon(h, w):
    n = int(rng.integers(3, 9))
    kind = rng.integers(6)
    pts = rng.random((n, 2)) * [w, h]
    if kind == 1:
        pts = pts * 1.6 - [0.3 * w, 0.3 * h]  # partly outside
    elif kind == 2:
        pts = np.round(pts)
    elif kind == 3:
        pts = np.repeat(np.round(pts, 1), 2, axis=0)  # corners twice
    elif kind == 4:
        pts[:, 0] = pts[0, 0]  # no width
    elif kind == 5:
        a = np.sort(rng.random(n)) * 2 * np.pi
        pts = np.stack([w / 2 + w * 0.4 * np.cos(a), h / 2 + h * 0.4 * np.sin(a)], 1)
    return [round(float(v), 3) for v in pts.flatten()]


masks, polygons, boxes, pairs = [], [], [], []
for i in range(60):
    h, w = int(rng.integers(1, 24)), int(rng.integers(1, 24))
    if i == 0:
        h, w = 130, 97  # differences of several characters
    m = blob(h, w)
    r = M.encode(np.asfortranarray(m))
    masks.append({'pixels': ''.join(map(str, m.flatten())), 'rle': text(r), 'area': int(M.area(r)), 'bbox': M.toBbox(r).tolist(), 'counts': counts_of(m)})
for i in range(120):
    h, w = int(rng.integers(2, 60)), int(rng.integers(2, 60))
    ps = [polygon(h, w) for _ in range(rng.integers(1, 4))]
    rs = M.frPyObjects(ps, h, w)
    u = M.merge(rs)
    polygons.append({'size': [h, w], 'polygons': ps, 'rles': [text(r)['counts'] for r in rs], 'merged': text(u)['counts'],
                     'shared': text(M.merge(rs, intersect=True))['counts'], 'area': int(M.area(u)), 'bbox': M.toBbox(u).tolist()})
for i in range(30):
    h, w = int(rng.integers(2, 40)), int(rng.integers(2, 40))
    b = [round(float(v), 2) for v in np.concatenate([rng.random(2) * [w, h] - 2, rng.random(2) * [w, h]])]
    boxes.append({'size': [h, w], 'box': b, 'counts': text(M.frPyObjects(np.array([b]), h, w)[0])['counts']})
for i in range(12):
    h, w = int(rng.integers(4, 30)), int(rng.integers(4, 30))
    d = [M.encode(np.asfortranarray(blob(h, w))) for _ in range(rng.integers(1, 6))]
    g = [M.encode(np.asfortranarray(blob(h, w))) for _ in range(rng.integers(1, 6))]
    crowd = [int(v) for v in rng.integers(0, 2, len(g))]
    bd, bg = [(np.round(rng.random((len(s), 4)) * 20, 2)).tolist() for s in (d, g)]
    pairs.append({'dt': [text(r) for r in d], 'gt': [text(r) for r in g], 'crowd': crowd, 'iou': M.iou(d, g, crowd).tolist(),
                  'boxes': [bd, bg], 'box_iou': M.iou(bd, bg, crowd).tolist()})


def scene(images, classes, *, objects=6, size=(60, 80), ties=False, crowd=0.15, big=False, first_id=1):
    """Ground truth with areas of all ranges, and detections near it, elsewhere, doubled and in empty images."""
    cats = [{'id': int(i), 'name': f'c{i}'} for i in sorted(rng.choice(90, classes, replace=False) + 1)]
    imgs, anns, dets = [], [], []
    ids = rng.permutation(1000)[:images]
    for img in ids.tolist():
        h, w = (np.array(size) * (6 if big else 1) + rng.integers(0, 9, 2)).tolist()
        imgs.append({'id': img, 'file_name': f'{img:06d}.png', 'height': h, 'width': w})
        for _ in range(int(rng.integers(0, objects + 1))):
            bw, bh = (1 + rng.random(2) ** 2 * [w * 0.9, h * 0.9])
            x, y = rng.random(2) * [w - bw, h - bh]
            cat = int(rng.choice([c['id'] for c in cats]))
            is_crowd = bool(rng.random() < crowd)
            box = [round(float(v), 2) for v in (x, y, bw, bh)]
            m = np.zeros((h, w), np.uint8)
            m[int(y):int(np.ceil(y + bh)), int(x):int(np.ceil(x + bw))] = 1
            if is_crowd:
                seg = {'size': [h, w], 'counts': counts_of(m)}
            else:
                x, y, bw, bh = box
                seg = [[x, y + bh / 3, x + bw / 2, y, x + bw, y + bh / 2, x + bw / 2, y + bh, x, y + bh / 1.5]]
                seg = [[round(v, 2) for v in seg[0]]]
                m = M.decode(M.frPyObjects(seg, h, w))[..., 0]
            ann = {'id': len(anns) + first_id, 'image_id': img, 'category_id': cat, 'bbox': box, 'area': round(float(m.sum()), 2) if rng.random() < 0.7 else round(box[2] * box[3], 2),
                   'iscrowd': int(is_crowd), 'segmentation': seg}
            anns.append(ann)
            for _ in range(int(rng.integers(0, 3))):
                jit = rng.normal(size=4) * [bw * 0.1, bh * 0.1, bw * 0.08, bh * 0.08]
                b = np.array(box) + jit
                b[2:] = np.maximum(b[2:], 0.5)
                dy, dx = rng.integers(-3, 4, 2)
                dm = np.roll(m, (int(dy), int(dx)), (0, 1))
                dets.append((img, int(rng.choice([cat, cat, cat, cats[0]['id']])), b, dm))
        for _ in range(int(rng.integers(0, 3))):
            b = np.concatenate([rng.random(2) * [w, h] * 0.7, rng.random(2) * [w, h] * 0.3 + 0.5])
            dets.append((img, int(rng.choice([c['id'] for c in cats])), b, blob(h, w, 0.2)))
    results = []
    for img, cat, b, dm in dets:
        score = float(np.float32(rng.random()))
        if ties:
            score = float(rng.integers(1, 4)) / 4
        x1, y1, x2, y2 = np.float32([b[0], b[1], b[0] + b[2], b[1] + b[3]]).tolist()
        results.append({'image_id': img, 'category_id': cat, 'score': score, 'xyxy': [x1, y1, x2, y2],
                        'segmentation': text(M.encode(np.asfortranarray(dm)))})
    return {'images': imgs, 'annotations': anns, 'categories': cats}, results


def evaluate(gt, results, kind, **params):
    coco = COCO()
    coco.dataset = json.loads(json.dumps(gt))
    coco.createIndex()
    dets = []
    for r in results:
        d = {k: r[k] for k in ('image_id', 'category_id', 'score')}
        if kind == 'bbox':
            x1, y1, x2, y2 = r['xyxy']
            d['bbox'] = [x1, y1, x2 - x1, y2 - y1]
        else:
            d['segmentation'] = dict(r['segmentation'])
        dets.append(d)
    e = COCOeval(coco, coco.loadRes(dets), kind)
    for k, v in params.items():
        setattr(e.params, k, v)
    e.evaluate(), e.accumulate()
    p, r, P = e.eval['precision'], e.eval['recall'], e.params

    def mean(x):
        x = x[x > -1]
        return float(x.mean()) if x.size else -1.0

    out = {'params': {k: (np.asarray(v).tolist()) for k, v in params.items()}}
    out['AP'] = [mean(p[:, :, :, a, -1]) for a in range(4)]
    out['AP_iou'] = [mean(p[t, :, :, 0, -1]) for t in range(len(P.iouThrs))]
    out['AR'] = [[mean(r[:, :, a, m]) for m in range(len(P.maxDets))] for a in range(4)]
    out['classwise'] = [[mean(p[:, :, k, a, -1]) for a in range(4)] for k in range(p.shape[2])]
    if not params:
        e.summarize()
        out['stats'] = e.stats.tolist()
    return out


scenes = []
with contextlib.redirect_stdout(io.StringIO()):
    for kw in [dict(images=12, classes=3), dict(images=10, classes=2, ties=True), dict(images=6, classes=4, big=True, objects=4),
               dict(images=4, classes=1, crowd=0.6), dict(images=5, classes=3, objects=1, crowd=0), dict(images=3, classes=2, first_id=0),
               dict(images=3, classes=2, objects=30, ties=True)]:
        gt, results = scene(**kw)
        runs = {}
        for kind in ('bbox', 'segm'):
            runs[kind] = [evaluate(gt, results, kind), evaluate(gt, results, kind, maxDets=[1, 3, 5]),
                          evaluate(gt, results, kind, iouThrs=np.array([0.3, 0.5, 0.75])),
                          evaluate(gt, results, kind, useCats=0, maxDets=[100, 300, 1000])]
        scenes.append({'truth': gt, 'results': results, 'runs': runs})
json.dump({'versions': {'pycocotools': version('pycocotools'), 'numpy': np.__version__},
           'masks': masks, 'polygons': polygons, 'boxes': boxes, 'pairs': pairs, 'scenes': scenes}, open(sys.argv[1], 'w'))
