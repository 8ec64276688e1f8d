// dataset.ts
import { hostArray, KeyedRandom } from '@engine/core';
import { defineDataset } from '@engine/dataset';
import * as z from 'zod/mini';

export const Circles = defineDataset({
  name: 'Circles',
  options: z.strictObject({ size: z._default(z.int(), 2000), seed: z._default(z.int(), 0) }),
  create: ({ size, seed }) => ({
    metainfo: { classes: ['outside', 'inside'] },
    length: size,
    async init() {},
    get(index) {
      const random = new KeyedRandom(seed, 'circles', index); // the same point for the same index, always
      const [x, y] = [2 * random.nextFloat() - 1, 2 * random.nextFloat() - 1];
      return { inputs: hostArray('float32', [2], Float32Array.of(x, y)), samples: x * x + y * y < 0.6 ? 1 : 0 };
    },
  }),
});

declare module '@engine/registry' {
  interface Datasets {
    Circles: typeof Circles; // so that the compiler checks its options in a config
  }
}
