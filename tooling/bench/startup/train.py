"""The rival of `npm run bench -- startup`: the same ten iterations by MMEngine's Runner with its default hooks. The work dir is the argument."""
import sys

import torch
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import DataLoader

torch.set_num_threads(1)


class Tiny(BaseModel):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(2, 1)

    def forward(self, inputs, targets, mode='tensor'):
        outputs = self.fc(inputs)
        return {'loss': torch.nn.functional.mse_loss(outputs, targets)} if mode == 'loss' else outputs


Runner(
    Tiny(), sys.argv[1], train_dataloader=DataLoader([(torch.tensor([1.0, 2.0]), torch.tensor([1.0]))] * 10),
    train_cfg=dict(by_epoch=True, max_epochs=1), optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.01)),
    default_hooks=dict(logger=dict(type='LoggerHook', interval=1))).train()
