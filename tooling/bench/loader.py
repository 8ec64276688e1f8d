"""The rival of `npm run bench -- loader`: PyTorch's DataLoader and torchvision on the same work; arguments: part, workers.
Reads a count of batches a line, answers with milliseconds for one of them."""
import sys
import time

import torch
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

IMAGES, BATCH = 5120, 128


class Pictures(Dataset):
    def __init__(self):
        self.pixels = torch.randint(0, 256, (IMAGES, 3, 32, 32), dtype=torch.uint8)
        self.pipeline = v2.Compose([
            v2.RandomCrop(32, padding=4),
            v2.RandomHorizontalFlip(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize([0.5, 0.5, 0.5], [0.2, 0.22, 0.24]),
        ])

    def __len__(self):
        return IMAGES

    def __getitem__(self, index):
        return self.pipeline(self.pixels[index]), index % 10


torch.set_num_threads(1)
part, workers = sys.argv[1], int(sys.argv[2])
loader = DataLoader(Pictures(), batch_size=BATCH, shuffle=True, num_workers=workers, persistent_workers=workers > 0)
print(torch.__version__, flush=True)
for line in sys.stdin:
    epochs = max(1, int(line) // (IMAGES // BATCH))
    started = time.perf_counter()
    count = 0
    for _ in range(epochs):
        for _batch in loader:
            count += 1
    print((time.perf_counter() - started) * 1000 / count, flush=True)
