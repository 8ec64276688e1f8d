"""Records how PyTorch's float32 square root was rounded on the machine that made the golden numbers: AMD, where MKL builds it on the
processor's 12-bit reciprocal root. usage: python record_root.py (needs PyTorch and a C compiler, on such a machine)"""
import base64, ctypes, json, os, subprocess, tempfile
from pathlib import Path

import numpy as np
import torch

SOURCE = """
#include <immintrin.h>
void estimate(const float *x, float *y, int n) {
  for (int i = 0; i < n; i += 8) _mm256_storeu_ps(y + i, _mm256_rsqrt_ps(_mm256_loadu_ps(x + i)));
}
"""
BLOCK = 2048  # neighbours that share an estimate
f = np.float32


def estimates(x):
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder, "e.c"), Path(folder, "e.so")
        source.write_text(SOURCE)
        subprocess.run(["gcc", "-O2", "-mavx", "-shared", "-fPIC", source, "-o", library], check=True)
        y = np.empty_like(x)
        pointer = lambda a: a.ctypes.data_as(ctypes.c_void_p)
        ctypes.CDLL(str(library)).estimate(pointer(x), pointer(y), len(x))
        return y


def root(x, r):
    first = x * r
    better = first + (f(0.5) * first) * (f(1) - first * r)
    return better + (x - better * better) * (f(0.5) * r)


mantissas = np.arange(2**23, dtype=np.uint32)
table = []
for exponent in (127, 128):  # [1, 2) and [2, 4)
    x = (mantissas | np.uint32(exponent << 23)).view(f)
    r = estimates(x)
    blocks = r.reshape(-1, BLOCK)
    assert np.array_equal(blocks, np.repeat(blocks[:, :1], BLOCK, 1))
    expected = torch.tensor(x).sqrt().numpy()
    for block in np.unique(np.nonzero(root(x, r) != expected)[0] // BLOCK):  # the last two before 4
        blocks[block] = blocks[block - 1, 0]
    assert np.array_equal(root(x, r), expected), "another machine: its roots are rounded otherwise"
    table.append(blocks[:, 0] * 2**13)
units = np.concatenate(table)
assert np.array_equal(units, units.astype(np.uint16))
target = Path(__file__).parent / "numerics" / "root.json"
target.write_text(json.dumps({
    "versions": {"torch": torch.__version__.split("+")[0]},
    "unit": 2**-13,
    "block": BLOCK,
    "estimates": {"shape": [2, 4096], "dtype": "uint16", "data": base64.b64encode(units.astype("<u2").tobytes()).decode()},
}))
print(target, os.path.getsize(target), "bytes")
