"""The rival of `npm run bench -- config`: MMEngine loads the config that ENGINE_BENCH_CONFIG names.
Reads a count a line, answers with milliseconds for one load."""
import os
import sys
import time
import warnings

import mmengine
from mmengine.config import Config

warnings.simplefilter('ignore')
path = os.environ['ENGINE_BENCH_CONFIG']
print(mmengine.__version__, flush=True)
for line in sys.stdin:
    count = int(line)
    started = time.perf_counter()
    for _ in range(count):
        Config.fromfile(path, import_custom_modules=False)._to_lazy_dict()
    print((time.perf_counter() - started) * 1000 / count, flush=True)
