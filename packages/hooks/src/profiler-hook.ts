import { observeKernels } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { ChromeTrace } from './chrome-trace.js';
import { defineHook } from './define-hook.js';
import { hooksErrors } from './errors.js';
import type { Hook } from './hook.js';
import { type ProfilerSchedule, profilerSchedule, scheduledAction } from './profiler-schedule.js';
import type { RunContext } from './run-context.js';

const count = z.int().check(z.positive());
const profilerHookOptions = z.strictObject({
  /** Profiles the first epoch; false: the first `profileTimes` iterations. */
  byEpoch: z._default(z.boolean(), true),
  /** Iterations that are profiled; with `byEpoch` 1. */
  profileTimes: z._default(count, 1),
  /** Whether kernels are recorded beside steps and hooks. */
  activityWithCpu: z._default(z.boolean(), true),
  /** Whether a step ends only when the device has computed it. For backends that work by themselves; it slows them down. */
  activityWithCuda: z._default(z.boolean(), false),
  /** Which of the iterations are recorded; default all. */
  schedule: z.optional(z.nullable(profilerSchedule)),
  /** What is done with the profile besides the trace file: a table in the log, or a file for TensorBoard's profiler in `dirName`. */
  onTraceReady: z.optional(
    z.nullable(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('log_trace'), rowLimit: z._default(count, 100) }),
        z.strictObject({ type: z.literal('tb_trace'), dirName: z._default(z.string(), 'tf_tracing_logs') }),
      ]),
    ),
  ),
  /** Whether kernels have the shapes of their inputs. */
  recordShapes: z._default(z.boolean(), false),
  /** Whether the memory of tensors is recorded after each kernel. */
  profileMemory: z._default(z.boolean(), false),
  /** Not recorded here; there so that configs of MMEngine that switch it off are taken. */
  withStack: z._default(z.literal(false), false),
  withFlops: z._default(z.literal(false), false),
  /** The trace; relative paths are below the run's folder. Default `trace.json`, unless `onTraceReady` says what to do. */
  jsonTracePath: z.optional(z.nullable(z.string())),
});
export interface ProfilerHookOptions extends z.input<typeof profilerHookOptions> {}

/**
 * Records the time of steps, hooks and kernels at the beginning of a training and writes a Chrome trace, for chrome://tracing, Perfetto
 * or TensorBoard. The time of a kernel is that of the call: on backends that compute by themselves it is the time to hand it over.
 */
export class ProfilerHook implements Hook {
  static readonly entry = defineHook<'ProfilerHook', typeof profilerHookOptions, ProfilerHookOptions>({
    name: 'ProfilerHook',
    options: profilerHookOptions,
    create: (options) => new ProfilerHook(options),
    module: '@engine/hooks',
    doc: 'Writes a Chrome trace of steps, hooks and kernels.',
  });
  readonly name = 'ProfilerHook';
  readonly priority = 'VERY_LOW';
  readonly #options: z.output<typeof profilerHookOptions>;
  readonly #schedule: ProfilerSchedule | undefined;
  #trace: ChromeTrace | undefined;
  #stop: (() => void)[] = [];
  #isRecording = false;
  #steps = 0;
  #stepStart = 0;

  /** @throws `ENGINE_HOOKS_PROFILE_TOO_LONG` */
  constructor(options: ProfilerHookOptions = {}) {
    this.#options = parseOptions(profilerHookOptions, options, { subject: 'ProfilerHook' }).value;
    this.#schedule = this.#options.schedule ?? undefined;
    const { byEpoch, profileTimes } = this.#options;
    if (byEpoch && profileTimes > 1) throw tooLong('profileTimes = 1 with byEpoch: one epoch', profileTimes);
  }

  /** @throws `ENGINE_HOOKS_PROFILE_TOO_LONG` */
  beforeTrain(ctx: RunContext): void {
    const { byEpoch, profileTimes } = this.#options;
    const length = byEpoch ? ctx.maxEpochs : ctx.maxIters;
    if (length < profileTimes) throw tooLong(`at most the ${length} of the run`, profileTimes);
    this.#steps = 0;
    this.#trace = new ChromeTrace();
    this.#begin(ctx, this.#trace);
  }

  beforeTrainIter({ platform }: RunContext): void {
    if (this.#trace === undefined) return;
    this.#isRecording = scheduledAction(this.#schedule, this.#steps) === 'record';
    this.#stepStart = platform.monotonic();
  }

  async afterTrainIter(ctx: RunContext): Promise<void> {
    const trace = this.#trace;
    if (trace === undefined) return;
    if (this.#options.activityWithCuda) await ctx.backend.synchronize();
    if (this.#isRecording)
      trace.add({
        row: 'steps',
        name: `step ${ctx.iter + 1}`,
        start: this.#stepStart,
        end: ctx.platform.monotonic(),
      });
    this.#steps += 1;
    if (!this.#options.byEpoch && this.#steps === this.#options.profileTimes) await this.#finish(ctx);
  }

  async afterTrainEpoch(ctx: RunContext): Promise<void> {
    await this.#finish(ctx);
  }

  /** A training that ended before has its profile too. */
  async afterRun(ctx: RunContext): Promise<void> {
    await this.#finish(ctx);
  }

  dispose(): void {
    this.#end();
  }

  #begin({ platform, onHookCall, backend }: RunContext, trace: ChromeTrace): void {
    const { activityWithCpu, recordShapes, profileMemory } = this.#options;
    const now = (): number => platform.monotonic();
    this.#stop.push(
      onHookCall(({ hook, point, start, end }) => {
        if (this.#isRecording) trace.add({ row: 'hooks', name: `${hook}.${point}`, start, end });
      }),
    );
    if (!activityWithCpu) return;
    this.#stop.push(
      observeKernels(now, ({ kernel, start, end, inputs }) => {
        if (!this.#isRecording) return;
        trace.add({ row: 'kernels', name: kernel, start, end, ...(recordShapes && { args: { shapes: inputs } }) });
        if (profileMemory) trace.addMemory(end, backend.memory());
      }),
    );
  }

  #end(): void {
    for (const stop of this.#stop.splice(0).reverse()) stop();
    this.#trace = undefined;
    this.#isRecording = false;
  }

  async #finish(ctx: RunContext): Promise<void> {
    const trace = this.#trace;
    this.#end();
    if (trace === undefined || !ctx.isMainProcess) return;
    const { onTraceReady, jsonTracePath } = this.#options;
    if (onTraceReady?.type === 'log_trace') ctx.logger.info(`Kernels by time:\n${trace.table(onTraceReady.rowLimit)}`);
    const files: string[] = [];
    if (onTraceReady?.type === 'tb_trace') files.push(ctx.storage.join(onTraceReady.dirName, 'engine.pt.trace.json'));
    if (typeof jsonTracePath === 'string') files.push(jsonTracePath);
    else if (onTraceReady === undefined || onTraceReady === null) files.push('trace.json');
    for (const file of files) {
      const isRelative = ctx.storage.resolve(file) !== file;
      const path = isRelative ? ctx.storage.join(ctx.logDir, file) : file;
      await ctx.storage.putAtomic(path, new TextEncoder().encode(trace.toJson()));
      ctx.logger.info(`The profile is in ${path}.`);
    }
  }
}

function tooLong(expected: string, profileTimes: number): Error {
  return hooksErrors.PROFILE_TOO_LONG({
    subject: 'ProfilerHook',
    expected,
    received: `profileTimes = ${profileTimes}`,
    action: 'lower profileTimes, or profile iterations: byEpoch: false',
  });
}

declare module '@engine/registry' {
  interface Hooks {
    ProfilerHook: typeof ProfilerHook;
  }
}
