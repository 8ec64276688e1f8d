"""Records what MMEngine's ImgDataPreprocessor and parse_losses give, and mixed batches, for packages/model.

    python tooling/golden/record_preprocess.py tooling/golden/numerics/preprocess.json   # needs torch and mmengine
"""
import base64, json, sys
import torch
import torch.nn.functional as F
from mmengine.model import BaseModel, ImgDataPreprocessor

torch.set_num_threads(1)
torch.manual_seed(11)


def enc(t):
    a = t.detach().contiguous().numpy()
    return {'shape': list(a.shape), 'dtype': str(a.dtype), 'data': base64.b64encode(a.tobytes()).decode()}


def images(shapes):
    return [torch.randint(0, 256, s, dtype=torch.uint8) for s in shapes]


RGB = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])
PREPROCESS = [
    ('stacked', {}, torch.stack(images([(3, 4, 5)] * 2))),
    ('normalised', RGB, torch.stack(images([(3, 4, 5)] * 2))),
    ('one mean, three deviations', dict(mean=[10.0], std=[1.0, 2.0, 4.0]), torch.stack(images([(3, 2, 2)] * 2))),
    ('grey', dict(mean=[33.3], std=[78.6]), torch.stack(images([(1, 3, 3)] * 2))),
    ('swapped', dict(RGB, bgr_to_rgb=True), torch.stack(images([(3, 3, 2)] * 2))),
    ('swapped back', dict(rgb_to_bgr=True), images([(3, 3, 2), (3, 3, 2)])),
    ('divisor', dict(RGB, pad_size_divisor=4), torch.stack(images([(3, 5, 3)]))),
    ('sizes', dict(RGB, pad_value=-1.5), images([(3, 4, 2), (3, 3, 5)])),
    ('sizes and divisor', dict(RGB, pad_size_divisor=3, pad_value=7, bgr_to_rgb=True), images([(3, 4, 2), (3, 3, 5), (3, 1, 1)])),
    ('one image and divisor', dict(pad_size_divisor=32), images([(3, 4, 2)])),
]


def preprocess(name, args, inputs):
    out = ImgDataPreprocessor(**args)({'inputs': inputs})['inputs']
    return {'id': name, 'args': args, 'inputs': [enc(i) for i in inputs] if isinstance(inputs, list) else enc(inputs), 'output': enc(out)}


class Model(BaseModel):
    def forward(self):
        pass


def t(*shape):
    return torch.randn(shape)


LOSSES = [
    ('tensors', {'loss_cls': t(2, 3), 'loss_bbox': t(4), 'acc': t(1)}),
    ('lists', {'loss_rpn': [t(2), t(3), t()], 'n': [t(2), t(2)], 'aux_loss': t(2)}),
    ('own loss first', {'loss': t(3), 'extra': t(2), 'loss_b': t(1)}),
    ('own loss last', {'extra': t(2), 'loss_b': t(1), 'loss': t(3)}),
    ('substring', {'closs': t(2), 'Loss': t(2), 'glossary': t(2)}),
]


def losses(name, values):
    total, log_vars = Model().parse_losses(values)
    e = lambda v: [enc(i) for i in v] if isinstance(v, list) else enc(v)
    return {'id': name, 'losses': {k: e(v) for k, v in values.items()}, 'total': total.item(),
            'log_vars': [[k, v.item()] for k, v in log_vars.items()]}


def mix(name, kind, **args):
    x, y = t(3, 2, 6, 5), F.one_hot(torch.tensor([0, 2, 1]), 4).float()
    order = torch.tensor([2, 0, 1])
    if kind == 'mixup':
        lam = args['lam']
        out = lam * x + (1 - lam) * x[order]
    else:
        top, bottom, left, right = args['box']
        lam = 1 - (bottom - top) * (right - left) / (x.shape[-1] * x.shape[-2])
        out = x.clone()
        other = x[order] if kind == 'cutmix' else None
        if kind == 'cutmix':
            out[:, :, top:bottom, left:right] = other[:, :, top:bottom, left:right]
        else:
            out[:, :, top:bottom, left:right] = F.interpolate(x[order], size=(bottom - top, right - left), mode='bilinear', align_corners=False)
    return {'id': name, 'kind': kind, 'order': order.tolist(), **args, 'images': enc(x), 'targets': enc(y), 'mixed_images': enc(out),
            'mixed_targets': enc(lam * y + (1 - lam) * y[order])}


json.dump({
    'preprocess': [preprocess(*c) for c in PREPROCESS],
    'losses': [losses(*c) for c in LOSSES],
    'mixing': [mix('mixup', 'mixup', lam=0.3), mix('all of the other', 'mixup', lam=0.0), mix('cutmix', 'cutmix', box=[1, 4, 2, 5]),
               mix('cutmix at a corner', 'cutmix', box=[0, 1, 0, 1]), mix('resizemix', 'resizemix', box=[1, 4, 1, 4]),
               mix('resizemix of everything', 'resizemix', box=[0, 6, 0, 5])],
}, open(sys.argv[1], 'w'), separators=(',', ':'))
