import type { TrainableModel } from '@engine/model';
import type { ConfigOf } from '@engine/registry';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { Hook } from './hook.js';
import type { RunContext } from './run-context.js';

const prepareTTAHookOptions = z.strictObject({
  /** Config of a model for test-time augmentation; it gets the model of the run as `module`. */
  ttaCfg: z.custom<object>((value) => typeof value === 'object' && value !== null && 'type' in value),
});
/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface PrepareTTAHookOptions {
  readonly ttaCfg: ConfigOf<'model'>;
}

type BuildModel = (config: object) => TrainableModel;

/** Tests with a model for test-time augmentation around the trained one; training and validation see the trained one alone. */
export class PrepareTTAHook implements Hook {
  static readonly entry = defineHook<'PrepareTTAHook', typeof prepareTTAHookOptions, PrepareTTAHookOptions>({
    name: 'PrepareTTAHook',
    options: prepareTTAHookOptions,
    create: ({ ttaCfg }, ctx) => new PrepareTTAHook(ttaCfg, (config) => ctx.build('model', config, { key: 'ttaCfg' })),
    module: '@engine/hooks',
    doc: 'Tests with several versions of each sample and merges what is predicted.',
  });
  readonly name = 'PrepareTTAHook';
  readonly #config: object;
  readonly #build: BuildModel;

  /** `build` makes the model from `ttaCfg` with `module` filled in. */
  constructor(ttaCfg: object, build: BuildModel) {
    this.#config = ttaCfg;
    this.#build = build;
  }

  beforeTest(ctx: RunContext): void {
    ctx.useModel(this.#build({ ...this.#config, module: ctx.model }));
  }

  afterTest(ctx: RunContext): void {
    ctx.useModel(undefined);
  }
}

declare module '@engine/registry' {
  interface Hooks {
    PrepareTTAHook: typeof PrepareTTAHook;
  }
}
