_base_ = ['mmdet::_base_/schedule.py']
param_scheduler = []
optim_wrapper = dict(clip_grad=dict(max_norm=35, norm_type=2))
mine = dict(wrapper=_base_.optim_wrapper)
