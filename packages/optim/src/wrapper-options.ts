import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import { clipGradOptions } from './clip-grad.js';
import type { Optimizer } from './contract.js';

/** The options that every optim wrapper has. */
export const commonWrapperFields = {
  /** A config such as `{ type: SGD, lr: 0.1 }`, or an optimizer. */
  optimizer: thing('optimizer'),
  /** Calls of `updateParams` that add up to one step. */
  accumulativeCounts: z._default(z.int().check(z.positive()), 1),
  /** Limits gradients before each step, by norm (`{ maxNorm: 1 }`) or by value (`{ type: 'value', clipValue: 0.5 }`). */
  clipGrad: z.optional(z.nullable(clipGradOptions)),
  /**
   * Name of an output of the loss function that its loss is a mean over, e.g. the number of tokens. Accumulated losses then count by it:
   * the step is that of the mean over all tokens of the window. Default: every call counts the same.
   */
  weightedBy: z.optional(z.nullable(z.string().check(z.minLength(1)))),
};

export const optimWrapperOptions = z.strictObject(commonWrapperFields);

/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface OptimWrapperOptions extends Omit<z.input<typeof optimWrapperOptions>, 'optimizer'> {
  readonly optimizer: ConfigOf<'optimizer'>;
}

/** The options of an `OptimWrapper` in code: the optimizer is made already. */
export interface BuiltOptimWrapperOptions extends Omit<OptimWrapperOptions, 'optimizer'> {
  readonly optimizer: Optimizer;
}
