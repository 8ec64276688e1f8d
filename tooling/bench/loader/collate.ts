import { hostArray } from '@engine/core/plain';
import { defaultCollate, type Sample } from '@engine/dataset';
import type { Bench, Contender } from '../harness/bench.js';

const [IMAGES, BATCH, BYTES] = [60_000, 128, 28 * 28];
const BATCHES = 4000;
const SHAPE = [28, 28, 1]; // one for all, as in a dataset of images in memory

/** Pictures of MNIST's shape and their labels to batches, against copying the same bytes into new arrays. */
export const collating: Bench = {
  name: 'collate',
  aim: 0.9,
  unit: `a batch of ${BATCH} pictures, 28 x 28, and labels`,
  async prepare() {
    const batches = drawn();
    return { ours: contender('defaultCollate', batches, defaultCollate), rival: contender('memcpy', batches, copied) };
  },
};

function drawn(): readonly Sample[][] {
  const pixels = Uint8Array.from({ length: IMAGES * BYTES }, (_, i) => Math.imul(i, 2654435761) >>> 24);
  const sample = (i: number): Sample => {
    const at = (Math.imul(i, 40503) >>> 0) % IMAGES;
    return { inputs: hostArray('uint8', SHAPE, pixels.subarray(at * BYTES, (at + 1) * BYTES)), samples: at % 10 };
  };
  return Array.from({ length: 200 }, (_, b) => Array.from({ length: BATCH }, (__, i) => sample(b * BATCH + i)));
}

function copied(samples: readonly Sample[]): unknown {
  const [pixels, labels] = [new Uint8Array(samples.length * BYTES), new Int32Array(samples.length)];
  for (let i = 0; i < samples.length; i++) {
    const { inputs, samples: label } = samples[i] as { inputs: { data: Uint8Array }; samples: number };
    pixels.set(inputs.data, i * BYTES);
    labels[i] = label;
  }
  return { pixels, labels };
}

function contender(
  name: string,
  batches: readonly Sample[][],
  make: (samples: readonly Sample[]) => unknown,
): Contender {
  const run = (count: number): void => {
    for (let i = 0; i < count; i++) make(batches[i % batches.length] as Sample[]);
  };
  run(BATCHES);
  return {
    name,
    async round() {
      const started = performance.now();
      run(BATCHES);
      return (performance.now() - started) / BATCHES;
    },
  };
}
