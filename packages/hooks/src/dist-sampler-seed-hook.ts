import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { Hook } from './hook.js';
import type { RunContext } from './run-context.js';

const distSamplerSeedHookOptions = z.strictObject({});
export interface DistSamplerSeedHookOptions extends z.input<typeof distSamplerSeedHookOptions> {}

/** Gives every epoch its own sample order, the same on all ranks. Without it each epoch repeats the first one's order. */
export class DistSamplerSeedHook implements Hook {
  static readonly entry = defineHook<
    'DistSamplerSeedHook',
    typeof distSamplerSeedHookOptions,
    DistSamplerSeedHookOptions
  >({
    name: 'DistSamplerSeedHook',
    options: distSamplerSeedHookOptions,
    create: () => new DistSamplerSeedHook(),
    module: '@engine/hooks',
    doc: 'Gives every epoch its own sample order.',
  });
  readonly name = 'DistSamplerSeedHook';

  beforeTrainEpoch(ctx: RunContext): void {
    ctx.trainLoop?.dataloader.setEpoch(ctx.epoch);
  }
}

declare module '@engine/registry' {
  interface Hooks {
    DistSamplerSeedHook: typeof DistSamplerSeedHook;
  }
}
