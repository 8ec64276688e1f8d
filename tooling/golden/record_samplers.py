"""Records PyTorch's and MMEngine's draws that `samplers.json` does not hold, in its format.

    python tooling/golden/record_samplers.py tooling/golden/numerics/samplers_more.json   # needs torch and mmengine
"""
import base64, json, sys
import mmengine, numpy, torch
from mmengine.model.weight_init import caffe2_xavier_init, trunc_normal_ as mmengine_trunc_normal_
from torch import nn

torch.set_num_threads(1)


def enc(t):
    a = t.detach().contiguous().numpy()
    return {'shape': list(a.shape), 'dtype': str(a.dtype), 'data': base64.b64encode(a.tobytes()).decode()}


def init(i, kind, shape, args):
    seed = 1000 + i
    torch.manual_seed(seed)
    w = torch.empty(*shape)
    if kind == 'trunc_normal_mmengine':
        mmengine_trunc_normal_(w, **args)
    elif kind == 'caffe2_xavier':
        m = nn.Module(); m.weight = nn.Parameter(w); caffe2_xavier_init(m); w = m.weight
    else:
        getattr(nn.init, kind.replace('_torch', '') + '_')(w, **args)
    return {'id': f'more-{i:02d}-{kind}', 'kind': kind, 'shape': list(shape), 'args': args, 'seed': seed, 'values': enc(w)}


INITS = [
    ('orthogonal', (5, 3), {}), ('orthogonal', (3, 5), {'gain': 1.7}), ('orthogonal', (4, 2, 3, 3), {}), ('orthogonal', (6, 6), {}),
    ('orthogonal', (1, 1), {}), ('dirac', (4, 3, 3), {}), ('dirac', (6, 2, 3, 5), {'groups': 3}), ('dirac', (2, 5, 3, 2, 3), {}),
    ('eye', (3, 5), {}), ('eye', (4, 2), {}), ('sparse', (7, 4), {'sparsity': 0.3}), ('sparse', (20, 3), {'sparsity': 0.5, 'std': 0.7}),
    ('ones', (2, 3), {}), ('zeros', (2, 3), {}), ('constant', (2, 3), {'val': 0.37}), ('caffe2_xavier', (4, 3, 3, 3), {}),
    ('trunc_normal_torch', (5, 8), {'mean': 0.0, 'std': 1.0, 'a': 1.5, 'b': 2.5}),
    ('trunc_normal_torch', (64,), {'mean': 0.2, 'std': 2.0, 'a': -0.3, 'b': 0.4}),
    ('trunc_normal_torch', (3, 4), {'mean': -1.0, 'std': 0.5, 'a': 0.1, 'b': 0.3}),
    ('trunc_normal_mmengine', (6, 7), {'mean': 0.0, 'std': 1.0, 'a': 1.5, 'b': 2.5}),
    ('kaiming_normal', (4, 6), {'a': 0.3, 'mode': 'fan_out', 'nonlinearity': 'leaky_relu'}),
    ('kaiming_uniform', (4, 6), {'mode': 'fan_in', 'nonlinearity': 'tanh'}),
    ('kaiming_uniform', (4, 6, 3), {'nonlinearity': 'selu'}), ('kaiming_normal', (4, 6), {'nonlinearity': 'sigmoid'}),
    ('kaiming_uniform', (4, 6), {'nonlinearity': 'conv2d'}), ('xavier_normal', (4, 6, 2, 2, 2), {'gain': 0.5}),
]


def op(kind, **args):
    if kind == 'bernoulli_tensor':
        p = torch.linspace(0, 1, args['n'], dtype=getattr(torch, args['dtype']))
        return {'op': kind, 'shape': [args['n']], 'dtype': args['dtype'], 'probs': enc(p), 'values': enc(torch.bernoulli(p))}
    if kind == 'randint':
        v = torch.randint(args['low'], args['high'], (args['n'],))
        return {'op': kind, 'low': args['low'], 'high': args['high'], 'shape': [args['n']], 'values': v.tolist()}
    if kind == 'randperm':
        return {'op': kind, 'shape': [], 'n': args['n'], 'values': torch.randperm(args['n']).tolist()}
    t = torch.empty(args['n'], dtype=getattr(torch, args.get('dtype', 'float32')))
    pos = {k: v for k, v in args.items() if k not in ('n', 'dtype')}
    return {'op': kind, 'shape': [args['n']], 'dtype': args.get('dtype', 'float32'), **pos, 'values': enc(getattr(t, kind)(*pos.values()))}


def stream(i, ops):
    torch.manual_seed(2000 + i)
    done = [op(kind, **args) for kind, args in ops]
    return {'id': f'more-stream-{i}', 'seed': 2000 + i, 'ops': done, 'next_raw': next_raw()}


def next_raw():
    """The next 32-bit output: in twos they make 64-bit draws, high half first, of which a signed full-range draw keeps every bit."""
    return (int(torch.empty((), dtype=torch.int64).random_(-2 ** 63, None)) >> 32) & 0xffffffff


STREAMS = [
    [('bernoulli_tensor', dict(n=9, dtype='float64')), ('bernoulli_tensor', dict(n=9, dtype='float32'))],
    [('normal_', dict(n=3, mean=1.0, std=2.0)), ('randperm', dict(n=11)), ('normal_', dict(n=2, dtype='float64', mean=0.5, std=0.1))],
    [('normal_', dict(n=37, dtype='float64', mean=-1.0, std=0.3)), ('uniform_', dict(n=5, dtype='float64', a=2.0, b=7.0))],
]

LAYERS = [
    [('Conv1d', dict(k=3, **{'in': 4, 'out': 6})), ('Conv3d', dict(k=2, **{'in': 2, 'out': 3})), ('Linear', {'in': 3, 'out': 2})],
    [('ConvTranspose2d', dict(k=3, **{'in': 4, 'out': 6})), ('ConvTranspose2d', dict(k=3, groups=2, bias=False, **{'in': 4, 'out': 6}))],
    [('GroupNorm', dict(groups=2, num=4)), ('BatchNorm1d', dict(num=3)), ('Linear', {'in': 3, 'out': 2})],
    [('Conv2d', dict(k=3, groups=4, **{'in': 4, 'out': 8})), ('PReLU', dict(num_parameters=3)), ('Conv2d', dict(k=1, **{'in': 2, 'out': 2}))],
]


def build(kind, a):
    a = dict(a)
    pos = [a.pop(k) for k in ('groups', 'num') if k in a] if kind == 'GroupNorm' else [a.pop(k) for k in ('num', 'in', 'dim', 'out', 'k') if k in a]
    return getattr(nn, kind)(*pos, **a)


def layers(i, specs):
    torch.manual_seed(3000 + i)
    built = [build(k, a) for k, a in specs]
    return {'id': f'more-layers-{i}', 'seed': 3000 + i, 'layers': [{'kind': k, 'args': a} for k, a in specs],
            'values': [{n: enc(p) for n, p in m.named_parameters()} for m in built]}


data = {
    'versions': {'torch': torch.__version__, 'mmengine': mmengine.__version__, 'numpy': numpy.__version__},
    'streams': [stream(i, ops) for i, ops in enumerate(STREAMS)],
    'init': [init(i, *c) for i, c in enumerate(INITS)],
    'layers': [layers(i, c) for i, c in enumerate(LAYERS)],
}
json.dump(data, open(sys.argv[1], 'w'), separators=(',', ':'))
