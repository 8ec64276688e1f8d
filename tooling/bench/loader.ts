import type { BenchSeries } from './harness/bench.js';
import { arrays } from './loader/arrays.js';
import { collating } from './loader/collate.js';
import { memory } from './loader/memory.js';

/** Loading data, against PyTorch's DataLoader and torchvision with as many workers; arguments name parts: `npm run bench -- loader arrays`. */
export const bench: BenchSeries = {
  name: 'loader',
  parts: [arrays(0), arrays(2), collating, memory],
};
