"""Records torch.amp.GradScaler: how its scale moves, and trainings with overflows, for packages/optim/src/golden-grad-scaler.test.ts.

    python tooling/golden/record_grad_scaler.py tooling/golden/numerics/grad_scaler.json   # needs torch

The order of calls is that of MMEngine's AmpOptimWrapper: divide by the accumulation factor, scale, differentiate; at the end of a window
unscale (where gradients are clipped), clip, step, update. Everything is float32: the scaler does not mind what made a gradient overflow.
"""
import base64, json, math, sys
import torch

torch.set_num_threads(1)
torch.manual_seed(11)


def enc(t):
    a = t.detach().contiguous().numpy().copy()
    return {'shape': list(a.shape), 'dtype': str(a.dtype), 'data': base64.b64encode(a.tobytes()).decode()}


def num(x):
    return x if math.isfinite(x) else 'NaN' if math.isnan(x) else 'Infinity'


def scaler_of(options):
    if isinstance(options, (int, float)):
        return torch.amp.GradScaler('cpu', init_scale=options), float(options)
    return torch.amp.GradScaler('cpu', **options), None


def movement(name, options, overflows):
    scaler, fixed = scaler_of(options)
    p = torch.nn.Parameter(torch.ones(1))
    opt = torch.optim.SGD([p], lr=0.0)
    trace = []
    for overflow in overflows:
        scaler.scale(torch.ones(1))
        p.grad = torch.tensor([math.inf if overflow else 1.0])
        scaler.step(opt)
        scaler.update(fixed)
        trace.append([scaler.get_scale(), scaler.state_dict().get('_growth_tracker', 0)])
    return {'id': name, 'options': options, 'overflows': overflows, 'trace': trace, 'state': scaler.state_dict()}


def training(name, options, make, args, factors, accumulate=1, max_norm=None):
    scaler, fixed = scaler_of(options)
    weight = torch.nn.Parameter(torch.randn(2, 3))
    bias = torch.nn.Parameter(torch.randn(2))
    opt = make([weight, bias], **args)
    case = {'id': name, 'options': options, 'optimizer': make.__name__, 'args': args, 'accumulate': accumulate, 'max_norm': max_norm,
            'weight': enc(weight), 'bias': enc(bias), 'factors': [num(f) for f in factors], 'trace': []}
    x, y = torch.randn(len(factors), 4, 3), torch.randn(len(factors), 4, 2)
    case.update(x=enc(x), y=enc(y))
    steps = []
    opt.register_step_post_hook(lambda *_: steps.append(1))
    for i, factor in enumerate(factors):
        loss = ((x[i] @ weight.T + bias - y[i]) ** 2).mean()
        scaler.scale(loss * factor / accumulate).backward()
        item = {'loss': num((loss * factor).item()), 'grad_norm': None, 'skipped': None}
        if (i + 1) % accumulate == 0:
            if max_norm is not None:
                scaler.unscale_(opt)
                item['grad_norm'] = num(torch.nn.utils.clip_grad_norm_([weight, bias], max_norm).item())
            before = len(steps)
            scaler.step(opt)
            scaler.update(fixed)
            item['skipped'] = len(steps) == before
            opt.zero_grad()
        item.update(scale=scaler.get_scale(), weight=enc(weight), bias=enc(bias))
        case['trace'].append(item)
    names = {id(weight): 'weight', id(bias): 'bias'}
    case['state'] = {f'{slot}/{names[id(p)]}': enc(torch.as_tensor(v)) for p, s in opt.state.items() for slot, v in s.items() if v is not None}
    return case


F, T = False, True
inf, nan = math.inf, math.nan
O = torch.optim
json.dump({
    'versions': {'torch': torch.__version__},
    'movements': [
        movement('defaults', {}, [F, T, F, T, T, F]),
        movement('grows', {'init_scale': 3.0, 'growth_interval': 2}, [F, F, F, T, F, F, F, F, T, T, F, F]),
        movement('odd factors', {'init_scale': 1000.1, 'growth_factor': 1.37, 'backoff_factor': 0.3, 'growth_interval': 1}, [F, F, T, F, T, F, F]),
        movement('stops below infinity', {'init_scale': 1e38, 'growth_interval': 1}, [F, F, F, F, T, F]),
        movement('fixed', 512.0, [F, T, F, T, T, F]),
        movement('fixed, not a float32', 0.1, [F, T, F]),
    ],
    'trainings': [
        training('SGD', {}, O.SGD, {'lr': 0.1, 'momentum': 0.9}, [1, 1, 1e34, 1, 1, nan, 1]),
        training('SGD, first update skipped', {'init_scale': 1024.0}, O.SGD, {'lr': 0.1, 'momentum': 0.9, 'dampening': 0.5}, [inf, 1, 1, 1]),
        training('Adam, clipped', {'growth_interval': 2}, O.Adam, {'lr': 0.05}, [1, 1e34, 1, 1, 1e34, nan, 1, 1], max_norm=0.7),
        training('AdamW, fixed', 128.0, O.AdamW, {'lr': 0.05, 'weight_decay': 0.1}, [nan, 1, nan, 1, 1, 1e37, 1, 1]),
        training('NAdam, accumulated', {'init_scale': 2.0 ** 20}, O.NAdam, {'lr': 0.05}, [1, 1, 1, 1e34, 1, 1, nan, 1, 1, 1], accumulate=2),
        training('RAdam, accumulated, clipped', {'growth_interval': 1}, O.RAdam, {'lr': 0.05}, [1, 1, 1, 1, 1, nan, 1, 1, 1, 1e34, 1, 1, 1, 1, 1, 1, 1, 1], accumulate=3, max_norm=0.5),
        training('ASGD', {}, O.ASGD, {'lr': 0.05, 't0': 2}, [1, 1, nan, 1, 1]),
        training('disabled', {'enabled': False}, O.SGD, {'lr': 0.1}, [1, 2, 1], max_norm=0.5),
    ],
}, open(sys.argv[1], 'w'), separators=(',', ':'))
