# Records tooling/golden/config/migrate.json: what MMEngine makes of a few realistic configs (pip install mmengine==0.10.7).
import json, os, tempfile
from mmengine.config import Config
cases=[]
def enc(v):
    if isinstance(v,dict): return {str(k):enc(x) for k,x in v.items()}
    if isinstance(v,(list,tuple)): return [enc(x) for x in v]
    return v
def case(name, main, files):
    d=tempfile.mkdtemp()
    for p,t in files.items():
        os.makedirs(os.path.dirname(os.path.join(d,p)) or d,exist_ok=True); open(os.path.join(d,p),'w').write(t)
    cfg=Config.fromfile(os.path.join(d,main),import_custom_modules=False)
    cases.append(dict(id=name,main=main,files=files,data=enc(cfg._cfg_dict.to_dict())))
base_model="""# model settings
model = dict(
    type='ImageClassifier',
    data_preprocessor=dict(type='ImgDataPreprocessor', mean=[127.5], std=[127.5]),
    backbone=dict(type='ResNet', depth=50, num_stages=4, out_indices=(3, ), norm_eval=False),
    head=dict(type='LinearClsHead', num_classes=1000, topk=(1, 5)))
"""
base_sched="""optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.1, momentum=0.9, weight_decay=1e-4),
    clip_grad=dict(max_norm=35, norm_type=2))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.001, by_epoch=False, begin=0, end=500),
    dict(type='MultiStepLR', by_epoch=True, milestones=[30, 60, 90], gamma=0.1),
]
train_cfg = dict(by_epoch=True, max_epochs=100, val_interval=1)
val_cfg = dict()
auto_scale_lr = dict(base_batch_size=256)
"""
base_run="""default_scope = 'mmengine'
default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=100),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=3))
env_cfg = dict(cudnn_benchmark=False, mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0))
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='Visualizer', vis_backends=vis_backends)
log_level = 'INFO'
load_from = None
resume = False
randomness = dict(seed=None)
"""
base_data="""dataset_type = 'CIFAR10'
data_root = 'data/cifar10/'
bgr_mean = [103.53, 116.28, 123.675]
train_pipeline = [
    dict(type='RandomCrop', size=32, padding=4),  # 4 on each side
    # half of them
    dict(type='RandomHorizontalFlip', prob=0.5),
    dict(type='Normalize', mean=bgr_mean, std=[57.375, 57.12, 58.395]),
]
train_dataloader = dict(
    batch_size=16 * 2,
    num_workers=2,
    dataset=dict(type=dataset_type, root=data_root + 'train', train=True, pipeline=train_pipeline),
    sampler=dict(type='DefaultSampler', shuffle=True))
val_dataloader = dict(
    batch_size=64,
    num_workers=2,
    dataset=dict(type=dataset_type, root=f'{data_root}val', train=False, pipeline=train_pipeline[1:]),
    sampler=dict(type='DefaultSampler', shuffle=False))
val_evaluator = dict(type='Accuracy', topk=(1, 5))
test_dataloader = val_dataloader
test_evaluator = val_evaluator
"""
bases={'_base_/model.py':base_model,'_base_/schedule.py':base_sched,'_base_/runtime.py':base_run,'_base_/data.py':base_data}
allb="_base_ = ['../_base_/model.py', '../_base_/schedule.py', '../_base_/runtime.py', '../_base_/data.py']  # all of it\n"
case('bases alone','a/x.py',{**bases,'a/x.py':allb})
case('overrides','a/x.py',{**bases,'a/x.py':allb+"""
# deeper
model = dict(backbone=dict(depth=101), head=dict(num_classes=10))
optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=4e-3 / 4, betas=(0.9, 0.999)), clip_grad=None)
param_scheduler = [dict(type='CosineAnnealingLR', T_max=100, eta_min=1e-6, by_epoch=True)]
load_from = 'checkpoints/resnet.pth'
"""})
case('base variables','a/x.py',{**bases,'a/x.py':allb+"""
data_root = _base_.data_root + 'mini/'
train_dataloader = dict(batch_size=_base_.train_dataloader.batch_size, dataset=dict(root=data_root, pipeline=[*_base_.train_pipeline, dict(type='ToTensor')]))
custom = dict(first={{_base_.train_pipeline}}, root={{_base_.data_root}}, prob=_base_.train_pipeline[1].prob)
"""})
case('expressions','x.py',{'x.py':"""# a config of expressions
num_stages = 4
strides = (1, 2) + (2, ) * 2
channels = [64 * 2**i for i in range(num_stages)]
names = [f'stage{i}' for i in range(1, num_stages + 1)]
wide = {name: dict(width=c) for name, c in [('a', 1), ('b', 2)]}
half = num_stages // 2 + 0.5
norm_cfg = dict(type='BN', requires_grad=True)
block = dict(norm=dict(**norm_cfg, eps=1e-5), act=dict(norm_cfg, inplace=True), mixed={6: 'six', 'k-ey': "it's"})
flags = dict(deep=num_stages > 3, odd=not False, none=None, neg=-1.5, big=1e10)
last = channels[-1]
total = sum(channels) + len(names) + max(1, 2)
label = 'a' + 'b' * 2
a = b = [1, 2]
"""})
case('one file with everything','x.py',{'x.py':base_model+base_sched.replace('100','3')+base_run+base_data})
json.dump(dict(reference='mmengine 0.10.7',cases=cases),open(os.path.join(os.path.dirname(__file__), 'config/migrate.json'),'w'),indent=1)
print(len(cases))
