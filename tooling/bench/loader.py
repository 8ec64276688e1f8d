"""The rival of `npm run bench -- loader`: PyTorch's DataLoader and torchvision on the same work; arguments: part, workers, folder of photographs.
Reads a count of batches a line, answers with milliseconds for one of them, and those of processor time, workers included."""
import multiprocessing
import os
import sys
import time

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, Subset
from torchvision import tv_tensors
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2


class Pictures(Dataset):
    def __init__(self):
        self.pixels = torch.randint(0, 256, (5120, 3, 32, 32), dtype=torch.uint8)
        self.pipeline = v2.Compose([
            v2.RandomCrop(32, padding=4),
            v2.RandomHorizontalFlip(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.5, 0.5, 0.5], [0.2, 0.22, 0.24]),
        ])

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, index):
        return self.pipeline(self.pixels[index]), index % 10


class BoxPhotos(Dataset):
    def __init__(self, root):
        self.root = root
        self.pipeline = v2.Compose([
            v2.ToImage(),
            v2.Resize(400),
            v2.RandomHorizontalFlip(),
            v2.Pad([0, 0, 11, 16]),
        ])

    def __len__(self):
        return 128

    def __getitem__(self, i):
        image = Image.open(f'{self.root}/class{i % 10}/{i:04d}.jpg').convert('RGB')
        boxes = [[10 + k * 20, 5 + k * 12, 150 + k * 40, 100 + k * 30] for k in range(8)]
        boxes = tv_tensors.BoundingBoxes(boxes, format='XYXY', canvas_size=image.size[::-1], dtype=torch.float32)
        return self.pipeline(image, {'boxes': boxes, 'labels': torch.arange(8)})


def photos(root):
    return Subset(ImageFolder(root, v2.Compose([
        v2.RandomResizedCrop(224),
        v2.RandomHorizontalFlip(),
        v2.ToImage(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
    ])), [i * 10 + i % 10 for i in range(200)])


def apart(samples):
    return tuple(zip(*samples))


def processor_time():
    """Seconds, of this process and its workers (Linux)."""
    used = time.process_time()
    for worker in multiprocessing.active_children():
        with open(f'/proc/{worker.pid}/stat') as stat:
            fields = stat.read().rpartition(')')[2].split()
        used += (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')
    return used


torch.set_num_threads(1)
part, workers = sys.argv[1], int(sys.argv[2])
dataset, batch, collate = {
    'arrays': lambda: (Pictures(), 128, None),
    'jpegs': lambda: (photos(sys.argv[3]), 64, None),
    'boxes': lambda: (BoxPhotos(sys.argv[3]), 16, apart),
}[part]()
loader = DataLoader(
    dataset, batch_size=batch, shuffle=True, num_workers=workers, persistent_workers=workers > 0, collate_fn=collate)
print(torch.__version__, flush=True)
for line in sys.stdin:
    epochs = max(1, int(line) // len(loader))
    started, used = time.perf_counter(), processor_time()
    count = 0
    for _ in range(epochs):
        for _batch in loader:
            count += 1
    print((time.perf_counter() - started) * 1000 / count, (processor_time() - used) * 1000 / count, flush=True)
