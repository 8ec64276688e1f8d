import type { HostArray } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { Hook, IterInfo } from './hook.js';
import type { RunContext } from './run-context.js';

const count = z.int().check(z.positive());
const throughputHookOptions = z.strictObject({
  /** Iterations that a figure is taken over. */
  interval: z._default(count, 10),
  /** Iterations at the start that count for nothing: they compile and fill caches. */
  warmup: z._default(z.int().check(z.nonnegative()), 5),
  /** Iterations after the warm-up until it is told how long the run will take. */
  estimateAfter: z._default(count, 20),
});
export interface ThroughputHookOptions extends z.input<typeof throughputHookOptions> {}

/** What one stretch of training took. */
interface Stretch {
  iters: number;
  samples: number;
  /** Milliseconds in all, and of them waiting for data. */
  time: number;
  waiting: number;
}

const empty = (): Stretch => ({ iters: 0, samples: 0, time: 0, waiting: 0 });

/**
 * Measures what a training gets done: `samplesPerSec` of all processes, `tensors` and `tensorMb` on the device, in log lines and scalars. Tells
 * once how long the run will take, and at the end what it did and what it waited for.
 */
export class ThroughputHook implements Hook {
  static readonly entry = defineHook<'ThroughputHook', typeof throughputHookOptions, ThroughputHookOptions>({
    name: 'ThroughputHook',
    options: throughputHookOptions,
    create: (options) => new ThroughputHook(options),
    module: '@engine/hooks',
    doc: 'Measures samples a second and memory on the device, and tells how long the run will take.',
  });
  readonly name = 'ThroughputHook';
  readonly #options: z.output<typeof throughputHookOptions>;
  #seen = 0;
  #last = 0;
  #waited = 0;
  #recent = empty();
  #whole = empty();
  #peakBytes = 0;
  #peakResident = 0;

  constructor(options: ThroughputHookOptions = {}) {
    this.#options = parseOptions(throughputHookOptions, options, { subject: 'ThroughputHook' }).value;
  }

  beforeTrain(): void {
    [this.#seen, this.#peakBytes, this.#peakResident] = [0, 0, 0];
    [this.#recent, this.#whole] = [empty(), empty()];
  }

  /** What was done between epochs counts for no iteration. */
  beforeTrainEpoch({ platform }: RunContext): void {
    this.#last = platform.monotonic();
  }

  beforeTrainIter({ platform }: RunContext): void {
    this.#waited = platform.monotonic() - this.#last;
  }

  afterTrainIter(ctx: RunContext, { batch }: IterInfo): void {
    const now = ctx.platform.monotonic();
    const time = now - this.#last;
    this.#last = now;
    this.#seen += 1;
    if (this.#seen <= this.#options.warmup) return;
    for (const stretch of [this.#recent, this.#whole]) {
      stretch.iters += 1;
      stretch.samples += samplesIn(batch) * ctx.communicator.size;
      stretch.time += time;
      stretch.waiting += this.#waited;
    }
    if (this.#recent.iters === this.#options.interval) this.#show(ctx);
    if (this.#whole.iters === this.#options.estimateAfter) this.#estimate(ctx);
  }

  afterTrain({ logger }: RunContext): void {
    const { iters, samples, time, waiting } = this.#whole;
    if (iters === 0) return;
    const memory = [
      `tensors ${megabytes(this.#peakBytes)} MB at most`,
      ...(this.#peakResident > 0 ? [`process ${megabytes(this.#peakResident)} MB at most`] : []),
    ];
    logger.info(
      `throughput: ${perSecond(samples, time).toFixed(1)} samples/s, ${(time / iters).toFixed(2)} ms an iteration, ${((100 * waiting) / Math.max(time, 1e-9)).toFixed(0)} % of it waiting for data; ${memory.join(', ')}`,
    );
  }

  #show({ backend, platform, messageHub }: RunContext): void {
    const { numTensors, numBytes } = backend.memory();
    const { samples, time } = this.#recent;
    this.#recent = empty();
    this.#peakBytes = Math.max(this.#peakBytes, numBytes);
    this.#peakResident = Math.max(this.#peakResident, platform.residentBytes() ?? 0);
    messageHub.updateScalar('train/samplesPerSec', perSecond(samples, time), { integer: false });
    messageHub.updateScalar('train/tensors', numTensors);
    messageHub.updateScalar('train/tensorMb', Number(megabytes(numBytes)), { integer: false });
  }

  #estimate({ logger, platform, iter, maxIters }: RunContext): void {
    const left = (this.#whole.time / this.#whole.iters) * (maxIters - iter - 1);
    const end = new Date(platform.now() + left).toISOString().slice(0, 16).replace('T', ' ');
    logger.info(`Training will take about ${duration(left)} more, until ${end} UTC, besides validation and saving.`);
  }
}

function samplesIn({ inputs }: IterInfo['batch']): number {
  return Array.isArray(inputs) ? inputs.length : ((inputs as HostArray).shape[0] ?? 1);
}

function perSecond(samples: number, milliseconds: number): number {
  return milliseconds > 0 ? (1000 * samples) / milliseconds : 0;
}

function megabytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

declare module '@engine/registry' {
  interface Hooks {
    ThroughputHook: typeof ThroughputHook;
  }
}
