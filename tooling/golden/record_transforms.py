"""Records what torchvision, Pillow and OpenCV make of small images, for packages/vision.

    python tooling/golden/record_transforms.py tooling/golden/numerics/transforms.json   # needs torch, torchvision, Pillow, opencv-python
"""
import base64, io, json, sys
import cv2
import numpy as np
import torch
import torchvision
import torchvision.transforms as T
import torchvision.transforms.functional as F
from PIL import Image, ImageOps
from torchvision.transforms import InterpolationMode as I
from torchvision.transforms.autoaugment import _apply_op

torch.set_num_threads(1)
rng = np.random.default_rng(3)


def picture(h, w, c):
    """Slopes with noise on them: neither flat nor without shape."""
    y, x, k = np.mgrid[0:h, 0:w, 0:c]
    wave = 120 + 80 * np.sin(x / 3 + k) + 50 * np.cos(y / 4 - k)
    return np.clip(wave + rng.normal(0, 25, (h, w, c)), 0, 255).astype(np.uint8)


IMAGES = {'wide': picture(13, 21, 3), 'tall': picture(24, 11, 3), 'grey': picture(16, 15, 1)}
edge = IMAGES['wide'].copy()
edge[:4, :4], edge[4:8, :4], edge[:2, 4:] = 0, 255, 128
IMAGES['extremes'] = edge
cases = []


def enc(a):
    a = np.ascontiguousarray(a)
    return {'shape': list(a.shape), 'dtype': str(a.dtype), 'data': base64.b64encode(a.tobytes()).decode()}


def tensor(name, kind='uint8'):
    t = torch.from_numpy(IMAGES[name].transpose(2, 0, 1).copy())
    return t if kind == 'uint8' else t.float() / 255


def hwc(t):
    return t.numpy().transpose(1, 2, 0)


def add(op, image, args, out, source='torchvision', dtype='uint8'):
    cases.append({'op': op, 'image': image, 'dtype': dtype, 'args': args, 'source': source, 'output': enc(out)})


MODES = {'nearest': I.NEAREST_EXACT, 'bilinear': I.BILINEAR, 'bicubic': I.BICUBIC}
SIZES = [(7, 9), (18, 26), (5, 21), (13, 8), (1, 1), (26, 10)]
for name in ['grey', 'extremes']:
    pil = Image.fromarray(IMAGES[name].squeeze())
    for mode in MODES:
        for h, w in SIZES:
            args = dict(height=h, width=w, interpolation=mode)
            if mode == 'nearest':
                out = np.asarray(F.resize(pil, [h, w], I.NEAREST)).reshape(h, w, -1)
                add('resize', name, dict(args, antialias=False), out, 'pillow')
                continue
            out = np.asarray(F.resize(pil, [h, w], MODES[mode])).reshape(h, w, -1)
            add('resize', name, dict(args, antialias=True), out, 'pillow')
            add('resize', name, dict(args, antialias=True), hwc(F.resize(tensor(name), [h, w], MODES[mode], antialias=True)))
            for anti in [True, False]:
                t = F.resize(tensor(name, 'float32'), [h, w], MODES[mode], antialias=anti)
                add('resize', name, dict(args, antialias=anti), hwc(t), dtype='float32')
            add('resize', name, dict(args, antialias=False), hwc(F.resize(tensor(name), [h, w], MODES[mode], antialias=False)))
            cv = cv2.INTER_LINEAR if mode == 'bilinear' else cv2.INTER_CUBIC
            add('resize', name, dict(args, antialias=False), cv2.resize(IMAGES[name], (w, h), interpolation=cv).reshape(h, w, -1), 'opencv')

for name in ['wide', 'tall', 'grey']:
    pil = Image.fromarray(IMAGES[name].squeeze())
    for top, left, h, w in [(2, 3, 8, 7), (0, 0, 5, 9), (6, 1, 7, 10)]:
        for mode in ['bilinear', 'bicubic']:
            out = np.asarray(F.resized_crop(pil, top, left, h, w, [12, 10], MODES[mode])).reshape(12, 10, -1)
            add('resized_crop', name, dict(top=top, left=left, h=h, w=w, height=12, width=10, interpolation=mode), out, 'pillow')

for name in ['wide', 'tall', 'grey']:
    for size in [(5, 5), (6, 8), (13, 30), (40, 9), (40, 41), (24, 11)]:
        add('center_crop', name, dict(size=size), hwc(F.center_crop(tensor(name), list(size))))
    for mode in ['constant', 'edge', 'reflect', 'symmetric']:
        for padding in [[2, 2, 2, 2], [3, 0, 1, 5], [0, 4, 6, 2]]:
            out = F.pad(tensor(name), padding, 7 if mode == 'constant' else 0, mode)
            add('pad', name, dict(padding=padding, mode=mode, fill=7), hwc(out))
    add('flip', name, dict(direction='vertical'), hwc(F.vflip(tensor(name))))
    add('flip', name, dict(direction='horizontal'), hwc(F.hflip(tensor(name))))
    for kx, ky, sigma in [(3, 3, 0.5), (5, 7, 1.3), (9, 1, 2.0)]:
        for kind in ['uint8', 'float32']:
            add('blur', name, dict(kernel=[kx, ky], sigma=sigma), hwc(F.gaussian_blur(tensor(name, kind), [kx, ky], [sigma, sigma])), dtype=kind)

for name in ['grey', 'extremes']:
    for kind in ['uint8', 'float32']:
        t = tensor(name, kind)
        for factor in [0.0, 0.3, 0.87, 1.0, 1.4, 2.6]:
            add('brightness', name, dict(factor=factor), hwc(F.adjust_brightness(t, factor)), dtype=kind)
            add('contrast', name, dict(factor=factor), hwc(F.adjust_contrast(t, factor)), dtype=kind)
            add('saturation', name, dict(factor=factor), hwc(F.adjust_saturation(t, factor)), dtype=kind)
        for factor in [-0.5, -0.21, 0.0, 0.07, 0.33, 0.5]:
            add('hue', name, dict(factor=factor), hwc(F.adjust_hue(t, factor)), dtype=kind)
        add('grey', name, {}, hwc(F.rgb_to_grayscale(t, t.shape[0])), dtype=kind)
    c = IMAGES[name].shape[2]
    mean, std = ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375]) if c == 3 else ([33.3], [78.6])
    add('normalize', name, dict(mean=mean, std=std), hwc(F.normalize(tensor(name).float(), mean, std)))
    add('normalize', name, dict(mean=[0.5] * c, std=[0.25] * c), hwc(F.normalize(tensor(name, 'float32'), [0.5] * c, [0.25] * c)), dtype='float32')
    add('to_tensor', name, {}, hwc(T.ToTensor()(IMAGES[name])))

for name in ['wide', 'tall', 'grey']:
    c = IMAGES[name].shape[2]
    for mode in ['nearest', 'bilinear']:
        m = I.NEAREST if mode == 'nearest' else I.BILINEAR
        for angle, expand, center in [(30, False, None), (-77.5, True, None), (90 if name == 'wide' else 89, True, None), (13, False, [3, 4]), (180, False, None), (400, True, None)]:
            out = F.rotate(tensor(name), angle, m, expand, center, [9.0] * c)
            add('rotate', name, dict(angle=angle, expand=expand, center=center, fill=9, interpolation=mode), hwc(out))
        for angle, translate, scale, shear in [(0, (2, -3), 1.0, (0, 0)), (25, (0, 0), 0.7, (0, 0)), (-40, (1, 2), 1.6, (10, 0)), (7, (-2, 0), 1.0, (-15, 20))]:
            out = F.affine(tensor(name), angle, list(translate), scale, list(shear), m, [4.0] * c)
            add('affine', name, dict(angle=angle, translate=translate, scale=scale, shear=shear, fill=4, interpolation=mode), hwc(out))
        h, w = IMAGES[name].shape[:2]
        start = [[0, 0], [w - 1, 0], [w - 1, h - 1], [0, h - 1]]
        for end in [[[2, 1], [w - 3, 2], [w - 2, h - 4], [1, h - 2]], [[0, 3], [w - 1, 0], [w - 4, h - 1], [3, h - 5]]]:
            out = F.perspective(tensor(name), start, end, m, [6.0] * c)
            add('perspective', name, dict(end=end, fill=6, interpolation=mode), hwc(out))

STRENGTHS = {
    'ShearX': [0.3, -0.17], 'ShearY': [0.3, -0.99], 'TranslateX': [4.9, -3.2], 'TranslateY': [2.0, -7.5], 'Rotate': [28.0, -11.0],
    'Brightness': [0.9, -0.4], 'Color': [0.9, -0.99], 'Contrast': [0.5, -0.9], 'Sharpness': [0.9, -0.9, 0.3], 'Posterize': [4, 8, 1, 0],
    'Solarize': [0.0, 77.0, 255.0], 'AutoContrast': [0.0], 'Equalize': [0.0], 'Invert': [0.0], 'Identity': [0.0],
}
IMAGES['flat'] = np.full((6, 7, 3), 90, dtype=np.uint8)
IMAGES['steps'] = np.repeat(np.arange(0, 240, 3, dtype=np.uint8), 24).reshape(32, 20, 3)
for name in ['grey', 'extremes', 'flat', 'steps']:
    c = IMAGES[name].shape[2]
    for op, magnitudes in STRENGTHS.items():
        for magnitude in magnitudes:
            out = _apply_op(tensor(name), op, magnitude, I.NEAREST, [5.0] * c)
            add('operation', name, dict(name=op, magnitude=magnitude, fill=5), hwc(out))

sizes = []
for h, w in [(480, 640), (640, 480), (333, 500), (7, 7), (1000, 31)]:
    t = torch.zeros(1, h, w, dtype=torch.uint8)
    for size, most in [(224, None), (256, None), (800, 1333), (100, 120), (50, 90)]:
        out = F.resize(t, size, I.NEAREST, max_size=most)
        sizes.append({'image': [h, w], 'size': size, 'maxSize': most, 'output': list(out.shape[1:])})

def saved(image, kind, **how):
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


colour = Image.fromarray(np.kron(IMAGES['wide'], np.ones((3, 2, 1), dtype=np.uint8)))
turned = Image.Exif()
turned[0x0112] = 6
wide16 = (rng.integers(0, 65536, (6, 8, 3))).astype(np.uint16)
alpha = np.dstack([np.asarray(colour), rng.integers(0, 256, (39, 42), dtype=np.uint8)])
files = []
for name, data in {
    'jpeg': saved(colour, 'JPEG', quality=90), 'jpeg without subsampling': saved(colour, 'JPEG', quality=75, subsampling=0),
    'progressive jpeg': saved(colour, 'JPEG', progressive=True), 'grey jpeg': saved(colour.convert('L'), 'JPEG'),
    'turned jpeg': saved(colour, 'JPEG', exif=turned), 'png': saved(colour, 'PNG'), 'png with alpha': saved(Image.fromarray(alpha), 'PNG'),
    'png with a palette': saved(colour.convert('P', palette=Image.Palette.ADAPTIVE), 'PNG'), 'png of 1 bit': saved(colour.convert('1'), 'PNG'),
    'png of 16 bits': cv2.imencode('.png', wide16)[1].tobytes(), 'webp': saved(colour, 'WEBP', quality=80), 'lossless webp': saved(colour, 'WEBP', lossless=True),
    'gif': saved(colour, 'GIF', save_all=True, append_images=[colour.transpose(Image.Transpose.ROTATE_180)]), 'tiff': saved(colour, 'TIFF'),
}.items():
    pixels = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert('RGB'))
    files.append({'name': name, 'file': base64.b64encode(data).decode(), 'output': enc(pixels)})

json.dump({
    'meta': {'torch': torch.__version__, 'torchvision': torchvision.__version__, 'pillow': Image.__version__, 'opencv': cv2.__version__},
    'images': {k: enc(v) for k, v in IMAGES.items()}, 'cases': cases, 'sizes': sizes, 'files': files,
}, open(sys.argv[1], 'w'), indent=0)
print(len(cases), 'cases')
