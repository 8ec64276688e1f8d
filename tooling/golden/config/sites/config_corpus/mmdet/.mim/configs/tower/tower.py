_base_ = ['../_base_/runtime.py', '../_base_/schedule.py', '../_base_/data.py']
num_stages = 3
model = dict(
    type='Tower',
    stem=dict(type='Stem', widths=[2**i for i in range(num_stages)]),
    head=[
        dict(type='Head', level=i, weight=round(0.5**i, 2), names=f'head{i:02d}')
        for i in range(num_stages)
    ],
    mean=[123.675, 116.28, 103.53],
    empty=(),
    big=2**63)
train_dataloader = dict(batch_size=4, dataset=dict(pipeline=_base_.pipeline[:-1] + [dict(type='Pack')]))
learning_rate = {{_base_.optim_wrapper.optimizer.lr}} * 2 if False else _base_.optim_wrapper.optimizer.lr * 2
odd = {'a-b': 1, 3: (1, ), None: {1, 2}}
