"""Records optimizers over parameters of every layout (4-D, depthwise, transposed): values after every step, and `state_dict()` in the middle of
the run. References: torch.optim, timm (Lamb, Lars) and lion-pytorch. usage: python record_optim.py"""
import base64, json
from pathlib import Path

import lion_pytorch
import numpy as np
import timm
import torch
from timm.optim import Lamb, Lars

torch.set_num_threads(1)
STEPS, RESUME = 8, 4
PARAMS = [  # name, our layout, PyTorch's shape
    ("conv.weight", "oihw", (3, 2, 2, 3)),
    ("depthwise.weight", "odhw-depthwise", (4, 1, 2, 2)),
    ("up.weight", "iohw", (2, 3, 2, 2)),
    ("line.weight", "oiw", (3, 2, 4)),
    ("fc.weight", "same", (3, 4)),
    ("fc.bias", "same", (3,)),
]
MATRICES = [("a.weight", "same", (3, 5)), ("b.weight", "same", (5, 2)), ("c.weight", "same", (4, 4))]
CLASSES = {"LAMB": Lamb, "LARS": Lars, "Lion": lion_pytorch.Lion}


def encode(value):
    if not torch.is_tensor(value):
        return value
    array = value.detach().numpy()
    return {"shape": list(array.shape), "dtype": str(array.dtype), "data": base64.b64encode(array.tobytes()).decode()}


def plain(value):
    return [plain(each) for each in value] if isinstance(value, (list, tuple)) else encode(value)


def record(name, args, split, seed, orthogonal=None):
    generator = torch.Generator().manual_seed(seed)
    draw = lambda shape: torch.randn(shape, generator=generator)
    specs = MATRICES if name == "Muon" else PARAMS
    params = [torch.nn.Parameter(draw(shape)) for _, _, shape in specs]
    initial = [encode(p) for p in params]
    groups = [{"params": params}]
    if split:
        groups = [{"params": params[:2], "weight_decay": 0.05, "lr": 0.02}, {"params": params[2:]}]
    extra = {"max_grad_norm": None} if name == "LAMB" else {}
    optimizer = CLASSES.get(name, getattr(torch.optim, name, None))(groups, **args, **extra)
    case = {"optimizer": name, "args": args, "split": split, "precision": orthogonal,
            "params": [{"name": n, "layout": layout, "initial": at} for (n, layout, _), at in zip(specs, initial)],
            "grads": [], "params_after_step": []}
    module = __import__("torch.optim._muon", fromlist=["x"])
    bfloat16 = torch.bfloat16
    for step in range(STEPS):
        if step == RESUME:
            case["resume_at"] = step
            saved = optimizer.state_dict()
            case["state_dict"] = {
                "state": {str(i): {k: encode(v) for k, v in slots.items()} for i, slots in saved["state"].items()},
                "param_groups": [{k: plain(v) for k, v in group.items()} for group in saved["param_groups"]],
            }
        grads = [draw(p.shape) for p in params]
        case["grads"].append([encode(g) for g in grads])
        for p, g in zip(params, grads):
            p.grad = g.clone()
        if orthogonal == "float32":
            module.torch.bfloat16 = torch.float32
        try:
            optimizer.step()
        finally:
            module.torch.bfloat16 = bfloat16
        case["params_after_step"].append([encode(p) for p in params])
    return case


CASES = [
    ("SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.01}),
    ("SGD", {"lr": 0.05}),
    ("Adam", {"lr": 0.02, "amsgrad": True, "weight_decay": 0.02}),
    ("AdamW", {"lr": 0.02, "betas": (0.8, 0.95)}),
    ("Adamax", {"lr": 0.02}),
    ("NAdam", {"lr": 0.02, "momentum_decay": 0.01}),
    ("RAdam", {"lr": 0.02, "betas": (0.9, 0.99)}),
    ("Adagrad", {"lr": 0.05, "initial_accumulator_value": 0.2, "lr_decay": 0.1}),
    ("Adadelta", {"lr": 0.5}),
    ("RMSprop", {"lr": 0.01, "centered": True, "momentum": 0.5}),
    ("ASGD", {"lr": 0.05, "t0": 2}),
    ("Rprop", {"lr": 0.02}),
    ("Adafactor", {"lr": 0.02}),
    ("Adafactor", {"lr": 0.05, "d": 1.3, "weight_decay": 0.05, "beta2_decay": -0.7}),
    ("Lion", {"lr": 0.01}),
    ("Lion", {"lr": 0.01, "betas": (0.8, 0.95), "weight_decay": 0.1}),
    ("LAMB", {"lr": 0.02}),
    ("LAMB", {"lr": 0.02, "bias_correction": False, "trust_clip": True, "always_adapt": True, "weight_decay": 0.0}),
    ("LAMB", {"lr": 0.02, "grad_averaging": False, "decoupled_decay": True, "weight_decay": 0.1}),
    ("LARS", {"lr": 0.5, "momentum": 0.9, "weight_decay": 0.01}),
    ("LARS", {"lr": 0.5, "trust_clip": True, "always_adapt": True}),
    ("LARS", {"lr": 0.5, "momentum": 0.8, "nesterov": True, "weight_decay": 0.02, "trust_coeff": 0.01}),
]
MUON = [{"lr": 0.02}, {"lr": 0.02, "nesterov": False, "adjust_lr_fn": "match_rms_adamw", "weight_decay": 0.0},
        {"lr": 0.05, "momentum": 0.8, "ns_steps": 3, "adjust_lr_fn": "spectral_unclamped"}]

cases = [record(name, args, False, i) for i, (name, args) in enumerate(CASES)]
cases += [record("AdamW", {"lr": 0.01}, True, 100), record("SGD", {"lr": 0.1, "momentum": 0.5}, True, 101)]
cases += [record("Muon", args, False, 200 + i, precision) for i, args in enumerate(MUON) for precision in ("float32", "bfloat16")]
target = Path(__file__).parent / "numerics" / "optim_more.json"
target.write_text(json.dumps({
    "versions": {"torch": torch.__version__.split("+")[0], "timm": timm.__version__, "lion_pytorch": "0.2.5"},
    "cases": cases,
}))
print(target, len(cases), "cases", target.stat().st_size, "bytes")
