"""Writes small files with torch.save and MMEngine's Runner, and what is in them as JSON, for packages/fileio/src/torch and the
tests of `engine checkpoint`.

    python tooling/golden/record_torch_files.py tooling/golden/torch   # needs torch, numpy and mmengine
"""
import argparse, base64, collections, datetime, enum, io, json, logging, pathlib, sys, tempfile, warnings, zipfile
import numpy as np
import torch
from torch import nn

warnings.filterwarnings('ignore')
OUT = pathlib.Path(sys.argv[1])
torch.manual_seed(0)
torch.set_num_threads(1)
HOST = {torch.float32: 'float32', torch.float64: 'float64', torch.float16: 'float32', torch.bfloat16: 'float32', torch.int64: 'int64',
        torch.int32: 'int32', torch.int16: 'int32', torch.int8: 'int32', torch.uint8: 'uint8', torch.bool: 'bool',
        torch.uint16: 'int32', torch.uint32: 'int64'}
NUMPY = {'float16': 'float32', 'int8': 'int32', 'int16': 'int32', 'uint16': 'int32', 'uint32': 'int64'}


def base(array, host):
    return base64.b64encode(np.ascontiguousarray(array).astype('uint8' if host == 'bool' else host).tobytes()).decode()


def encode(value):
    if isinstance(value, torch.Tensor):
        host = HOST[value.dtype]
        plain = value.detach().to(torch.float32) if value.dtype == torch.bfloat16 else value.detach()
        return {'torch': str(value.dtype).split('.')[1], 'dtype': host, 'shape': list(value.shape), 'data': base(plain.numpy(), host)}
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind not in 'biuf':
        return {'class': 'numpy.ndarray' if isinstance(value, np.ndarray) else 'numpy.scalar'}
    if isinstance(value, np.ndarray):
        host = NUMPY.get(value.dtype.name, value.dtype.name)
        return {'dtype': host, 'shape': list(value.shape), 'data': base(value, host)}
    if isinstance(value, np.generic):
        return encode(value.item())
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {'int': str(value)}
    if isinstance(value, float):
        return value if np.isfinite(value) else {'float': str(value)}
    if isinstance(value, (bytes, bytearray)):
        return {'bytes': base64.b64encode(value).decode()}
    if type(value) in (dict, collections.OrderedDict, collections.defaultdict):
        return {'dict': [[encode(k), encode(v)] for k, v in value.items()]}
    if type(value) in (list, tuple, torch.Size, collections.deque):
        return [encode(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return {'set': [encode(item) for item in sorted(value)]}
    return {'class': 'other'}


EXPECTED = {}


def keep(name, value, content):
    (OUT / name).write_bytes(content)
    EXPECTED[name] = encode(value)


def save(name, value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    keep(name, value, buffer.getvalue())
    return buffer.getvalue()


def big_endian(content):
    """The same file as a big-endian machine writes it; torch itself must read the same values."""
    source, target = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    widths = {f'data/{i}': value.untyped_storage().nbytes() and value.element_size() for i, value in enumerate(DTYPES.values())}
    with zipfile.ZipFile(target, 'w') as out:
        for info in source.infolist():
            data, name = source.read(info), info.filename.split('/', 1)[1]
            if name == 'byteorder':
                data = b'big'
            elif name in widths:
                data = np.frombuffer(data, f'u{widths[name]}').byteswap().tobytes()
            out.writestr(zipfile.ZipInfo(info.filename), data)
    return target.getvalue()


DTYPES = {
    'float32': torch.tensor([1.5, -0.0, float('nan'), float('inf'), 1e-40]),
    'float64': torch.tensor([0.1, -1e300], dtype=torch.float64),
    'float16': torch.tensor([1.0, -2.5, 6e-8, 65504, float('inf'), float('nan'), -0.0], dtype=torch.float16),
    'bfloat16': torch.tensor([1.0, -3.140625, 1e38, float('-inf')], dtype=torch.bfloat16),
    'int64': torch.tensor([2**62, -1]),
    'int32': torch.tensor([-(2**31), 7], dtype=torch.int32),
    'int16': torch.tensor([-32768, 3], dtype=torch.int16),
    'int8': torch.tensor([-128, 127], dtype=torch.int8),
    'uint8': torch.tensor([0, 255], dtype=torch.uint8),
    'bool': torch.tensor([True, False, True]),
    'uint16': torch.tensor([65535, 1], dtype=torch.uint16),
    'uint32': torch.tensor([2**32 - 1, 1], dtype=torch.uint32),
}
shared = torch.arange(24.0).reshape(2, 3, 4)
VIEWS = collections.OrderedDict(
    whole=shared, permuted=shared.permute(2, 0, 1), rows=shared[1, 1:, ::2], column=shared[:, :, 3], part=shared[1],
    expanded=torch.tensor([[1.0], [2.0]]).expand(2, 3), scalar=torch.tensor(3.25), empty=torch.zeros(0, 5), one=shared[1, 2, 3],
    parameter=nn.Parameter(torch.tensor([1.0, 2.0])), frozen=nn.Parameter(torch.tensor([3, 4]), requires_grad=False),
    halves=torch.arange(6, dtype=torch.float16)[1::2], channels_last=torch.arange(16.0).reshape(1, 2, 2, 4).contiguous(memory_format=torch.channels_last))


class Mode(enum.Enum):
    FAST = 1


Mode.__module__, Mode.__qualname__ = 'nowhere.at_all', 'Mode'
sys.modules['nowhere'] = sys.modules['nowhere.at_all'] = type(sys)('nowhere.at_all')
sys.modules['nowhere.at_all'].Mode = Mode


def others():
    return {
        'none': None, 'yes': True, 'no': False, 'int': [0, 255, 256, 65535, 65536, -1, 2**31, -(2**31), 2**53 - 1, 2**53, -(2**70), 2**200],
        'float': [0.1, 1.0, float('nan'), float('-inf')], 'text': ['', 'ä', '猫' * 100, '\ufeffx', '\U0001f600'], 'bytes': [b'', b'\x00\xff', b'x' * 300],
        'bytearray': bytearray(b'ab'), 'tuple': [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)], 'set': {1, 2}, 'frozenset': frozenset(['a']),
        'keys': {0: 'a', (1, 2): 'b', 'c': {1.5: None}}, 'ordered': collections.OrderedDict(b=1, a=2), 'default': collections.defaultdict(list, x=[1]),
        'deque': collections.deque([1, 2], maxlen=3), 'namespace': argparse.Namespace(lr=0.1, layers=[1]), 'path': pathlib.PurePosixPath('a/b'),
        'date': datetime.datetime(2024, 1, 2, 3), 'enum': Mode.FAST, 'size': torch.Size([2, 3]), 'dtype': torch.float16, 'device': torch.device('cpu'), 'class': dict,
        'numpy': [np.arange(6.0).reshape(2, 3), np.asfortranarray(np.arange(6, dtype='f4').reshape(2, 3)), np.array([True, False]), np.array([1, -1], 'i2'),
                  np.array(['a', 'bc']), np.array([{}, None], object), np.array(5), np.zeros((0, 2)), np.arange(3, dtype='>i4'), np.array([0.5], 'f2')],
        'scalars': [np.float64(0.25), np.float32(0.5), np.int64(-3), np.bool_(True), np.uint8(9), np.datetime64('2024-01-02')],
        'shared': [[1]] * 2,
    }


content = save('dtypes.pth', DTYPES)
swapped = big_endian(content)
loaded = torch.load(io.BytesIO(swapped), weights_only=True)
# torch swaps untyped storages not at all, so that it cannot read its own uint16 there
same = {name: torch.equal(torch.nan_to_num(DTYPES[name]), torch.nan_to_num(loaded[name])) for name in DTYPES if 'uint' not in name}
assert all(same.values()), same
keep('big-endian.pth', DTYPES, swapped)
save('dtypes-legacy.pth', {name: value for name, value in DTYPES.items() if name not in ('uint16', 'uint32')}, _use_new_zipfile_serialization=False)
save('views.pth', VIEWS)
save('views-legacy.pth', VIEWS, _use_new_zipfile_serialization=False)
for protocol in (1, 3, 4, 5):
    save(f'views-{protocol}.pth', VIEWS, pickle_protocol=protocol)
    save(f'others-{protocol}.pth', others(), pickle_protocol=protocol)
save('others.pth', others())
for protocol in (1, 4):
    save(f'others-legacy-{protocol}.pth', others(), pickle_protocol=protocol, _use_new_zipfile_serialization=False)
torch.serialization.set_crc32_options(False)
save('no-checksums.pth', {'weight': torch.tensor([1.0, 2.0])})
torch.serialization.set_crc32_options(True)

# What is refused.
class Twice(nn.Module):
    def __init__(self, inner=None):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2))
        self.register_buffer('count', torch.tensor(3))
        self.register_buffer('passing', torch.ones(1), persistent=False)
        if inner is not None:
            self.inner = inner

    def forward(self, x):
        return 2 * x


module = Twice(Twice())
EXPECTED['module'] = encode(module.state_dict())
buffer = io.BytesIO()
torch.jit.save(torch.jit.script(Twice()), buffer)
keep('torchscript.pt', None, buffer.getvalue())
save('module.pth', module)
save('module-legacy.pth', module, _use_new_zipfile_serialization=False)
for name, tensor in {'sparse': torch.eye(2).to_sparse(), 'complex': torch.zeros(1, dtype=torch.complex64),
                     'quantized': torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8),
                     'float8': torch.ones(2).to(torch.float8_e5m2)}.items():
    buffer = io.BytesIO()
    torch.save({name: tensor}, buffer)
    keep(f'{name}.pth', None, buffer.getvalue())


# A checkpoint of MMEngine: two epochs of a tiny network, wrapped as for several processes.
def runner():
    from mmengine.dataset import DefaultSampler
    from mmengine.evaluator import BaseMetric
    from mmengine.model import BaseModel
    from mmengine.runner import Runner

    class Tiny(BaseModel):
        def __init__(self):
            super().__init__()
            self.conv, self.bn, self.fc = nn.Conv2d(2, 2, 2), nn.BatchNorm2d(2), nn.Linear(2, 3)

        def forward(self, inputs, labels, mode):
            out = self.fc(self.bn(self.conv(inputs)).mean((2, 3)))
            return {'loss': nn.functional.cross_entropy(out, labels)} if mode == 'loss' else out if mode == 'tensor' else list(out)

    class Count(BaseMetric):
        def process(self, batch, samples):
            self.results += [1] * len(samples)

        def compute_metrics(self, results):
            return {'count': float(len(results))}

    data = [(torch.full((2, 2, 2), i / 10) * (-1) ** i, i % 3) for i in range(8)]
    loader = lambda: dict(batch_size=4, num_workers=0, dataset=data, sampler=dict(type='DefaultSampler', shuffle=False),
                          collate_fn=dict(type='default_collate'))
    with tempfile.TemporaryDirectory() as folder:
        run = Runner(
            model=Tiny(), work_dir=folder, train_dataloader=loader(), val_dataloader=loader(), val_evaluator=dict(type=Count), val_cfg={},
            optim_wrapper=dict(optimizer=dict(type='Adam', lr=0.01)), train_cfg=dict(by_epoch=True, max_epochs=2),
            param_scheduler=[dict(type='LinearLR', start_factor=0.5, by_epoch=True, end=2)], randomness=dict(seed=3),
            default_hooks=dict(logger=dict(type='LoggerHook', interval=1), checkpoint=dict(type='CheckpointHook', save_best='count', rule='greater')),
            cfg=dict(lr=0.01, name='tiny'), experiment_name='tiny', log_level=logging.ERROR)
        run.train()
        content = pathlib.Path(folder, 'epoch_2.pth').read_bytes()
        images = torch.arange(16.0).reshape(2, 2, 2, 2) / 16
        logits = run.model.eval()(images, None, 'tensor').flatten().tolist()
    (OUT / 'runner.pth').write_bytes(content)
    loaded = torch.load(io.BytesIO(content), weights_only=False)
    meta = loaded['meta']
    return {
        'logits': logits, 'state_dict': encode(loaded['state_dict']), 'optimizer': encode(loaded['optimizer']), 'param_schedulers': encode(loaded['param_schedulers']),
        'keys': list(loaded), 'meta': {key: meta[key] for key in ('epoch', 'iter', 'seed', 'experiment_name', 'mmengine_version')},
        'hub': {'keys': list(loaded['message_hub']), 'losses': [float(loss) for loss in loaded['message_hub']['log_scalars']['train/loss'].data[0]]},
    }


# LeNet-5 with random weights that overlap in one small storage, saved by DataParallel, and its logits.
class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.classifier = nn.Sequential(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Dropout(0), nn.Linear(84, 10))

    def forward(self, x):
        return self.classifier(self.features(x))


def lenet():
    torch.manual_seed(7)
    model = LeNet5().eval()
    values = torch.randn(3000) * 0.1
    weights = collections.OrderedDict()
    for at, (name, weight) in enumerate(model.state_dict().items()):
        strides = [7, 3, 11, 1][:weight.dim()] if weight.dim() == 4 else [7, 5][:weight.dim()]
        weights[f'module.{name}'] = torch.as_strided(values, weight.shape, strides, 13 * at)
    model.load_state_dict({name[len('module.'):]: weight for name, weight in weights.items()})
    buffer = io.BytesIO()
    torch.save({'meta': {'epoch': 3, 'iter': 12}, 'state_dict': weights}, buffer)
    (OUT / 'lenet.pth').write_bytes(buffer.getvalue())
    x = torch.arange(2 * 28 * 28).reshape(2, 1, 28, 28) % 97 / 97
    return {'logits': model(x).flatten().tolist()}


json.dump({'versions': {'torch': torch.__version__.split('+')[0]}, 'files': EXPECTED, 'runner': runner(), 'lenet': lenet()},
          open(OUT / 'expected.json', 'w'), separators=(',', ':'))
