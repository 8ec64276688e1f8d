"""Records what MMEngine's datasets answer, into tooling/golden/numerics/datasets.json: `python tooling/golden/record_datasets.py`."""
import json
import logging
import random
import tempfile
from pathlib import Path

from mmengine.dataset import BaseDataset, ClassBalancedDataset, ConcatDataset, RepeatDataset

logging.disable(logging.CRITICAL)
draw = random.Random(6)
OUT = Path(__file__).parent / 'numerics' / 'datasets.json'


class Numbered(BaseDataset):
    """Sample i is its own number; `cats` are its categories."""

    def __init__(self, cats, **kwargs):
        self.cats = cats
        super().__init__(**kwargs)

    def load_data_list(self):
        return [dict(number=i, cats=cats) for i, cats in enumerate(self.cats)]

    def get_cat_ids(self, idx):
        return self.get_data_info(idx)['cats']


def numbers(dataset):
    return [dataset.get_data_info(i)['number'] for i in range(len(dataset))]


def subset_cases():
    for serialize in (True, False):
        for n, indices in [(10, 3), (10, -3), (10, 0), (10, []), (10, [2, 2, -1, 0, 7]), (10, [-9, 9]), (7, 6), (7, -6), (5, [4, 3, 2, 1, 0])]:
            dataset = Numbered([[0]] * n, serialize_data=serialize)
            subset = dataset.get_subset(indices)
            infos = [subset.get_data_info(i) for i in range(len(subset))] if len(subset) else []
            yield dict(n=n, indices=indices, serialize=serialize, numbers=[i['number'] for i in infos], sample_idx=[i['sample_idx'] for i in infos])


def constructor_cases():
    for n, indices in [(10, 3), (10, -3), (10, 20), (10, -20), (10, [5, -1, 5])]:
        yield dict(n=n, indices=indices, numbers=numbers(Numbered([[0]] * n, indices=indices)))


def concat_cases():
    for lengths in [[3, 3], [1, 5, 2], [4], [2, 2, 2, 2], [7, 1, 9]]:
        concat = ConcatDataset([Numbered([[0]] * n) for n in lengths])
        places = list(range(-len(concat), len(concat)))
        yield dict(lengths=lengths, length=len(concat), places=places, origins=[list(concat._get_ori_dataset_idx(i)) for i in places])


def repeat_cases():
    for n, times in [(3, 2), (1, 5), (7, 3)]:
        repeated = RepeatDataset(Numbered([[0]] * n), times=times)
        yield dict(n=n, times=times, numbers=numbers(repeated))


def balanced_cases():
    for n, classes, thr in [(6, 2, 0.5), (20, 5, 0.3), (40, 9, 0.2), (40, 9, 1.0), (15, 3, 0.01), (30, 12, 0.7), (25, 4, 2.5)]:
        cats = [[min(int(draw.expovariate(0.7)), classes - 1) for _ in range(draw.randrange(0, 4))] for _ in range(n)]
        balanced = ClassBalancedDataset(Numbered(cats), oversample_thr=thr)
        yield dict(cats=cats, oversample_thr=thr, repeat_indices=balanced.repeat_indices, cat_ids=[balanced.get_cat_ids(i) for i in range(len(balanced))])


def metainfo_cases():
    class Own(BaseDataset):
        METAINFO = dict(classes=['own'], palette=[1, 2], task='own')

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / 'classes.txt').write_text('bus\ncar\n')
        (Path(folder) / 'ann.json').write_text(json.dumps(dict(metainfo=dict(classes=['file'], dataset_type='file', task='file'), data_list=[dict(img_path='a.jpg'), dict(img_path='/b.jpg')])))
        for name, metainfo in [('nothing', None), ('given', dict(classes=['given'], more=[3])), ('text file', dict(classes=folder + '/classes.txt', task='no such file'))]:
            for root, prefix in [('', dict(img_path='')), ('imgs', dict(img_path='')), ('imgs/', dict(img_path='train')), ('', dict(img_path='train/'))]:
                dataset = Own(ann_file=folder + '/ann.json', metainfo=metainfo, data_root=root, data_prefix=prefix)
                given = None if metainfo is None else {k: ('{folder}/classes.txt' if isinstance(v, str) and v.endswith('.txt') else v) for k, v in metainfo.items()}
                yield dict(name=name, given=given, data_root=root, data_prefix=prefix, metainfo=dataset.metainfo, paths=[dataset.get_data_info(i)['img_path'] for i in range(2)])


cases = dict(
    subsets=list(subset_cases()),
    constructor_indices=list(constructor_cases()),
    concat=list(concat_cases()),
    repeat=list(repeat_cases()),
    class_balanced=list(balanced_cases()),
    metainfo=list(metainfo_cases()),
)
OUT.write_text(json.dumps(cases) + '\n')
print({k: len(v) for k, v in cases.items()})
