"""Records stream.json: layers of PyTorch that draw while training, on the global stream.

    python tooling/golden/record_stream.py tooling/golden/numerics/stream.json

The layer is made after manual_seed(seed), the stream starts over from seed + 1, then the layer is called twice on `x`; `next_27_bits` are the
low bits of the 32-bit output that follows. `channels`: x is (N, C, ...).
"""
import base64
import json
import sys

import torch
from torch import nn

torch.set_num_threads(1)
generator = torch.Generator().manual_seed(20261126)
cases = []


def enc(x):
    return {"shape": list(x.shape), "dtype": "float32", "data": base64.b64encode(x.detach().contiguous().numpy().tobytes()).decode()}


def record(name, args, options, shape, channels=False):
    seed = 50 + 2 * len(cases)
    torch.manual_seed(seed)
    layer = getattr(nn, name)(*args, **options)
    torch.manual_seed(seed + 1)
    x = torch.randn(*shape, generator=generator)
    inputs = [x] * 3 if name == "MultiheadAttention" else [x, x] if name == "TransformerDecoderLayer" else [x]
    first = lambda y: y[0] if isinstance(y, tuple) else y
    outputs = [enc(first(layer(*inputs))) for _ in range(2)]
    following = int(torch.randint(0, 2**27, (1,)))
    cases.append({"id": f"{len(cases)}-{name}", "layer": name, "args": args, "options": options, "seed": seed, "channels": channels,
                  "x": enc(x), "outputs": outputs, "next_27_bits": following})


record("Dropout", [0.3], {}, [2, 3, 4])
record("Dropout", [0.3], {}, [2, 3, 2, 4], True)
record("Dropout1d", [0.5], {}, [3, 4, 2], True)
record("Dropout2d", [0.5], {}, [3, 4, 2, 2], True)
record("Dropout3d", [0.5], {}, [2, 3, 2, 1, 2], True)
record("AlphaDropout", [0.4], {}, [2, 5])
record("FeatureAlphaDropout", [0.4], {}, [2, 4, 2, 3], True)
record("RReLU", [], {"lower": 0.1, "upper": 0.9}, [3, 5])
record("RReLU", [], {}, [2, 3, 2, 2], True)
record("LSTM", [2, 3], {"num_layers": 3, "dropout": 0.5, "batch_first": True}, [2, 4, 2])
record("GRU", [2, 3], {"num_layers": 2, "dropout": 0.3, "bidirectional": True}, [4, 2, 2])
record("MultiheadAttention", [4, 2], {"dropout": 0.4, "batch_first": True}, [2, 3, 4])
for norm_first in (False, True):
    record("TransformerEncoderLayer", [4, 2], {"dim_feedforward": 5, "dropout": 0.3, "norm_first": norm_first}, [3, 2, 4])
record("TransformerDecoderLayer", [4, 2], {"dim_feedforward": 5, "dropout": 0.2, "batch_first": True}, [2, 3, 4])

with open(sys.argv[1], "w") as file:
    json.dump({"versions": {"torch": torch.__version__.split("+")[0]}, "cases": cases}, file)
    file.write("\n")
