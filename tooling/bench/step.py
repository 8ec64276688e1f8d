"""The rival of `npm run bench -- step`: the same training steps in PyTorch.

Usage: step.py MODEL THREADS float32|bf16 cpu|cuda. Reads a number of steps a line, answers with milliseconds for one, with those of
processor time, and with their losses.
"""
import math
import sys
import time

import torch
from torch import nn

name, threads, precision, device = sys.argv[1:5]
torch.set_num_threads(int(threads))
torch.set_num_interop_threads(1)
torch.manual_seed(0)


class BasicBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        inner = torch.relu(self.bn1(self.conv1(x)))
        around = x if self.downsample is None else self.downsample(x)
        return torch.relu(self.bn2(self.conv2(inner)) + around)


def resnet18():
    stem = [nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
    blocks = []
    for stage, width in enumerate([64, 128, 256, 512]):
        blocks.append(BasicBlock(64 if stage == 0 else width // 2, width, 1 if stage == 0 else 2))
        blocks.append(BasicBlock(width, width, 1))
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def encoder(width, heads, layers):
    layer = nn.TransformerEncoderLayer(
        width, heads, 4 * width, 0.0, activation="gelu", batch_first=True, norm_first=True)
    return nn.TransformerEncoder(layer, layers, norm=nn.LayerNorm(width), enable_nested_tensor=False)


class ViTTiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 192, 4, stride=4)
        self.positions = nn.Embedding(64, 192)
        self.encoder = encoder(192, 3, 12)
        self.head = nn.Linear(192, 10)

    def forward(self, images):
        tokens = self.patches(images).flatten(2).transpose(1, 2)
        return self.head(self.encoder(tokens + self.positions.weight).mean(1))


class GPTTiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(256, 128)
        self.positions = nn.Embedding(128, 128)
        self.encoder = encoder(128, 4, 4)
        self.head = nn.Linear(128, 256)
        self.mask = nn.Transformer.generate_square_subsequent_mask(128, device=device)

    def forward(self, text):
        placed = self.tokens(text) + self.positions.weight
        return self.head(self.encoder(placed, mask=self.mask, is_causal=True)).flatten(0, 1)


def lenet():
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )


def mlp():
    return nn.Sequential(nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 10))


def waves(*shape):
    """The same numbers in both languages."""
    return torch.tensor([math.sin(i * i * 0.01) for i in range(math.prod(shape))], dtype=torch.float32).reshape(shape)


def images(batch, size, channels):
    return waves(batch, size, size, channels).permute(0, 3, 1, 2).contiguous(), torch.arange(batch) % 10


def text(batch, length):
    rows = torch.tensor([(i * i + 7 * i) % 251 for i in range(batch * (length + 1))]).reshape(batch, length + 1)
    return rows[:, :-1].contiguous(), rows[:, 1:].reshape(-1)


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=0.01, momentum=0.9)


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=1e-3)


make, optimizer_of, batch_of = {
    "lenet": (lenet, sgd, lambda: images(64, 28, 1)),
    "resnet18": (resnet18, sgd, lambda: images(32, 32, 3)),
    "vit-tiny": (ViTTiny, adamw, lambda: images(16, 32, 3)),
    "mlp": (mlp, sgd, lambda: (waves(64, 784), torch.arange(64) % 10)),
    "gpt-tiny": (GPTTiny, adamw, lambda: text(8, 128)),
}[name]

model = make().to(device)
optimizer = optimizer_of(model.parameters())
loss_function = nn.CrossEntropyLoss()
inputs, targets = (each.to(device) for each in batch_of())


def step():
    optimizer.zero_grad()
    with torch.autocast(device, dtype=torch.bfloat16, enabled=precision == "bf16"):
        loss = loss_function(model(inputs), targets)
    loss.backward()
    optimizer.step()
    return loss.item()


print(torch.__version__, flush=True)
for line in sys.stdin:
    count = int(line)
    started, used = time.perf_counter(), time.process_time()
    losses = [step() for _ in range(count)]
    took = (time.perf_counter() - started, time.process_time() - used)
    print(*(each * 1000 / count for each in took), *losses, flush=True)
