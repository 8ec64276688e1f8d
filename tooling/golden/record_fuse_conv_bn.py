"""Records a convolution with a batch norm in evaluation, for packages/model/src/fuse-conv-bn.test.ts.

    python tooling/golden/record_fuse_conv_bn.py tooling/golden/numerics/fuse_conv_bn.json   # needs torch
"""
import base64, json, sys
import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(5)


def enc(t):
    a = t.detach().contiguous().numpy()
    return {'shape': list(a.shape), 'dtype': str(a.dtype), 'data': base64.b64encode(a.tobytes()).decode()}


def case(name, conv, affine=True):
    net = nn.Sequential(nn.Conv2d(**conv), nn.BatchNorm2d(conv['out_channels'], affine=affine))
    bn = net[1]
    for t in (bn.weight, bn.bias, bn.running_mean, bn.running_var):
        if t is not None:
            t.data.uniform_(0.2, 2.0)
    x = torch.randn(2, conv['in_channels'], 6, 5)
    return {'id': name, 'conv': conv, 'affine': affine, 'state': {k: enc(v) for k, v in net.state_dict().items()}, 'x': enc(x),
            'y': enc(net.eval()(x)), 'fused': {k: enc(v) for k, v in nn.utils.fuse_conv_bn_eval(net[0].eval(), bn).state_dict().items()}}


json.dump({'cases': [
    case('plain', dict(in_channels=3, out_channels=4, kernel_size=3, padding=1)),
    case('no bias', dict(in_channels=3, out_channels=4, kernel_size=3, bias=False, stride=2)),
    case('groups', dict(in_channels=4, out_channels=6, kernel_size=3, groups=2)),
    case('depthwise', dict(in_channels=3, out_channels=6, kernel_size=3, groups=3, bias=False)),
    case('not affine', dict(in_channels=2, out_channels=3, kernel_size=1), affine=False),
]}, open(sys.argv[1], 'w'), separators=(',', ':'))
