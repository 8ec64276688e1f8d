"""Records PyTorch's weighted draws into tooling/golden/numerics/weighted_sampler.json: `python tooling/golden/record_weighted.py`."""
import json
import random
from pathlib import Path

import torch
from torch.utils.data import WeightedRandomSampler

draw = random.Random(4)
cases = []
for n, samples, seed in [(1, 4, 0), (3, 20, 0), (10, 10, 5), (50, 200, 42), (7, 3, 2**31 - 1), (300, 1000, 9)]:
    weights = [draw.choice([0.0, draw.random(), draw.random() * 100, 3.0]) for _ in range(n - 1)] + [1.5]
    generator = torch.Generator().manual_seed(seed)
    cases.append(dict(weights=weights, num_samples=samples, seed=seed, indices=list(WeightedRandomSampler(weights, samples, generator=generator))))
(Path(__file__).parent / 'numerics' / 'weighted_sampler.json').write_text(json.dumps(dict(torch=torch.__version__, cases=cases)) + '\n')
