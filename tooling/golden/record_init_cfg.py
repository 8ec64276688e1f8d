"""Records how MMEngine's `init_cfg` sets the weights of a small network, for packages/model/src/init/init-cfg.test.ts.

    python tooling/golden/record_init_cfg.py tooling/golden/numerics/init_cfg.json   # needs torch and mmengine
"""
import base64, json, sys
import torch
from mmengine.model import BaseModule, Sequential
from torch import nn

torch.set_num_threads(1)


class Head(BaseModule):
    def __init__(self, init_cfg=None):
        super().__init__(init_cfg)
        self.fc = nn.Linear(4, 3)
        self.out = nn.Linear(3, 2)


class Net(BaseModule):
    def __init__(self, root, backbone, head):
        super().__init__(root)
        self.backbone = Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), init_cfg=backbone)
        self.head = Head(head)
        self.aux = nn.Linear(4, 20)


CASES = {
    'none': {},
    'kaiming by layer': {'root': {'type': 'Kaiming', 'layer': 'Conv2d'}},
    'several in order': {'root': [{'type': 'Xavier', 'layer': 'Linear', 'distribution': 'uniform', 'gain': 2.0},
                                  {'type': 'Constant', 'layer': ['_BatchNorm'], 'val': 0.5, 'bias': 0.25},
                                  {'type': 'Normal', 'layer': ['Conv2d'], 'std': 0.01, 'bias': 0.3}]},
    'inner wins': {'root': {'type': 'Constant', 'layer': ['Linear', 'Conv2d'], 'val': 1.0, 'bias': 2.0},
                   'head': {'type': 'Normal', 'layer': 'Linear', 'mean': 0.1, 'std': 0.2},
                   'backbone': {'type': 'Caffe2Xavier', 'layer': 'Conv2d'}},
    'override with its own': {'root': {'type': 'Uniform', 'layer': 'Linear', 'a': -0.1, 'b': 0.1,
                                       'override': {'type': 'TruncNormal', 'name': 'head', 'std': 0.02, 'bias': 1.0}}},
    'override by name alone': {'root': {'type': 'Kaiming', 'layer': 'Conv2d', 'a': 1.0, 'mode': 'fan_in', 'nonlinearity': 'leaky_relu',
                                        'distribution': 'uniform', 'override': [{'name': 'aux'}]}},
    'bias by probability': {'head': {'type': 'Normal', 'layer': 'Linear', 'std': 0.01, 'bias_prob': 0.01}},
    'no layer': {'root': {'type': 'Constant', 'val': 7.0}},
    'parent class': {'root': {'type': 'Normal', 'layer': 'Module', 'std': 0.5}},
    'parent layer': {'root': {'type': 'Constant', 'layer': '_ConvNd', 'val': 0.125}},
}


def enc(t):
    a = t.detach().numpy()
    return {'shape': list(a.shape), 'dtype': str(a.dtype), 'data': base64.b64encode(a.tobytes()).decode()}


def case(i, name, cfg):
    torch.manual_seed(70 + i)
    net = Net(cfg.get('root'), cfg.get('backbone'), cfg.get('head'))
    infos = {}
    net._dump_init_info = lambda: infos.update({n: net._params_init_info[p]['init_info'] for n, p in net.named_parameters()})
    net.init_weights()
    next_raw = (int(torch.empty((), dtype=torch.int64).random_(-2 ** 63, None)) >> 32) & 0xffffffff
    return {'id': name, 'seed': 70 + i, 'init_cfg': cfg, 'weights': {n: enc(p) for n, p in net.named_parameters()},
            'infos': infos, 'next_raw': next_raw}


json.dump({'cases': [case(i, n, c) for i, (n, c) in enumerate(CASES.items())]}, open(sys.argv[1], 'w'), separators=(',', ':'))
