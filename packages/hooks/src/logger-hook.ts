import type { LogMode, LogState } from '@engine/logging';
import { parseOptions } from '@engine/registry';
import type { ScalarRow } from '@engine/visualization';
import * as z from 'zod/mini';
import { defineHook } from './define-hook.js';
import type { EvalIterInfo, Hook, MetricsInfo, TrainIterInfo } from './hook.js';
import { folderBelow } from './out-dir.js';
import type { RunContext } from './run-context.js';
import { uploadLogs } from './upload-logs.js';

/** Milliseconds between moves of the progress line. */
const PROGRESS_EVERY = 100;

const positive = z.int().check(z.positive());
const loggerHookOptions = z.strictObject({
  /** Iterations between log lines. */
  interval: z._default(positive, 10),
  /** Leave out the last iterations of an epoch when they do not fill an interval. */
  ignoreLast: z._default(z.boolean(), true),
  /** Iterations between lines with the experiment's name. */
  intervalExpName: z._default(positive, 1000),
  /** Folder, or URI of one, below which the logs are copied when the run ends: to `<work dir>/<timestamp>`. */
  outDir: z.optional(z.nullable(z.string())),
  /** Endings of the files that are copied. */
  outSuffix: z._default(z.union([z.string(), z.array(z.string())]), ['.json', '.log', '.py', '.yaml']),
  /** Whether they stay in the work dir too. */
  keepLocal: z._default(z.boolean(), true),
  /** Whether the step of validation's scalars is the epoch; default false: the iteration, as for training. */
  logMetricByEpoch: z._default(z.boolean(), false),
  /** Null, as configs of MMEngine have it: what a storage needs is said once, in `storages`. */
  backendArgs: z.optional(z.null()),
});
export interface LoggerHookOptions extends z.input<typeof loggerHookOptions> {}

/** Writes log lines and scalar rows, and moves the progress line. */
export class LoggerHook implements Hook {
  static readonly entry = defineHook<'LoggerHook', typeof loggerHookOptions, LoggerHookOptions>({
    name: 'LoggerHook',
    options: loggerHookOptions,
    create: (options) => new LoggerHook(options),
    module: '@engine/hooks',
    doc: 'Writes log lines and scalar rows, and moves the progress line.',
  });
  readonly name = 'LoggerHook';
  readonly priority = 'BELOW_NORMAL';
  readonly #options: z.output<typeof loggerHookOptions>;
  #shown: Record<string, number> = {};
  #progressDue = 0;

  constructor(options: LoggerHookOptions = {}) {
    this.#options = parseOptions(loggerHookOptions, options, { subject: 'LoggerHook' }).value;
  }

  beforeRun(ctx: RunContext): void {
    const { outDir } = this.#options;
    if (typeof outDir === 'string')
      ctx.logger.info(`Text logs will be saved to ${this.#folder(outDir, ctx)} after the run.`);
  }

  async afterTrainIter(ctx: RunContext, { batchIdx }: TrainIterInfo): Promise<void> {
    const { interval, ignoreLast, intervalExpName } = this.#options;
    const length = ctx.trainLoop?.dataloader.length ?? 0;
    const last = batchIdx + 1 === length;
    if (ctx.everyNTrainIters(intervalExpName) || last) ctx.logger.info(`Exp name: ${ctx.experimentName}`);
    if (ctx.everyNInnerIters(batchIdx, interval) || (last && (!ignoreLast || length <= interval))) {
      const { tag, text } = await ctx.logProcessor.getLogAfterIter(ctx.messageHub, stateOf(ctx, 'train', batchIdx));
      ctx.logger.info(text);
      await ctx.visualizer.addScalars(tag as ScalarRow, ctx.iter + 1);
      this.#shown = typeof tag.loss === 'number' ? { loss: tag.loss } : {};
    }
    this.#progress(ctx, {
      label: trainLabel(ctx),
      done: batchIdx + 1,
      total: ctx.trainLoop?.byEpoch === false ? ctx.maxIters : length,
      mode: 'train',
      values: this.#shown,
    });
  }

  async afterValIter(ctx: RunContext, { batchIdx }: EvalIterInfo): Promise<void> {
    await this.#afterEvalIter(ctx, 'val', batchIdx);
  }

  async afterTestIter(ctx: RunContext, { batchIdx }: EvalIterInfo): Promise<void> {
    await this.#afterEvalIter(ctx, 'test', batchIdx);
  }

  async afterValEpoch(ctx: RunContext, _info: MetricsInfo): Promise<void> {
    const length = ctx.valLoop?.dataloader.length ?? 0;
    const { tag, text } = await ctx.logProcessor.getLogAfterEpoch(ctx.messageHub, {
      ...stateOf(ctx, 'val', length - 1),
      mode: 'val',
    });
    ctx.logger.info(text);
    const row = { ...(tag as ScalarRow), epoch: ctx.epoch, iter: ctx.iter };
    await ctx.visualizer.addScalars(row, this.#options.logMetricByEpoch ? ctx.epoch : ctx.iter);
  }

  async afterTestEpoch(ctx: RunContext, _info: MetricsInfo): Promise<void> {
    const length = ctx.testLoop?.dataloader.length ?? 0;
    const at = { ...stateOf(ctx, 'test', length - 1), mode: 'test' as const };
    const { tag, text } = await ctx.logProcessor.getLogAfterEpoch(ctx.messageHub, at, { withNonScalar: true });
    ctx.logger.info(text);
    if (ctx.isMainProcess) {
      const path = ctx.storage.join(ctx.logDir, `${ctx.timestamp}.json`);
      await ctx.storage.putAtomic(path, new TextEncoder().encode(`${JSON.stringify(tag)}\n`));
    }
  }

  async afterRun(ctx: RunContext): Promise<void> {
    ctx.progress.clear();
    await ctx.visualizer.close();
    const { outDir, outSuffix, keepLocal } = this.#options;
    if (outDir === undefined || outDir === null || !ctx.isMainProcess) return;
    await uploadLogs(ctx, { to: this.#folder(outDir, ctx), suffixes: [outSuffix].flat(), keepLocal });
  }

  #folder(outDir: string, ctx: RunContext): string {
    return ctx.storage.join(folderBelow(outDir, ctx), ctx.timestamp);
  }

  async #afterEvalIter(ctx: RunContext, mode: 'val' | 'test', batchIdx: number): Promise<void> {
    const at = stateOf(ctx, mode, batchIdx);
    if (ctx.everyNInnerIters(batchIdx, this.#options.interval)) {
      ctx.logger.info((await ctx.logProcessor.getLogAfterIter(ctx.messageHub, at)).text);
    }
    this.#progress(ctx, {
      label: mode === 'val' ? valLabel(ctx) : 'test',
      done: batchIdx + 1,
      total: at.loaderLength,
      mode,
    });
  }

  #progress(
    ctx: RunContext,
    at: { label: string; done: number; total: number; mode: LogMode; values?: Record<string, number> },
  ): void {
    if (ctx.progress.isShown === false) return;
    const now = ctx.platform.monotonic();
    if (now < this.#progressDue && at.done < at.total) return;
    this.#progressDue = now + PROGRESS_EVERY;
    const time = ctx.messageHub.scalars.get(`${at.mode}/time`)?.mean(10);
    const eta = ctx.messageHub.getInfo('eta');
    ctx.progress.update({
      label: at.label,
      done: at.done,
      total: at.total,
      rate: time === undefined || time <= 0 ? undefined : 1 / time,
      eta: typeof eta === 'number' ? eta : undefined,
      values: at.values ?? {},
      memoryMB: memoryOf(ctx),
    });
  }
}

function trainLabel(ctx: RunContext): string {
  return ctx.trainLoop?.byEpoch === false ? 'iter' : `epoch ${ctx.epoch + 1}/${ctx.maxEpochs}`;
}

function valLabel(ctx: RunContext): string {
  return ctx.trainLoop?.byEpoch === false ? `val ${ctx.iter}/${ctx.maxIters}` : `val ${ctx.epoch}/${ctx.maxEpochs}`;
}

function stateOf(ctx: RunContext, mode: LogMode, batchIdx: number): LogState {
  const loop = { train: ctx.trainLoop, val: ctx.valLoop, test: ctx.testLoop }[mode];
  return {
    mode,
    byEpoch: ctx.trainLoop?.byEpoch ?? true,
    epoch: ctx.epoch,
    iter: mode === 'train' ? ctx.iter : ctx.iter - 1,
    maxEpochs: ctx.maxEpochs,
    maxIters: ctx.maxIters,
    batchIdx,
    loaderLength: loop?.dataloader.length ?? 0,
    trainBuilt: ctx.trainLoop !== undefined,
    memoryMB: memoryOf(ctx),
  };
}

/** In MB; undefined where the platform does not tell. */
function memoryOf({ platform }: RunContext): number | undefined {
  const resident = platform.residentBytes();
  return resident === undefined ? undefined : resident / 2 ** 20;
}

declare module '@engine/registry' {
  interface Hooks {
    LoggerHook: typeof LoggerHook;
  }
}
