"""The rival of `npm run bench -- overhead`: MMEngine's Runner with default hooks against a bare PyTorch loop on the same tiny model.
Reads a number of iterations a line, answers with milliseconds of overhead for one."""
import contextlib
import sys
import tempfile
import time

import mmengine
import torch
from mmengine.hooks import Hook
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


class Clock(Hook):
    priority = 'LOWEST'

    def before_train_epoch(self, runner):
        self.started = time.perf_counter()

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        self.ended = time.perf_counter()


def loader(count):
    return DataLoader([(torch.tensor([1.0, 2.0]), torch.tensor([1.0]))] * count, batch_size=1)


def bare(count):
    model = Tiny()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    started = time.perf_counter()
    for inputs, targets in loader(count):
        optimizer.zero_grad()
        model(inputs, targets, 'loss')['loss'].backward()
        optimizer.step()
    return time.perf_counter() - started


def managed(count):
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(sys.stderr):
        runner = Runner(
            Tiny(), folder, train_dataloader=loader(count), train_cfg=dict(by_epoch=True, max_epochs=1),
            optim_wrapper=dict(optimizer=dict(type='SGD', lr=0.01)), custom_hooks=[clock],
            experiment_name=f'overhead{time.time_ns()}')
        runner.train()
    return clock.ended - clock.started


with contextlib.redirect_stdout(sys.stderr):
    bare(50)
    managed(50)
print(mmengine.__version__, flush=True)
for line in sys.stdin:
    count = int(line)
    before = bare(count)
    with_runner = managed(count)
    print((with_runner - (before + bare(count)) / 2) * 1000 / count, flush=True)
