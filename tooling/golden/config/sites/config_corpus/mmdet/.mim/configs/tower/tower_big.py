_base_ = './tower.py'
import copy
model = dict(stem=dict(_delete_=True, type='Patch', size=16), head=None, fresh=dict(_delete_=True, a=1))
optim_wrapper = dict(optimizer=dict(_delete_=True, type='AdamW', lr=1e-4, betas=(0.9, 0.999)))
schedule = copy.deepcopy(_base_.param_scheduler)
schedule[0]['end'] = 1000
_base_.train_cfg.max_epochs = 36
del _base_.val_dataloader
for i, s in enumerate(schedule):
    s.update(name=f's{i}')
del s
