import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import { hooksErrors } from './errors.js';
import type { Hook } from './hook.js';
import type { HookCall, RunContext } from './run-context.js';

/** Iterations at the start in which variables and caches are made. */
const WARMUP = 2;

const count = z.int().check(z.positive());
const leakMonitorHookOptions = z.strictObject({
  /** Iterations between looks. */
  interval: z._default(count, 50),
  /** Looks in a row at which there are more tensors than at the one before, until it is told. */
  patience: z._default(count, 3),
  /** What happens: a warning is logged, or the run ends with an error. */
  action: z._default(z.enum(['warn', 'stop']), 'warn'),
});
export interface LeakMonitorHookOptions extends z.input<typeof leakMonitorHookOptions> {}

/** Watches the number of tensors on the device, which is flat in a sound run, and says which part of an iteration leaves some behind. */
export class LeakMonitorHook implements Hook {
  static readonly entry = defineHook<'LeakMonitorHook', typeof leakMonitorHookOptions, LeakMonitorHookOptions>({
    name: 'LeakMonitorHook',
    options: leakMonitorHookOptions,
    create: (options) => new LeakMonitorHook(options),
    module: '@engine/hooks',
    doc: 'Watches whether tensors pile up, and says which part of an iteration leaves them.',
  });
  readonly name = 'LeakMonitorHook';
  readonly priority = 'HIGHEST';
  readonly #options: z.output<typeof leakMonitorHookOptions>;
  #previous: { readonly tensors: number; readonly iter: number } | undefined;
  #growth = 0;
  #inARow = 0;
  #iters = 0;
  #hasTold = false;
  #iterAtStart = 0;
  #stop: (() => void) | undefined;
  /** Tensors that calls of hooks have left since the growth began, by call. */
  readonly #byCall = new Map<string, number>();
  #atLastCall = 0;

  constructor(options: LeakMonitorHookOptions = {}) {
    this.#options = parseOptions(leakMonitorHookOptions, options, { subject: 'LeakMonitorHook' }).value;
  }

  beforeTrain(ctx: RunContext): void {
    this.#previous = undefined;
    this.#hasTold = false;
    this.#iterAtStart = ctx.iter;
    this.#reset();
    this.#stop ??= ctx.onHookCall((call) => this.#count(call, ctx));
  }

  /** @throws `ENGINE_HOOKS_TENSORS_LEAK` when told to stop */
  async beforeTrainIter(ctx: RunContext): Promise<void> {
    if (ctx.iter >= this.#iterAtStart + WARMUP && ctx.everyNTrainIters(this.#options.interval)) {
      await ctx.messageHub.flush(); // it holds what no log line has asked for yet
      this.#look(ctx);
    }
    this.#atLastCall = ctx.backend.memory().numTensors;
  }

  #look(ctx: RunContext): void {
    const tensors = ctx.backend.memory().numTensors - ctx.keptTensors;
    const before = this.#previous;
    this.#previous = { tensors, iter: ctx.iter };
    if (before === undefined) return;
    if (tensors <= before.tensors) {
      this.#reset();
      return;
    }
    this.#growth += tensors - before.tensors;
    this.#iters += ctx.iter - before.iter;
    this.#inARow += 1;
    if (this.#inARow >= this.#options.patience && !this.#hasTold) this.#tell(ctx, tensors);
  }

  afterTrain(): void {
    this.dispose();
  }
  afterRun(): void {
    this.dispose();
  }
  dispose(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** What was made before the first hook after a step is the step's: this hook is that first one. */
  afterTrainIter({ backend }: RunContext): void {
    this.#atLastCall = backend.memory().numTensors;
  }

  #count({ hook, point }: HookCall, { backend }: RunContext): void {
    const now = backend.memory().numTensors;
    const left = now - this.#atLastCall;
    this.#atLastCall = now;
    const name = `${hook}.${point}`;
    if (left > 0 && hook !== this.name) this.#byCall.set(name, (this.#byCall.get(name) ?? 0) + left);
  }

  #reset(): void {
    [this.#growth, this.#inARow, this.#iters] = [0, 0, 0];
    this.#byCall.clear();
  }

  #tell(ctx: RunContext, tensors: number): void {
    this.#hasTold = true;
    const rate = (this.#growth / this.#iters).toPrecision(3);
    const hooks = [...this.#byCall].sort(([, a], [, b]) => b - a).filter(([, left]) => left >= this.#growth / 2);
    const where =
      hooks.length > 0
        ? `left by ${hooks.map(([name]) => name).join(', ')}`
        : 'left by the step itself: the model, the loss, the preprocessor or the optimizer';
    const error = hooksErrors.TENSORS_LEAK({
      expected: 'as many tensors in every iteration',
      received: `${this.#growth} more in ${this.#iters} iterations (${rate} an iteration, ${tensors} now), ${where}; at epoch ${ctx.epoch}, iter ${ctx.iter}`,
      action: 'free what is kept with tf.keep, keep with ctx.keep instead, and compute inside ctx.tidy after an await',
    });
    if (this.#options.action === 'stop') throw error;
    ctx.logger.warn(`Tensors pile up: ${error.received}.`);
  }
}

declare module '@engine/registry' {
  interface Hooks {
    LeakMonitorHook: typeof LeakMonitorHook;
  }
}
