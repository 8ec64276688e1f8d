"""Records modules.json: losses, activations and modules of PyTorch with outputs, gradients and initial weights.

    python tooling/golden/record_modules.py tooling/golden/numerics/modules.json

`cases[]` are in the format of losses_layers.json. `modules[]`: a module made after manual_seed(seed) with `args` and `options`;
`init` is the SHA-256 of its weights in order; then every weight is set to `state`; `inputs` are positional (null for none),
`call` keyword arguments; `outputs` in order, nested tuples flattened; gradients of sum(output * output_grad) over all outputs.
"""
import base64
import hashlib
import json
import sys

import torch
import torch.nn.functional as F
from torch import nn

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)
generator = torch.Generator().manual_seed(20261125)


def enc(x):
    x = x.detach().contiguous()
    kind = {torch.float32: "float32", torch.int64: "int64", torch.bool: "bool"}[x.dtype]
    return {"shape": list(x.shape), "dtype": kind, "data": base64.b64encode(x.numpy().tobytes()).decode()}


def randn(*shape):
    return torch.randn(*shape, generator=generator)


def rand(*shape):
    return torch.rand(*shape, generator=generator) * 0.9 + 0.05


def labels(high, *shape):
    return torch.randint(0, high, shape, generator=generator)


def signs(*shape):
    return torch.randint(0, 2, shape, generator=generator).float() * 2 - 1


cases = []


def record(op, fn, inputs, args, operands, differentiated, note=None):
    given = {k: v.clone() for k, v in inputs.items()}
    for name in differentiated:
        given[name].requires_grad_(True)
    y = fn(*[given[k] for k in operands], **{k: v for k, v in given.items() if k not in operands}, **args)
    dy = None if y.dim() == 0 else randn(*y.shape)
    (y if dy is None else (y * dy).sum()).backward()
    cases.append({
        "id": f"{len(cases):03d}-{op}", "op": op, "args": args,
        "inputs": {k: enc(v) for k, v in inputs.items()},
        "output": enc(y), "output_grad": None if dy is None else enc(dy),
        "grads": {k: enc(given[k].grad) for k in differentiated}, "note": note,
    })


REDUCTIONS = ("mean", "sum", "none")


def pair(op, fn, make, variants, grads=("x", "target"), operands=("x", "target")):
    for reduction in REDUCTIONS:
        for args, extra in variants:
            inputs = make()
            inputs.update({k: f() for k, f in extra.items()})
            record(op, fn, inputs, {"reduction": reduction, **args}, operands, [g for g in grads if g in inputs])


def near():
    """Numbers and targets, some equal, some just as far apart as bends are."""
    x, t = randn(3, 5), randn(3, 5)
    t[0, :4] = x[0, :4] - torch.tensor([0.0, 1.0, -1.0, 0.5])
    return {"x": x, "target": t}


weight = {"weight": lambda: rand(3, 5)}
pair("mse", F.mse_loss, near, [({}, weight)])
pair("l1", F.l1_loss, near, [({}, {}), ({}, weight)])
pair("smooth_l1", F.smooth_l1_loss, near, [({"beta": 1.0}, {}), ({"beta": 0.5}, {}), ({"beta": 0.0}, {})])
pair("huber", F.huber_loss, near, [({"delta": 1.0}, {}), ({"delta": 0.5}, weight)])
probabilities = lambda: {"x": torch.cat([rand(3, 4), torch.tensor([[0.0], [1.0], [1.0]])], 1), "target": torch.cat([rand(3, 4), torch.tensor([[0.0], [0.0], [1.0]])], 1)}
pair("bce", F.binary_cross_entropy, probabilities, [({}, {}), ({}, {"weight": lambda: rand(5)})], grads=("x",))
logits = lambda: {"x": torch.cat([randn(3, 4) * 3, torch.tensor([[100.0], [-100.0], [0.0]])], 1), "target": rand(3, 5)}
pair("bce_with_logits", F.binary_cross_entropy_with_logits, logits, [({}, {}), ({}, {"weight": lambda: rand(5), "pos_weight": lambda: rand(5) * 3})], grads=("x",))


def focal(x, target, gamma, alpha, reduction):
    """torchvision.ops.sigmoid_focal_loss"""
    p = torch.sigmoid(x)
    ce = F.binary_cross_entropy_with_logits(x, target, reduction="none")
    p_t = p * target + (1 - p) * (1 - target)
    loss = ce * (1 - p_t) ** gamma
    if alpha >= 0:
        loss = (alpha * target + (1 - alpha) * (1 - target)) * loss
    return {"mean": loss.mean, "sum": loss.sum, "none": lambda: loss}[reduction]()


pair("sigmoid_focal", focal, lambda: {"x": randn(3, 5) * 2, "target": labels(2, 3, 5).float()}, [({"gamma": 2.0, "alpha": 0.25}, {}), ({"gamma": 0.0, "alpha": -1.0}, {}), ({"gamma": 0.5, "alpha": 0.5}, {})], grads=("x",))


def dice(x, target, sigmoid, naive, eps, reduction):
    """mmdet.models.losses.dice_loss"""
    p = (x.sigmoid() if sigmoid else x).flatten(1)
    t = target.flatten(1)
    a = (p * t).sum(1)
    if naive:
        d = (2 * a + eps) / (p.sum(1) + t.sum(1) + eps)
    else:
        d = 2 * a / ((p * p).sum(1) + eps + (t * t).sum(1) + eps)
    loss = 1 - d
    return {"mean": loss.mean, "sum": loss.sum, "none": lambda: loss}[reduction]()


pair("dice", dice, lambda: {"x": rand(3, 2, 4), "target": labels(2, 3, 2, 4).float()}, [({"sigmoid": s, "naive": n, "eps": 1e-3}, {}) for s in (True, False) for n in (True, False)], grads=("x",))


def kl_target():
    t = torch.softmax(randn(3, 5), 1)
    t[0, 2] = 0
    return {"x": torch.log_softmax(randn(3, 5), 1), "target": t}


for reduction in (*REDUCTIONS, "batchmean"):
    record("kl_div", F.kl_div, kl_target(), {"reduction": reduction}, ("x", "target"), ["x"])
    record("kl_div", F.kl_div, {"x": torch.log_softmax(randn(3, 5), 1), "target": torch.log_softmax(randn(3, 5), 1)}, {"reduction": reduction, "log_target": True}, ("x", "target"), ["x", "target"])

scores = lambda: {"x": randn(4, 5), "target": labels(5, 4)}
dense = lambda: {"x": randn(2, 4, 3, 2), "target": labels(4, 2, 3, 2)}
per_class = lambda n: {"weight": lambda: rand(n) * 2}
pair("cross_entropy", F.cross_entropy, dense, [({"label_smoothing": 0.1, "ignore_index": 1}, per_class(4)), ({"label_smoothing": 1.0}, {})], grads=("x",))
pair("cross_entropy_prob", F.cross_entropy, lambda: {"x": randn(2, 4, 3), "target": torch.softmax(randn(2, 4, 3), 1)}, [({}, {}), ({"label_smoothing": 0.2}, per_class(4))], grads=("x",))
pair("nll", F.nll_loss, lambda: {"x": torch.log_softmax(randn(4, 5), 1), "target": labels(5, 4)}, [({"ignore_index": 2}, per_class(5))], grads=("x",))
pair("nll", F.nll_loss, lambda: {"x": torch.log_softmax(randn(2, 4, 3), 1), "target": labels(4, 2, 3)}, [({}, {})], grads=("x",))


def impossible():
    x = randn(3, 5)
    x[:, 3] = -torch.inf
    x[1, 0] = -torch.inf
    return {"x": x, "target": torch.tensor([0, 2, 4])}


pair("cross_entropy", F.cross_entropy, impossible, [({}, {})], grads=("x",))
pair("cross_entropy", F.cross_entropy, lambda: {"x": randn(3, 5), "target": torch.full((3,), -100)}, [({}, {})], grads=("x",))
pair("nll", F.nll_loss, lambda: {"x": torch.log_softmax(impossible()["x"], 1), "target": torch.tensor([0, 2, 4])}, [({}, {})], grads=("x",))
pair("multi_margin", F.multi_margin_loss, scores, [({}, {}), ({"p": 2, "margin": 0.5}, per_class(5))], grads=("x",))
pair("hinge_embedding", F.hinge_embedding_loss, lambda: {"x": rand(3, 5) * 2, "target": signs(3, 5)}, [({}, {}), ({"margin": 0.4}, {})], grads=("x",))
pair("soft_margin", F.soft_margin_loss, lambda: {"x": randn(3, 5), "target": signs(3, 5)}, [({}, {})], grads=("x",))
counts = lambda: {"x": rand(3, 5) * 4, "target": labels(6, 3, 5).float()}
pair("poisson_nll", F.poisson_nll_loss, counts, [({"log_input": l, "full": f}, {}) for l in (True, False) for f in (True, False)], grads=("x",))
normal = lambda v: lambda: {"x": randn(3, 5), "target": randn(3, 5), "var": v()}
for var in (lambda: rand(3, 5), lambda: rand(3), lambda: rand(3, 1), lambda: torch.tensor([[1e-7, 0.2, 0.3, 0.4, 0.5]] * 3)):
    pair("gaussian_nll", F.gaussian_nll_loss, normal(var), [({"full": True}, {})], grads=("x", "target", "var"), operands=("x", "target", "var"))
triple = ("x", "other", "target")
pair("margin_ranking", F.margin_ranking_loss, lambda: {"x": randn(6), "other": randn(6), "target": signs(6)}, [({}, {}), ({"margin": 0.3}, {})], grads=("x", "other"), operands=triple)
pair("cosine_embedding", F.cosine_embedding_loss, lambda: {"x": randn(5, 4), "other": randn(5, 4), "target": signs(5)}, [({}, {}), ({"margin": 0.2}, {})], grads=("x", "other"), operands=triple)
names = ("x", "positive", "negative")
pair("triplet_margin", F.triplet_margin_loss, lambda: {k: randn(5, 4) for k in names}, [({}, {}), ({"margin": 2.0, "swap": True}, {}), ({"p": 1.0}, {}), ({"p": 3.0, "eps": 1e-4}, {})], grads=names, operands=names)


def ctc(steps, batch, classes, lengths, targets):
    def make():
        t = labels(classes - 1, batch, max(targets)) + 1
        t[0, 1] = t[0, 0]
        return {"x": torch.log_softmax(randn(steps, batch, classes), 2), "target": t, "input_lengths": torch.tensor(lengths), "target_lengths": torch.tensor(targets)}
    return make


four = ("x", "target", "input_lengths", "target_lengths")
pair("ctc", F.ctc_loss, ctc(7, 3, 5, [7, 5, 6], [3, 2, 3]), [({}, {})], grads=("x",), operands=four)
pair("ctc", F.ctc_loss, ctc(4, 2, 4, [4, 2], [2, 3]), [({"zero_infinity": True}, {})], grads=("x",), operands=four)
pair("ctc", lambda *a, blank, **k: F.ctc_loss(*a, blank=blank, **k), lambda: {**ctc(6, 2, 5, [6, 6], [2, 1])(), "target": labels(4, 2, 2)}, [({"blank": 4}, {})], grads=("x",), operands=four)

KINKS = torch.tensor([-7.0, -6, -3, -2, -1, -0.5, -0.3, -0.0, 0, 0.25, 0.3, 0.5, 1, 2, 3, 6, 25, -25, 0.7, -1.3])
for name, fn, args in [
    ("elu", F.elu, {"alpha": 1.7}), ("celu", F.celu, {"alpha": 0.4}), ("hardtanh", F.hardtanh, {"min_val": -0.5, "max_val": 2.0}),
    ("softplus", F.softplus, {"beta": 3.0, "threshold": 1.5}), ("hardshrink", F.hardshrink, {"lambd": 0.5}),
    ("softshrink", F.softshrink, {"lambd": 0.3}), ("tanhshrink", F.tanhshrink, {}), ("threshold", F.threshold, {"threshold": 0.25, "value": -4.0}),
    ("leaky_relu", F.leaky_relu, {"negative_slope": 0.0}), ("relu6", F.relu6, {}), ("hardswish", F.hardswish, {}), ("hardsigmoid", F.hardsigmoid, {}),
    ("logsigmoid", F.logsigmoid, {}), ("mish", F.mish, {}), ("silu", F.silu, {}), ("softsign", F.softsign, {}), ("selu", F.selu, {}), ("gelu", F.gelu, {}),
]:
    ours = {{"lambd": "lambda"}.get(k, k): v for k, v in args.items()}
    record("activation", lambda x, fn=fn, args=args, **_: fn(x, **args), {"x": KINKS}, {"name": name, **ours}, ("x",), ["x"])
record("activation", lambda x, name, dim: F.glu(x, dim), {"x": randn(3, 4, 5)}, {"name": "glu", "dim": 1}, ("x",), ["x"])
record("activation", lambda x, name, dim: F.softmin(x, dim), {"x": randn(3, 4, 5)}, {"name": "softmin", "dim": 1}, ("x",), ["x"])

modules = []


def flatten(value):
    if value is None:
        return []
    return [value] if isinstance(value, torch.Tensor) else [leaf for item in value for leaf in flatten(item)]


def module(name, args, options, inputs, call=None, note=None, cls=None, training=True, build=None):
    seed = 100 + len(modules)
    torch.manual_seed(seed)
    m = build() if build else (cls or getattr(nn, name))(*args, **options)
    m.train(training)
    init = hashlib.sha256(b"".join(v.numpy().tobytes() for v in m.state_dict().values())).hexdigest()
    with torch.no_grad():
        for p in m.parameters():
            p += randn(*p.shape) * 0.1
    state = {k: enc(v) for k, v in m.state_dict().items()}
    given = [None if x is None else x.clone() for x in inputs]
    floats = [x for x in given if x is not None and x.dtype == torch.float32]
    for x in floats:
        x.requires_grad_(True)
    nested = lambda xs: tuple(xs) if isinstance(xs, list) else xs
    y = flatten(m(*nested(pack(name, given)), **(call or {})))
    dy = [randn(*each.shape) for each in y]
    sum((a * b).sum() for a, b in zip(y, dy)).backward()
    modules.append({
        "id": f"m{len(modules):02d}-{name}", "module": name, "args": list(args), "options": options, "training": training, "seed": seed,
        "init": init, "state": state, "inputs": [None if x is None else enc(x) for x in inputs],
        "call": {k: enc(v) if isinstance(v, torch.Tensor) else v for k, v in (call or {}).items()},
        "outputs": [enc(v) for v in y], "output_grads": [enc(v) for v in dy],
        "input_grads": [None if x is None or x.grad is None else enc(x.grad) for x in given],
        "state_grads": {k: enc(v.grad) for k, v in m.named_parameters() if v.grad is not None}, "note": note,
    })


def pack(name, given):
    """LSTMs take their two states as a pair."""
    return [given[0], tuple(given[1:])] if name in ("LSTM", "LSTMCell") and len(given) == 3 else given


for name, extra in (("LSTM", [{}, {"proj_size": 2}]), ("GRU", [{}]), ("RNN", [{"nonlinearity": "relu"}, {}])):
    for options in extra:
        out = options.get("proj_size", 4)
        module(name, (3, 4), {**options}, [randn(5, 2, 3)])
        module(name, (3, 4), {"num_layers": 2, "bidirectional": True, "batch_first": True, **options}, [randn(2, 5, 3), randn(4, 2, out), *([randn(4, 2, 4)] if name == "LSTM" else [])])
        module(name, (3, 4), {"bias": False, **options}, [randn(5, 3), randn(1, out), *([randn(1, 4)] if name == "LSTM" else [])], note="unbatched")
for name in ("LSTMCell", "GRUCell", "RNNCell"):
    module(name, (3, 4), {}, [randn(2, 3)])
    module(name, (3, 4), {"bias": False}, [randn(3), randn(4), *([randn(4)] if name == "LSTMCell" else [])], note="unbatched")
module("RNNCell", (3, 4), {"nonlinearity": "relu"}, [randn(2, 3), randn(2, 4)])

A = "MultiheadAttention"
padding = torch.tensor([[False, False, True, False, False], [False, True, False, False, True]])
module(A, (4, 2), {}, [randn(3, 2, 4)] * 3, {"need_weights": True})
module(A, (4, 2), {"batch_first": True}, [randn(2, 3, 4), randn(2, 5, 4), randn(2, 5, 4)], {"key_padding_mask": padding, "need_weights": True, "average_attn_weights": False})
module(A, (4, 2), {"kdim": 3, "vdim": 5, "bias": False}, [randn(3, 2, 4), randn(5, 2, 3), randn(5, 2, 5)], {"attn_mask": randn(3, 5), "need_weights": False})
module(A, (4, 2), {"kdim": 3}, [randn(3, 4), randn(5, 3), randn(5, 4)], {"attn_mask": rand(3, 5) > 0.8}, note="unbatched")
module(A, (6, 3), {"add_bias_kv": True, "add_zero_attn": True}, [randn(3, 2, 6), randn(5, 2, 6), randn(5, 2, 6)], {"key_padding_mask": padding, "attn_mask": randn(6, 3, 5) > 1.0, "need_weights": True})
module(A, (4, 2), {}, [randn(5, 2, 4)] * 3, {"attn_mask": nn.Transformer.generate_square_subsequent_mask(5), "key_padding_mask": torch.where(padding, -torch.inf, 0.0), "need_weights": True})
module(A, (4, 1), {"add_bias_kv": True}, [randn(5, 2, 4)] * 3, {"attn_mask": torch.ones(5, 5, dtype=torch.bool).triu(1), "is_causal": True, "need_weights": True})

small = {"dim_feedforward": 5, "dropout": 0.0}
causal = torch.ones(3, 3, dtype=torch.bool).triu(1)
E, D = "TransformerEncoderLayer", "TransformerDecoderLayer"
module(E, (4, 2), small, [randn(3, 2, 4)])
module(E, (4, 2), {**small, "norm_first": True, "activation": "gelu", "batch_first": True, "layer_norm_eps": 1e-3}, [randn(2, 5, 4)], {"src_key_padding_mask": padding})
module(E, (4, 2), {**small, "bias": False}, [randn(3, 2, 4)], {"src_mask": causal, "is_causal": True})
module(D, (4, 2), small, [randn(3, 2, 4), randn(5, 2, 4)], {"tgt_mask": causal, "memory_key_padding_mask": padding})
module(D, (4, 2), {**small, "norm_first": True, "activation": "gelu", "batch_first": True}, [randn(2, 3, 4), randn(2, 5, 4)], {"memory_mask": rand(3, 5) > 0.8})
module("TransformerEncoder", (4, 2, 2), {**small, "final_norm": True}, [randn(3, 2, 4)], {"mask": causal},
       build=lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, **small), 2, nn.LayerNorm(4), enable_nested_tensor=False))
module("TransformerDecoder", (4, 2, 2), {**small, "final_norm": False}, [randn(3, 2, 4), randn(5, 2, 4)], {"tgt_mask": causal},
       build=lambda: nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2, **small), 2))
whole = {"d_model": 4, "nhead": 2, "num_encoder_layers": 2, "num_decoder_layers": 1, **small}
module("Transformer", (), {**whole, "norm_first": True}, [randn(5, 2, 4), randn(3, 2, 4)], {"tgt_mask": nn.Transformer.generate_square_subsequent_mask(3), "src_key_padding_mask": padding, "memory_key_padding_mask": padding})

index = torch.tensor([[1, 4, 1], [0, 3, 2]])
module("Embedding", (6, 3), {"padding_idx": -2}, [index])
module("Embedding", (6, 3), {"scale_grad_by_freq": True}, [index])
module("Embedding", (6, 3), {"max_norm": 1.0}, [index])
module("Embedding", (6, 3), {"max_norm": 0.8, "norm_type": 1.0, "padding_idx": 1}, [index])
for mode in ("sum", "mean", "max"):
    module("EmbeddingBag", (6, 3), {"mode": mode, "padding_idx": 1}, [index])
module("EmbeddingBag", (6, 3), {"mode": "sum"}, [index, None, randn(2, 3)])
module("Bilinear", (3, 4, 2), {}, [randn(5, 3), randn(5, 4)])
module("Bilinear", (3, 4, 2), {"bias": False}, [randn(2, 3, 3), randn(2, 3, 4)])

with open(sys.argv[1], "w") as file:
    json.dump({"versions": {"torch": torch.__version__.split("+")[0]}, "cases": cases, "modules": modules}, file)
    file.write("\n")
