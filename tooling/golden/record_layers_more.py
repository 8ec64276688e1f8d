"""Records layers_more.json: layers and losses of PyTorch that losses_layers.json and modules.json leave out, in the format of `cases[]` there.

    python tooling/golden/record_layers_more.py tooling/golden/numerics/layers_more.json
"""
import base64
import json
import sys

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True, warn_only=True)  # max_unpool is, where windows do not overlap
generator = torch.Generator().manual_seed(20261126)
cases = []


def enc(x):
    x = x.detach().contiguous()
    kind = {torch.float32: "float32", torch.int64: "int64"}[x.dtype]
    return {"shape": list(x.shape), "dtype": kind, "data": base64.b64encode(x.numpy().tobytes()).decode()}


def randn(*shape):
    return torch.randn(*shape, generator=generator)


def rand(*shape):
    return torch.rand(*shape, generator=generator) * 0.9 + 0.05


def record(op, fn, inputs, args, differentiated=None):
    given = {k: v.clone() for k, v in inputs.items()}
    names = [k for k, v in given.items() if v.dtype == torch.float32] if differentiated is None else differentiated
    for name in names:
        given[name].requires_grad_(True)
    rest = {k: v for k, v in given.items() if k != "x"}
    y = fn(given["x"], **rest, **{k: tuple(v) if isinstance(v, list) else v for k, v in args.items()})
    dy = None if y.dim() == 0 else randn(*y.shape)
    (y if dy is None else (y * dy).sum()).backward()
    cases.append({
        "id": f"{len(cases):03d}-{op}", "op": op, "args": args, "inputs": {k: enc(v) for k, v in inputs.items()},
        "output": enc(y), "output_grad": None if dy is None else enc(dy), "grads": {k: enc(given[k].grad) for k in names}, "note": None,
    })


for groups, size, args in [
    (1, (2, 3, 2), {}), (2, (2, 2, 3), {"stride": [2, 1, 3], "padding": [1, 0, 1], "output_padding": [1, 0, 2]}),
    (2, (3, 2, 1), {"dilation": [2, 3, 1], "padding": 1}), (4, (2, 2, 2), {"stride": 2, "dilation": 2, "output_padding": 1}),
    (1, (1, 2, 2), {"stride": [3, 2, 1], "output_padding": [2, 1, 0]}), (1, (4, 1, 2), {"padding": [3, 0, 1], "stride": 2}),
]:
    inputs = {"x": randn(1, 4, 3, 2, 3), "weight": randn(4, 2, *size), **({"bias": randn(2 * groups)} if groups > 1 else {})}
    record("conv_transpose3d", F.conv_transpose3d, inputs, {**args, "groups": groups})
rounded = lambda *shape: torch.round(randn(*shape) * 1.5)
for size in (1, 2, 3, [2, None, 3], [None, 1, 4]):
    for kind, make in (("avg", randn), ("max", rounded)):
        record(f"adaptive_{kind}_pool3d", getattr(F, f"adaptive_{kind}_pool3d"), {"x": make(1, 2, 4, 3, 5)}, {"output_size": size})
    if isinstance(size, int):
        for kind, make in (("avg", randn), ("max", rounded)):
            record(f"adaptive_{kind}_pool1d", getattr(F, f"adaptive_{kind}_pool1d"), {"x": make(2, 2, 7)}, {"output_size": size})
S = {1: (2, 2, 7), 2: (1, 2, 5, 6), 3: (1, 1, 4, 5, 4)}
for n, shape in S.items():
    for p, args in ((2.0, {"kernel_size": 2}), (1.0, {"kernel_size": 3, "stride": 2, "ceil_mode": True}), (3.0, {"kernel_size": 2, "stride": 1})):
        record(f"lp_pool{n}d", getattr(F, f"lp_pool{n}d"), {"x": rand(*shape)}, {"norm_type": p, **args})
    for args in ({"kernel_size": 2}, {"kernel_size": 2, "stride": 3, "padding": 1}):  # of overlapping windows PyTorch leaves open which wins
        def unpool(x, n=n, **a):
            y, indices = getattr(F, f"max_pool{n}d_with_indices")(x, **a)
            return getattr(F, f"max_unpool{n}d")(y, indices, **a, output_size=x.shape[2:])
        record("max_unpool", unpool, {"x": randn(*shape)}, args)
    for size in (1, 2, 3, 5):
        record("local_response_norm", F.local_response_norm, {"x": randn(2, 4, *(2,) * n)}, {"size": size, "alpha": 0.5, "beta": 0.75 + 0.25 * n, "k": 1.5})
    for modes, corners in (({1: "linear", 2: "bilinear", 3: "trilinear"}[n], True), ("nearest-exact", None), ("area", None)):
        for to in ({"size": 3}, {"scale_factor": 1.7}):
            record("interpolate", F.interpolate, {"x": randn(1, 2, *(4, 5, 4)[:n])}, {"mode": modes, **to, **({"align_corners": True} if corners else {})})
    pads = [1, 2, 0, 1, 2, 1][: 2 * n]
    for mode in ("constant", "reflect", "replicate", "circular"):
        record("pad", F.pad, {"x": randn(1, 2, *(3, 4, 3)[:n])}, {"pad": pads, "mode": mode, **({"value": -1.5} if mode == "constant" else {})})
for factor in (0.6, 1.5):
    for corners in (False, True):
        record("interpolate", F.interpolate, {"x": randn(1, 2, 5, 4)}, {"mode": "bicubic", "scale_factor": factor, "align_corners": corners})
        record("interpolate", F.interpolate, {"x": randn(1, 2, 5, 4)}, {"mode": "bilinear", "scale_factor": factor, "align_corners": corners, "recompute_scale_factor": True})
for r in (1, 2, 3):
    record("pixel_shuffle", F.pixel_shuffle, {"x": randn(1, 2 * r * r, 2, 3)}, {"upscale_factor": r})
    record("pixel_unshuffle", F.pixel_unshuffle, {"x": randn(1, 2, 2 * r, r)}, {"downscale_factor": r})
    record("channel_shuffle", torch.channel_shuffle, {"x": randn(1, 6, 2, 2)}, {"groups": r})
for kernel, args in ((2, {}), ([3, 2], {"stride": [2, 1], "padding": [1, 0]}), (2, {"dilation": [2, 1], "padding": 1, "stride": 2})):
    image = randn(2, 2, 5, 6)
    tuples = {k: tuple(v) if isinstance(v, list) else v for k, v in args.items()}
    record("unfold", F.unfold, {"x": image}, {"kernel_size": kernel, **args})
    columns = F.unfold(image, tuple(kernel) if isinstance(kernel, list) else kernel, **tuples)
    record("fold", lambda x, **a: F.fold(x, **a), {"x": randn(*columns.shape)}, {"output_size": [5, 6], "kernel_size": kernel, **args})
for shape, eps in (([4], None), ([3], 1e-2), ([2, 3], 1e-5)):
    norm = lambda x, normalized_shape, weight=None, eps=None: F.rms_norm(x, normalized_shape, weight, eps)
    record("rms_norm", norm, {"x": randn(3, *shape), "weight": randn(*shape)}, {"normalized_shape": shape, "eps": eps})
    record("rms_norm", norm, {"x": randn(2, 2, *shape)}, {"normalized_shape": shape, "eps": eps})
pair = lambda f: lambda x, other, **a: f(x, other, **a)
for dim in (0, 1, -1):
    record("cosine_similarity", pair(F.cosine_similarity), {"x": randn(3, 4), "other": randn(3, 4)}, {"dim": dim, "eps": 1e-8})
for p, keepdim in ((2.0, False), (1.0, True), (3.0, False)):
    record("pairwise_distance", pair(F.pairwise_distance), {"x": randn(3, 4), "other": randn(3, 4)}, {"p": p, "eps": 1e-6, "keepdim": keepdim})
several = torch.tensor([[3, 0, -1, 1], [-1, 2, 2, 2], [1, 2, 3, 0], [2, -1, -1, -1]])
for reduction in ("mean", "sum", "none"):
    loss = lambda f: lambda x, target, **a: f(x, target, **a)
    record("multilabel_margin", loss(F.multilabel_margin_loss), {"x": randn(4, 4), "target": several}, {"reduction": reduction}, ["x"])
    binary = torch.randint(0, 2, (3, 5), generator=generator).float()
    record("multilabel_soft_margin", loss(F.multilabel_soft_margin_loss), {"x": randn(3, 5) * 3, "target": binary}, {"reduction": reduction}, ["x"])
    record("multilabel_soft_margin", loss(F.multilabel_soft_margin_loss), {"x": randn(3, 5), "target": binary, "weight": rand(5)}, {"reduction": reduction}, ["x"])
ties = lambda *shape: torch.randint(-1, 2, shape, generator=generator).float() * torch.randint(0, 2, shape, generator=generator).mul(2).sub(1)
for n, shape in S.items():
    for args in ({"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, {"kernel_size": 2, "stride": 1, "dilation": 2}):
        record(f"max_pool{n}d", getattr(F, f"max_pool{n}d"), {"x": ties(*shape)}, args)

with open(sys.argv[1], "w") as file:
    json.dump({"versions": {"torch": torch.__version__.split("+")[0]}, "cases": cases}, file)
    file.write("\n")
