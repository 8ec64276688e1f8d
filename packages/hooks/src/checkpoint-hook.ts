import { EngineError } from '@engine/core';
import type { MetricValues } from '@engine/evaluator';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { defaultGreaterKeys, defaultLessKeys, inferRule, isBetter, type Rule } from './best-score.js';
import { defineHook } from './define-hook.js';
import { hooksErrors } from './errors.js';
import type { Hook, MetricsInfo, TrainIterInfo } from './hook.js';
import { folderBelow } from './out-dir.js';
import { PUBLISHED_KEYS, publishedParts } from './published-keys.js';
import type { RunContext } from './run-context.js';

/** The slash of prefixes, and what Windows refuses. */
const NOT_IN_FILE_NAMES = /[/\\:*?"<>|]/g;

/** Where the message hub has the steps of the checkpoints that are kept. */
const KEPT = 'keepCkptIds';

const rule = z.enum(['greater', 'less']);
const strings = z.union([z.string(), z.array(z.string()).check(z.minLength(1))]);

const publishedKey = z.enum(PUBLISHED_KEYS);
const maybe = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

const checkpointHookOptions = z.strictObject({
  /** Epochs or iterations between saves; -1 saves only at the end. As a default hook: 1. */
  interval: z._default(z.union([z.literal(-1), z.int().check(z.positive())]), -1),
  byEpoch: z._default(z.boolean(), true),
  /** First epoch or iteration that may be saved; the interval counts from it. */
  saveBegin: z._default(z.int().check(z.nonnegative()), 0),
  saveLast: z._default(z.boolean(), true),
  saveOptimizer: z._default(z.boolean(), true),
  saveParamScheduler: z._default(z.boolean(), true),
  /** Regular checkpoints to keep; -1 keeps all. */
  maxKeepCkpts: z._default(z.union([z.literal(-1), z.int().check(z.positive())]), -1),
  /** Metrics whose best checkpoint is kept; `auto` takes the first that validation returns. */
  saveBest: maybe(strings),
  rule: maybe(z.union([rule, z.array(rule).check(z.minLength(1))])),
  greaterKeys: z._default(strings, [...defaultGreaterKeys]),
  lessKeys: z._default(strings, [...defaultLessKeys]),
  /** Folder, or URI of one, below which checkpoints go: into a folder with the name of the work dir. Default: the work dir itself. */
  outDir: maybe(z.string()),
  /** `{}` stands for the number. Default `epoch_{}.safetensors` or `iter_{}.safetensors`. */
  filenameTmpl: maybe(z.string().check(z.includes('{}'))),
  /**
   * At the end, copies of the last and the best checkpoint with these parts alone, named after their content: `model`, `ema`, `optim`,
   * `hook`, `schedulers`, `messageHub` (MMEngine's names for them are taken too). What a file says of itself always stays.
   */
  publishedKeys: maybe(z.union([publishedKey, z.array(publishedKey)])),
  /** Saves what there is when the run fails, as `exception_iter_N`; see {@link CheckpointHook.onException}. */
  saveOnException: z._default(z.boolean(), false),
  /** Null, as configs of MMEngine have it: what a storage needs is said once, in `storages`. */
  backendArgs: z.optional(z.null()),
});
export interface CheckpointHookOptions extends z.input<typeof checkpointHookOptions> {}
type Options = z.output<typeof checkpointHookOptions>;

/** Saves checkpoints at an interval, keeps the best ones, and points `last_checkpoint` at the newest. */
export class CheckpointHook implements Hook {
  static readonly entry = defineHook<'CheckpointHook', typeof checkpointHookOptions, CheckpointHookOptions>({
    name: 'CheckpointHook',
    options: checkpointHookOptions,
    create: (options) => new CheckpointHook(options),
    module: '@engine/hooks',
    doc: 'Saves checkpoints at an interval and keeps the best ones.',
  });
  readonly name = 'CheckpointHook';
  readonly priority = 'VERY_LOW';
  readonly #options: Options;
  readonly #template: string;
  readonly #rules: readonly Rule[] | undefined;
  #indicators: readonly string[];
  #kept: number[] = [];
  #hasSaved = false;
  /** Iterations finished before this training; undefined before one begins. */
  #iterAtStart: number | undefined;

  constructor(options: CheckpointHookOptions = {}) {
    this.#options = parseOptions(checkpointHookOptions, options, { subject: 'CheckpointHook' }).value;
    this.#template = this.#options.filenameTmpl ?? `${this.#options.byEpoch ? 'epoch' : 'iter'}_{}.safetensors`;
    this.#indicators = list(this.#options.saveBest);
    const { rule: rules } = this.#options;
    this.#rules = rules === undefined || rules === null ? undefined : [rules].flat();
    this.#checkIndicators();
  }

  async beforeTrain(ctx: RunContext): Promise<void> {
    const { maxKeepCkpts } = this.#options;
    this.#iterAtStart = ctx.iter;
    this.#hasSaved = ctx.resumed && ctx.messageHub.getInfo('lastCkpt') !== undefined;
    this.#kept = idsIn(ctx, KEPT);
    if (maxKeepCkpts > 0) await this.#removeBeyond(ctx, maxKeepCkpts);
    ctx.logger.info(`Checkpoints will be saved to ${this.#folder(ctx)}.`);
  }

  async afterTrainIter(ctx: RunContext, _info: TrainIterInfo): Promise<void> {
    const { byEpoch, interval, saveBegin, saveLast } = this.#options;
    if (byEpoch || !(ctx.everyNTrainIters(interval, saveBegin) || (saveLast && ctx.isLastTrainIter()))) return;
    ctx.logger.info(`Saving checkpoint at ${ctx.iter + 1} iterations`);
    await this.#save(ctx, ctx.iter + 1);
  }

  async afterTrainEpoch(ctx: RunContext): Promise<void> {
    const { byEpoch, interval, saveBegin, saveLast } = this.#options;
    if (!byEpoch || !(ctx.everyNEpochs(interval, saveBegin) || (saveLast && ctx.isLastTrainEpoch()))) return;
    ctx.logger.info(`Saving checkpoint at ${ctx.epoch + 1} epochs`);
    await this.#save(ctx, ctx.epoch + 1);
  }

  async afterValEpoch(ctx: RunContext, { metrics }: MetricsInfo): Promise<void> {
    if (this.#indicators.length === 0 || ctx.trainLoop === undefined) return;
    if (Object.keys(metrics).length === 0) {
      ctx.logger.warn('Validation returned no metrics: the best checkpoint is not updated.');
      return;
    }
    if (this.#indicators[0] === 'auto') this.#indicators = Object.keys(metrics).slice(0, 1);
    let improved = false;
    for (const [index, metric] of this.#indicators.entries())
      improved = (await this.#saveIfBest(ctx, { metric, index, metrics })) || improved;
    // A regular checkpoint written before this validation does not know the new best yet.
    if (improved && this.#hasSaved) await this.#save(ctx, this.#options.byEpoch ? ctx.epoch : ctx.iter);
  }

  /** Publishes what `publishedKeys` asks for. */
  async afterTrain(ctx: RunContext): Promise<void> {
    const keys = publishedParts(list(this.#options.publishedKeys));
    if (keys.length === 0) return;
    const last = this.#options.saveLast && this.#hasSaved ? [ctx.messageHub.getInfo('lastCkpt')] : [];
    const best = this.#indicators.map((metric) => ctx.messageHub.getInfo(`bestCkpt${this.#suffix(metric)}`));
    for (const fileName of new Set([...last, ...best])) {
      if (typeof fileName !== 'string') continue; // a metric that never was a number
      const path = await ctx.publishCheckpoint(ctx.storage.join(this.#folder(ctx), fileName), keys);
      ctx.logger.info(`The checkpoint ${fileName} is published as ${path}.`);
    }
  }

  /**
   * With `saveOnException`. `--resume` continues from it where the run failed between two iterations; one that failed inside an iteration
   * or its hooks is kept for looking at, since continuing from there would not be exact. Weights that are not finite are not saved.
   */
  async onException(ctx: RunContext, { error }: { readonly error: unknown }): Promise<void> {
    const hasTrained = this.#iterAtStart !== undefined && ctx.iter > this.#iterAtStart;
    if (!this.#options.saveOnException || !hasTrained || !canSaveAfter(error)) return;
    const fileName = `exception_iter_${ctx.iter}.safetensors`;
    const path = await ctx.saveCheckpoint({ fileName, outDir: this.#folder(ctx) });
    if (!ctx.isMidStep) await ctx.markLastCheckpoint(path);
    const next = ctx.isMidStep
      ? 'inside an iteration, so --resume continues from the checkpoint before'
      : '--resume continues from it';
    ctx.logger.info(`What there was is saved to ${path}: ${next}.`);
  }

  afterRun(): void {
    this.#iterAtStart = undefined;
  }

  async #save(ctx: RunContext, step: number): Promise<void> {
    const { maxKeepCkpts, saveOptimizer, saveParamScheduler } = this.#options;
    const fileName = this.#nameOf(step);
    const dropped: number[] = [];
    if (maxKeepCkpts > 0 && this.#kept.at(-1) !== step) {
      this.#kept.push(step);
      while (this.#kept.length > maxKeepCkpts) dropped.push(this.#kept.shift() as number);
      ctx.messageHub.updateInfo(KEPT, [...this.#kept]);
    }
    ctx.messageHub.updateInfo('lastCkpt', fileName);
    await ctx.saveCheckpoint({
      fileName,
      outDir: this.#folder(ctx),
      saveOptimizer,
      saveParamScheduler,
      whenSaved: (path) => ctx.markLastCheckpoint(path),
      // MMEngine deletes first and can end with none.
      replaces: dropped.map((id) => this.#nameOf(id)),
    });
    this.#hasSaved = true;
  }

  async #saveIfBest(ctx: RunContext, at: { metric: string; index: number; metrics: MetricValues }): Promise<boolean> {
    const { metric, index } = at;
    const score = this.#score(at);
    const suffix = this.#suffix(metric);
    const best = ctx.messageHub.getInfo(`bestScore${suffix}`);
    const ruleHere = this.#rules?.[index] ?? this.#rules?.[0] ?? inferRule(metric, this.#ruleKeys());
    if (!isBetter(ruleHere, score, typeof best === 'number' ? best : undefined)) return false;

    const previous = ctx.messageHub.getInfo(`bestCkpt${suffix}`);
    const unit = this.#options.byEpoch ? 'epoch' : 'iter';
    const step = this.#options.byEpoch ? ctx.epoch : ctx.iter;
    const fileName = `best_${metric.replaceAll(NOT_IN_FILE_NAMES, '_')}_${this.#nameOf(step)}`;
    ctx.messageHub.updateInfo(`bestScore${suffix}`, score);
    ctx.messageHub.updateInfo(`bestCkpt${suffix}`, fileName);
    const replaced = typeof previous === 'string' && previous !== fileName ? previous : undefined;
    await ctx.saveCheckpoint({
      fileName,
      outDir: this.#folder(ctx),
      saveOptimizer: false,
      saveParamScheduler: false,
      whenSaved: async () => {
        if (replaced !== undefined && (await this.#remove(ctx, replaced))) {
          const path = ctx.storage.join(this.#folder(ctx), replaced);
          ctx.logger.info(`The previous best checkpoint ${path} is removed`);
        }
        ctx.logger.info(
          `The best checkpoint with ${score.toFixed(4)} ${metric} at ${step} ${unit} is saved to ${fileName}.`,
        );
      },
    });
    return true;
  }

  /** What keys in the message hub end in, where there are several metrics. */
  #suffix(metric: string): string {
    return this.#indicators.length > 1 ? `_${metric}` : '';
  }

  #score({ metric, metrics }: { metric: string; metrics: MetricValues }): number {
    const score = metrics[metric];
    if (typeof score === 'number') return score;
    if (typeof score === 'bigint') return Number(score);
    throw hooksErrors.METRIC_MISSING({
      subject: metric,
      expected: `a number under one of the names that validation returns: ${Object.keys(metrics).join(', ')}`,
      received: `${metric} = ${JSON.stringify(score)}`,
      action: 'put one of these names into saveBest, or use "auto"',
    });
  }

  #ruleKeys(): { greaterKeys: readonly string[]; lessKeys: readonly string[] } {
    return { greaterKeys: list(this.#options.greaterKeys), lessKeys: list(this.#options.lessKeys) };
  }

  #checkIndicators(): void {
    const count = this.#indicators.length;
    if (this.#rules !== undefined && this.#rules.length !== 1 && this.#rules.length !== count) {
      throw hooksErrors.RULE_COUNT({
        expected: `one rule, or ${count}: one for each of saveBest`,
        received: `rule = ${JSON.stringify(this.#rules)}, saveBest = ${JSON.stringify(this.#indicators)}`,
        action: 'give as many rules as metrics',
      });
    }
    if (this.#rules === undefined)
      for (const metric of this.#indicators) if (metric !== 'auto') inferRule(metric, this.#ruleKeys());
  }

  #nameOf(step: number): string {
    return this.#template.replace('{}', String(step));
  }

  #folder(ctx: RunContext): string {
    return folderBelow(this.#options.outDir ?? undefined, ctx);
  }

  async #removeBeyond(ctx: RunContext, limit: number): Promise<void> {
    if (this.#kept.length <= limit) return;
    while (this.#kept.length > limit) await this.#remove(ctx, this.#nameOf(this.#kept.shift() as number));
    ctx.messageHub.updateInfo(KEPT, [...this.#kept]);
  }

  async #remove(ctx: RunContext, fileName: string): Promise<boolean> {
    if (!ctx.isMainProcess) return false;
    const path = ctx.storage.join(this.#folder(ctx), fileName);
    if (!(await ctx.storage.exists(path))) return false;
    await ctx.storage.remove(path);
    return true;
  }
}

function idsIn({ messageHub }: RunContext, key: string): number[] {
  const ids = messageHub.getInfo(key);
  return Array.isArray(ids) ? ids.filter((id): id is number => typeof id === 'number') : [];
}

function list(value: string | readonly string[] | null | undefined): readonly string[] {
  return value === undefined || value === null ? [] : [value].flat();
}

/** Not after numbers that are not finite, nor where a checkpoint could not be written. */
function canSaveAfter(error: unknown): boolean {
  return !(error instanceof EngineError && (error.kind === 'numeric' || error.code === 'ENGINE_RUNNER_SAVE_FAILED'));
}

declare module '@engine/registry' {
  interface Hooks {
    CheckpointHook: typeof CheckpointHook;
  }
}
