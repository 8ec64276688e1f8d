import { KeyedRandom } from '@engine/core/plain';
import type { SampleContext } from './contract.js';

/** The key that all transforms of a sample begin with, for the sample asked for last. */
let stem = { seed: Number.NaN, epoch: Number.NaN, index: Number.NaN, random: new KeyedRandom(0) };

/**
 * The random numbers of one transform for one sample: a function of (seed, epoch, sample index, place in the pipeline) alone,
 * so augmentation does not depend on batch, order or number of workers.
 */
export function sampleRandom({ seed, epoch, index, stream = '' }: SampleContext): KeyedRandom {
  if (stem.index !== index || stem.epoch !== epoch || stem.seed !== seed)
    stem = { seed, epoch, index, random: new KeyedRandom(seed, 'sample', epoch, index) };
  return new KeyedRandom(stem.random, stream);
}
