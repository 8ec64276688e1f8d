"""Records layers.json: PyTorch's spatial layers and norms with initial weights, outputs and gradients.

    python tooling/golden/record_layers.py tooling/golden/numerics/layers.json

`cases[]`: the layer is made after manual_seed(seed) with `args` and `options`; `state` are its weights and buffers then; `output` and the
gradients of sum(output * output_grad) are of one training step on `x` (N, C, ...). `after` are the buffers afterwards.
"""
import base64
import json
import sys

import torch
from torch import nn

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
generator = torch.Generator().manual_seed(20261125)


def enc(x):
    x = x.detach().contiguous()
    kind = {torch.float32: "float32", torch.int64: "int64"}[x.dtype]
    return {"shape": list(x.shape), "dtype": kind, "data": base64.b64encode(x.numpy().tobytes()).decode()}


cases = []


def record(name, args, options, shape):
    seed = len(cases)
    torch.manual_seed(seed)
    layer = getattr(nn, name)(*args, **options)
    state = {k: enc(v) for k, v in layer.state_dict().items()}
    x = torch.randn(*shape, generator=generator, requires_grad=True)
    y = layer(x)
    dy = torch.randn(*y.shape, generator=generator)
    (y * dy).sum().backward()
    cases.append({
        "id": f"{len(cases):03d}-{name}", "layer": name, "args": args, "options": options, "seed": seed, "state": state,
        "x": enc(x), "output": enc(y), "output_grad": enc(dy), "x_grad": enc(x.grad),
        "state_grads": {k: enc(p.grad) for k, p in layer.named_parameters()},
        "after": {k: enc(v) for k, v in layer.named_buffers()},
    })


S1, S2, S3 = [1, 4, 9], [1, 4, 6, 5], [1, 2, 4, 5, 4]
for o in [{}, {"stride": 2, "padding": 1}, {"dilation": 2, "groups": 2}, {"groups": 4, "padding": "same"}, {"padding": 3, "padding_mode": "reflect"},
          {"stride": 2, "dilation": 3, "padding": 2, "bias": False}, {"padding": "same", "dilation": 2, "padding_mode": "circular"}]:
    record("Conv1d", [4, 8, 3], o, S1)
for k, o in [([3, 2], {"padding": "same"}), (4, {"padding": "same", "padding_mode": "replicate"}), (3, {"padding": [2, 1], "padding_mode": "reflect"}),
             (3, {"padding": 1, "padding_mode": "circular", "stride": 2}), (3, {"groups": 4, "dilation": 2, "padding": 2, "stride": 2}),
             (2, {"groups": 2, "stride": [1, 3], "padding": "valid"}), ([2, 3], {"dilation": [3, 1], "bias": False}), (1, {"stride": 2})]:
    record("Conv2d", [4, 4, k], o, S2)
for k, o in [(2, {}), ([2, 3, 2], {"stride": [2, 1, 2], "padding": 1}), (2, {"groups": 2, "dilation": 2}), (3, {"padding": "same"}),
             (3, {"padding": 1, "padding_mode": "replicate"})]:
    record("Conv3d", [2, 2, k], o, S3)
for k, o in [(3, {}), (4, {"stride": 2, "padding": 1}), (3, {"stride": 3, "output_padding": 2, "padding": 2}), (2, {"groups": 2, "dilation": 3, "output_padding": 2}), (3, {"groups": 4, "stride": 2})]:
    record("ConvTranspose1d", [4, 8, k], o, S1)
for k, o in [(3, {}), (4, {"stride": 2, "padding": 1}), ([3, 2], {"stride": [2, 3], "output_padding": [1, 2], "padding": [1, 0]}),
             (3, {"groups": 2, "dilation": 2, "padding": 1}), (4, {"groups": 4, "stride": 2, "padding": 1, "bias": False}),
             (3, {"groups": 4, "padding": 3, "stride": 2}), (2, {"stride": 1, "dilation": 3, "output_padding": 2})]:
    record("ConvTranspose2d", [4, 8, k], o, [1, 4, 4, 3])
for name, shape in [("BatchNorm1d", [6, 4]), ("BatchNorm1d", S1), ("BatchNorm2d", S2), ("BatchNorm3d", [2, 4, 2, 3, 2]), ("InstanceNorm1d", S1),
                    ("InstanceNorm2d", [2, 4, 3, 4]), ("InstanceNorm3d", [2, 4, 2, 3, 2])]:
    for o in [{}, {"affine": True, "track_running_stats": True, "momentum": 0.3, "eps": 1e-3}, {"affine": False, "momentum": None, "track_running_stats": True}]:
        record(name, [4], o, shape)
for g, o in [(1, {}), (2, {"eps": 1e-2}), (4, {"affine": False})]:
    record("GroupNorm", [g, 4], o, [2, 4, 3, 2])
    record("GroupNorm", [g, 4], o, S1)
S1, S2, S3 = [1, 2, 9], [1, 1, 7, 6], [1, 1, 4, 5, 4]  # small: the file is kept in the repository
for k, o in [(2, {}), (3, {"stride": 2, "padding": 1}), (3, {"stride": 2, "ceil_mode": True})]:
    for n, s in [(1, S1), (2, S2), (3, S3)]:
        record(f"MaxPool{n}d", [k], o, s)
        record(f"AvgPool{n}d", [k], {**o, "count_include_pad": False}, s)
        record(f"AvgPool{n}d", [k], {**o, **({"divisor_override": 5} if n > 1 else {})}, s)
record("MaxPool1d", [3], {"dilation": 2, "stride": 1, "padding": 1}, S1)
record("MaxPool2d", [[2, 3]], {"dilation": [3, 2], "ceil_mode": True}, S2)
record("MaxPool3d", [2], {"dilation": [2, 1, 2], "stride": 1}, S3)
for n, s, sizes in [(1, S1, (1, 4, 9)), (2, S2, (1, [3, 4], [None, 2]))]:
    for size in sizes:
        record(f"AdaptiveAvgPool{n}d", [size], {}, s)
        record(f"AdaptiveMaxPool{n}d", [size], {}, s)
for mode, s, n in [("nearest", S1, 1), ("nearest-exact", S1, 1), ("linear", S1, 1), ("area", S1, 1), ("nearest", S2, 2), ("nearest-exact", S2, 2),
                   ("bilinear", S2, 2), ("bicubic", S2, 2), ("area", S2, 2), ("nearest", S3, 3), ("nearest-exact", S3, 3), ("trilinear", S3, 3)]:
    small = {1: [5], 2: [5, 9], 3: [3, 7, 2]}[n]
    for o in [{"size": small}, {"scale_factor": 1.7}, {"scale_factor": 0.6}, {"scale_factor": 1.3, "recompute_scale_factor": True}]:
        record("Upsample", [], {**o, "mode": mode}, s)
    if "linear" in mode or mode == "bicubic":
        record("Upsample", [], {"size": small, "mode": mode, "align_corners": True}, s)
        record("Upsample", [], {"scale_factor": 1.7, "mode": mode, "align_corners": True}, s)
record("PixelShuffle", [2], {}, [1, 8, 2, 3])
record("PixelUnshuffle", [2], {}, [1, 2, 4, 6])
for kind, extra in [("Zero", []), ("Constant", [1.5]), ("Reflection", []), ("Replication", []), ("Circular", [])]:
    for n, s, p in [(1, S1, [2, 1]), (2, S2, [1, 2, 0, 3]), (3, S3, [1, 0, 2, 1, 0, 1])]:
        record(f"{kind}Pad{n}d", [p, *extra], {}, s)
        record(f"{kind}Pad{n}d", [1, *extra], {}, s)
record("ZeroPad2d", [[-1, 2, 1, -2]], {}, S2)

with open(sys.argv[1], "w") as file:
    json.dump({"torch": torch.__version__, "cases": cases}, file)
print(len(cases))
