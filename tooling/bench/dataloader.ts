import { DataLoader } from '@engine/dataset';
import { Registry } from '@engine/registry';
import { BenchPictures } from './dataloader/parts.js';
import type { Bench, Contender } from './harness/bench.js';
import { pythonRival } from './harness/python-rival.js';

const IMAGES = 5120;
const BATCH = 128;

/** Pictures of CIFAR's shape through crop with padding, flip and normalisation, in batches; the argument is the number of workers, of both sides. */
export const bench: Bench = {
  name: 'dataloader',
  aim: 8,
  unit: `a batch of ${BATCH} pictures, 32 x 32: random crop with padding, flip, normalise`,
  async prepare([workers = '2']) {
    const numWorkers = Number(workers);
    if (!Number.isInteger(numWorkers) || numWorkers < 0) throw new Error(`the number of workers, not ${workers}`);
    process.env.ENGINE_BENCH_WORKERS = workers;
    return {
      ours: await ours(numWorkers),
      rival: await pythonRival({
        name: `PyTorch's DataLoader, ${workers} workers,`,
        script: new URL('dataloader.py', import.meta.url),
        units: IMAGES / BATCH,
        warmUp: IMAGES / BATCH,
      }),
    };
  },
};

async function ours(numWorkers: number): Promise<Contender> {
  const dataset = { type: BenchPictures, length: IMAGES };
  const config = { type: DataLoader, dataset, batchSize: BATCH, shuffle: true, numWorkers };
  const loader = new Registry().build('dataLoader', config, { args: { seed: 0 } });
  await loader.init();
  let epoch = 0;
  const round = async (): Promise<number> => {
    loader.setEpoch(epoch++);
    const started = performance.now();
    let count = 0;
    for await (const _ of loader.batches()) count += 1;
    return (performance.now() - started) / count;
  };
  for (let time = 0; time < 3; time++) await round();
  return {
    name: `@engine/dataset, ${numWorkers} workers (Node ${process.versions.node})`,
    round,
    close: () => loader.close(),
  };
}
