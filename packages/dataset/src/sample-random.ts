import { KeyedRandom } from '@engine/core/plain';
import type { SampleContext } from './contract.js';

/**
 * The random numbers of one transform for one sample: a function of (seed, epoch, sample index, place in the pipeline) alone,
 * so augmentation does not depend on batch, order or number of workers.
 */
export function sampleRandom(ctx: SampleContext): KeyedRandom {
  return new KeyedRandom(ctx.seed, 'sample', ctx.epoch, ctx.index, ctx.stream ?? '');
}
