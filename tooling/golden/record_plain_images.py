"""Records what Pillow makes of tiny BMP, PPM and PGM files, for packages/vision.

    python tooling/golden/record_plain_images.py tooling/golden/numerics/plain_images.json   # needs numpy, Pillow
"""
import base64, io, json, struct, sys
import numpy as np
from PIL import Image

rng = np.random.default_rng(8)
pixels = rng.integers(0, 256, (4, 5, 3), dtype=np.uint8)
colour, grey = Image.fromarray(pixels), Image.fromarray(pixels[..., 0])
deep = rng.integers(0, 65536, (4, 5, 3)).astype('>u2')


def saved(image, form):
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def bmp(bits, rows, palette=b'', height=4):
    """A BMP of rows that are padded already."""
    start = 54 + len(palette)
    head = struct.pack('<2sIHHI', b'BM', start + len(rows), 0, 0, start)
    return head + struct.pack('<IiiHHIIiiII', 40, 5, height, 1, bits, 0, len(rows), 0, 0, len(palette) // 4, 0) + palette + rows


def netpbm(kind, top, values, gap=b' '):
    return kind + gap + b'5' + gap + b'4' + gap + str(top).encode() + b'\n' + values.tobytes()


colours = b''.join(bytes([*rng.integers(0, 256, 3, dtype=np.uint8), 0]) for _ in range(11))
nibbles = rng.integers(0, 11, (4, 8))
packed = (nibbles[:, ::2] * 16 + nibbles[:, 1::2]).astype(np.uint8).tobytes()
padded = np.pad(pixels[..., ::-1].reshape(4, 15), ((0, 0), (0, 1))).tobytes()
comment = b'\n# made by hand, 7 7\n \t'
files = {
    'BMP of 24 bits': saved(colour, 'BMP'), 'BMP from the top': bmp(24, padded, height=-4),
    'BMP with a palette': saved(colour.convert('P', palette=Image.Palette.ADAPTIVE, colors=13), 'BMP'),
    'grey BMP': saved(grey, 'BMP'), 'BMP of 1 bit': saved(grey.convert('1'), 'BMP'),
    'BMP of 4 bits': bmp(4, packed, colours), 'BMP of 32 bits': bmp(32, rng.integers(0, 256, (4, 5, 4), dtype=np.uint8).tobytes()),
    'PPM': saved(colour, 'PPM'), 'PGM': saved(grey, 'PPM'), 'PPM with a comment': netpbm(b'P6', 255, pixels, comment),
    'PPM up to 30': netpbm(b'P6', 30, pixels % 31), 'PGM up to 6': netpbm(b'P5', 6, pixels[..., 1] % 7),
    'PGM of 16 bits': saved(Image.fromarray(deep[..., 0].astype(np.uint16)), 'PPM'), 'PGM up to 1000': netpbm(b'P5', 1000, (deep[..., 1] % 1001).astype('>u2')),
}
out = []
for name, file in files.items():
    image = Image.open(io.BytesIO(file))
    array = np.asarray(image.convert('I') if image.mode.startswith('I') else image.convert('RGB')).astype(int)
    out.append({'name': name, 'file': base64.b64encode(file).decode(), 'mode': image.mode, 'output': array.ravel().tolist()})
json.dump({'meta': {'pillow': Image.__version__}, 'files': out}, open(sys.argv[1], 'w'), indent=0)
print(len(out), 'files', [each['mode'] for each in out])
