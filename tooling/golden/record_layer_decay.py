"""Records layer-wise learning rate decay, for packages/optim/src/constructors/golden-layer-decay.test.ts.

    python tooling/golden/record_layer_decay.py layer_decay_optimizer_constructor.py tooling/golden/numerics/layer_decay.json

The first file is the one of that name in MMSegmentation 1.2.2 (`mmseg/engine/optimizers`), which is run as it is; needs torch,
mmengine and timm. Names of parameters are those of the networks of both projects; what the layers compute is of no concern.
"""
import importlib.util, json, sys, types
import mmengine, timm, torch
from mmengine.registry import OPTIM_WRAPPER_CONSTRUCTORS, OPTIM_WRAPPERS, OPTIMIZERS  # noqa: F401
from timm.optim import param_groups_layer_decay
from torch import nn

sys.modules['mmseg'] = types.ModuleType('mmseg')
sys.modules['mmseg.registry'] = registry = types.ModuleType('mmseg.registry')
registry.OPTIM_WRAPPER_CONSTRUCTORS = OPTIM_WRAPPER_CONSTRUCTORS
spec = importlib.util.spec_from_file_location('layer_decay', sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)


class ConvNeXtBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width))
        self.depthwise_conv = nn.Conv2d(width, width, 3, groups=width)
        self.norm = nn.LayerNorm(width)
        self.pointwise_conv1 = nn.Linear(width, width)


class ConvNeXt(nn.Module):
    def __init__(self, depths, width=2):
        super().__init__()
        self.downsample_layers = nn.ModuleList(nn.Sequential(nn.Conv2d(width, width, 2), nn.BatchNorm2d(width)) for _ in depths)
        self.stages = nn.ModuleList(nn.Sequential(*(ConvNeXtBlock(width) for _ in range(depth))) for depth in depths)
        self.norm3 = nn.LayerNorm(width)


class MAE(nn.Module):
    def __init__(self, depth, width=4):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.patch_embed = nn.Module()
        self.patch_embed.projection = nn.Conv2d(3, width, 2)
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(width, 2, width) for _ in range(depth))
        self.ln1 = nn.LayerNorm(width)


class Segmentor(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.decode_head = nn.ModuleDict({'layers': nn.ModuleList([nn.Conv2d(2, 2, 1)]), 'conv_seg': nn.Conv2d(2, 3, 1)})


def openmmlab(name, backbone, **paramwise):
    model = Segmentor(backbone)
    optimizer = dict(type='AdamW', lr=0.0037, weight_decay=0.05)
    constructor = module.LearningRateDecayOptimizerConstructor(dict(optimizer=optimizer), paramwise)
    groups = constructor(model).optimizer.param_groups
    return {'id': name, 'source': 'mmseg', 'paramwise': paramwise, 'optimizer': optimizer,
            'parameters': {n: list(p.shape) for n, p in model.named_parameters()},
            'groups': [{k: g[k] for k in ('group_name', 'lr', 'lr_scale', 'weight_decay', 'param_names')} for g in groups]}


def of_timm(name, network, decay, **options):
    model = timm.create_model(network, pretrained=False, num_classes=3, **options)
    names = {id(p): n for n, p in model.named_parameters()}
    groups = param_groups_layer_decay(model, weight_decay=0.05, layer_decay=decay)
    return {'id': name, 'source': 'timm', 'decay_rate': decay,
            'parameters': {n: list(p.shape) for n, p in model.named_parameters()},
            'groups': [{'lr_scale': g['lr_scale'], 'weight_decay': g['weight_decay'],
                        'param_names': [names[id(p)] for p in g['params']]} for g in groups]}


json.dump({
    'versions': {'torch': torch.__version__, 'mmengine': mmengine.__version__, 'mmseg': '1.2.2', 'timm': timm.__version__},
    'cases': [
        openmmlab('convnext layer_wise', ConvNeXt([2, 2, 9, 2]), num_layers=6, decay_rate=0.9, decay_type='layer_wise'),
        openmmlab('convnext layer_wise, more layers than there are', ConvNeXt([1, 1, 4, 1]), num_layers=12, decay_rate=0.8, decay_type='layer_wise'),
        openmmlab('convnext stage_wise', ConvNeXt([1, 2, 3, 1]), num_layers=6, decay_rate=0.7, decay_type='stage_wise'),
        openmmlab('vit', MAE(3), num_layers=3, decay_rate=0.65, decay_type='layer_wise'),
        of_timm('timm resnet', 'resnet14t', 0.75),
        of_timm('timm vit', 'vit_tiny_patch16_224', 0.65, depth=4, embed_dim=12),
        of_timm('timm convnext', 'convnext_atto', 0.8, depths=(1, 2, 3, 1), dims=(4, 4, 4, 4)),
    ],
}, open(sys.argv[2], 'w'), separators=(',', ':'))
