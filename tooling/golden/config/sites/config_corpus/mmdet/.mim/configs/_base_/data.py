data_root = 'data/{{ fileBasenameNoExtension }}/'
scales = [(1333, x) for x in range(640, 801, 32)]
pipeline = [
    dict(type='Load'),
    dict(type='Resize', scale=scales, keep_ratio=True),
    dict(type='Pack', meta_keys=('img_id', 'flip')),
]
train_dataloader = dict(batch_size=2, dataset=dict(type='Set', data_root=data_root, pipeline=pipeline))
test_dataloader = val_dataloader = dict(batch_size=1)
