import torch.nn
import torch.optim
from mmengine.config import read_base

with read_base():
    from .base import *
    from .base import train_cfg as cfg

optim_wrapper.optimizer.update(dict(lr=0.2, type=torch.optim.AdamW))
model = dict(type=torch.nn.Sequential, layers=[dict(type=torch.nn.Linear, size=s * 2) for s in steps])
optim_wrapper.merge(dict(optimizer=dict(_delete_=True, type=torch.optim.Adam)))
cfg.max_epochs += 1
