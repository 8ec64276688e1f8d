import type { Entry } from '@engine/core';
import { parseOptions } from '@engine/registry';
import { BaseOptimWrapper } from './base-optim-wrapper.js';
import { defineOptimWrapper } from './define.js';
import { type BuiltOptimWrapperOptions, type OptimWrapperOptions, optimWrapperOptions } from './wrapper-options.js';

declare module '@engine/registry' {
  interface OptimWrappers {
    OptimWrapper: typeof OptimWrapper;
  }
}

/**
 * Turns losses into steps: differentiates, accumulates gradients over `accumulativeCounts` calls, clips them, lets the
 * optimizer step. The last window of a run is divided by its own length once `initializeCountStatus` has told where the run ends.
 *
 * Owns the optimizer's state from then on (`dispose` frees it), the unfinished gradient sums, and the outputs of the last update.
 */
export class OptimWrapper extends BaseOptimWrapper {
  static readonly entry: Entry<'optimWrapper', 'OptimWrapper', OptimWrapperOptions> = defineOptimWrapper<
    'OptimWrapper',
    typeof optimWrapperOptions,
    OptimWrapperOptions
  >({
    name: 'OptimWrapper',
    options: optimWrapperOptions,
    create: ({ optimizer, ...options }, ctx) =>
      new OptimWrapper({
        ...options,
        optimizer: ctx.build('optimizer', optimizer, { key: 'optimizer', args: { params: ctx.args.params } }),
      }),
    module: '@engine/optim',
    doc: 'Differentiates losses, accumulates and clips gradients, and steps an optimizer.',
  });

  /** @throws `ENGINE_OPTIM_NOT_AN_OPTIMIZER`, `_CANNOT_SKIP`, `ENGINE_REGISTRY_*` for options */
  constructor(options: BuiltOptimWrapperOptions) {
    super(options, parseOptions(optimWrapperOptions, options, { subject: 'OptimWrapper' }).value);
  }
}
