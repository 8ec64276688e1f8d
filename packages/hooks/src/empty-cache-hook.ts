import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { Hook } from './hook.js';
import type { RunContext } from './run-context.js';

const emptyCacheHookOptions = z.strictObject({
  beforeEpoch: z._default(z.boolean(), false),
  afterEpoch: z._default(z.boolean(), true),
  afterIter: z._default(z.boolean(), false),
});
export interface EmptyCacheHookOptions extends z.input<typeof emptyCacheHookOptions> {}

/**
 * Asks the backend to give memory that it keeps for later use back to the system, around epochs and iterations of training, validation
 * and testing. With a backend that keeps none (`emptyCache` is not there) it says so once and does nothing.
 */
export class EmptyCacheHook implements Hook {
  static readonly entry = defineHook<'EmptyCacheHook', typeof emptyCacheHookOptions, EmptyCacheHookOptions>({
    name: 'EmptyCacheHook',
    options: emptyCacheHookOptions,
    create: (options) => new EmptyCacheHook(options),
    module: '@engine/hooks',
    doc: 'Gives memory that the backend keeps for later back to the system.',
  });
  readonly name = 'EmptyCacheHook';
  readonly #options: z.output<typeof emptyCacheHookOptions>;

  constructor(options: EmptyCacheHookOptions = {}) {
    this.#options = parseOptions(emptyCacheHookOptions, options, { subject: 'EmptyCacheHook' }).value;
  }

  beforeRun({ backend, logger }: RunContext): void {
    if (backend.emptyCache === undefined)
      logger.info(`EmptyCacheHook does nothing: the backend ${backend.name} keeps no memory that it could give back.`);
  }

  beforeTrainEpoch(ctx: RunContext): void {
    this.#empty(ctx, 'beforeEpoch');
  }
  beforeValEpoch(ctx: RunContext): void {
    this.#empty(ctx, 'beforeEpoch');
  }
  beforeTestEpoch(ctx: RunContext): void {
    this.#empty(ctx, 'beforeEpoch');
  }
  afterTrainIter(ctx: RunContext): void {
    this.#empty(ctx, 'afterIter');
  }
  afterValIter(ctx: RunContext): void {
    this.#empty(ctx, 'afterIter');
  }
  afterTestIter(ctx: RunContext): void {
    this.#empty(ctx, 'afterIter');
  }
  afterTrainEpoch(ctx: RunContext): void {
    this.#empty(ctx, 'afterEpoch');
  }
  afterValEpoch(ctx: RunContext): void {
    this.#empty(ctx, 'afterEpoch');
  }
  afterTestEpoch(ctx: RunContext): void {
    this.#empty(ctx, 'afterEpoch');
  }

  #empty({ backend }: RunContext, when: keyof z.output<typeof emptyCacheHookOptions>): void {
    if (this.#options[when]) backend.emptyCache?.();
  }
}

declare module '@engine/registry' {
  interface Hooks {
    EmptyCacheHook: typeof EmptyCacheHook;
  }
}
