max_epochs = 12
train_cfg = dict(by_epoch=True, max_epochs=max_epochs)
param_scheduler = [
    dict(type='LinearLR', start_factor=1.0 / 1000, by_epoch=False, end=500),
    dict(type='MultiStepLR', milestones=[max_epochs - 4, max_epochs - 1], gamma=0.1),
]
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.02, momentum=0.9, weight_decay=1e-4))
