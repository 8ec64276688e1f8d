import type { JsonObject, SavedState } from '@engine/core';
import type { MetricValues } from '@engine/evaluator';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { defaultGreaterKeys, defaultLessKeys, inferRule, isBetter, type Rule } from './best-score.js';
import { defineHook } from './define-hook.js';
import { hooksErrors } from './errors.js';
import type { Hook, MetricsInfo } from './hook.js';
import type { RunContext } from './run-context.js';

const earlyStoppingHookOptions = z.strictObject({
  /** Name of the metric that is watched, as validation returns it. */
  monitor: z.string().check(z.minLength(1)),
  /** Whether a higher or a lower value is better. Default: what the name says, as for `saveBest`. */
  rule: z.optional(z.nullable(z.enum(['greater', 'less']))),
  /** A gain below this counts as none; one of exactly this counts. */
  minDelta: z._default(z.number().check(z.nonnegative()), 0.1),
  /** Whether a missing metric is an error; else it is told and passed over. */
  strict: z._default(z.boolean(), false),
  /** Stop at once when the metric is NaN or infinite. */
  checkFinite: z._default(z.boolean(), true),
  /** Validations without a gain until training stops; with 0 the first one stops it. */
  patience: z._default(z.int().check(z.nonnegative()), 5),
  /** Stop at once when the metric is better than this. */
  stoppingThreshold: z.optional(z.nullable(z.number())),
});
export interface EarlyStoppingHookOptions extends z.input<typeof earlyStoppingHookOptions> {}

/** Ends training when a metric of validation has stopped getting better. What it has seen so far is saved in checkpoints. */
export class EarlyStoppingHook implements Hook {
  static readonly entry = defineHook<'EarlyStoppingHook', typeof earlyStoppingHookOptions, EarlyStoppingHookOptions>({
    name: 'EarlyStoppingHook',
    options: earlyStoppingHookOptions,
    create: (options) => new EarlyStoppingHook(options),
    module: '@engine/hooks',
    doc: 'Ends training when a metric has stopped getting better.',
  });
  readonly name = 'EarlyStoppingHook';
  readonly priority = 'LOWEST';
  readonly #options: z.output<typeof earlyStoppingHookOptions>;
  readonly #rule: Rule;
  #best: number | undefined;
  #wait = 0;
  /** Set by a score that ends training whatever the patience. */
  #final: string | undefined;
  #ctx: RunContext | undefined;
  /** Metrics that are counted already. */
  #seen: MetricValues | undefined;

  /** @throws `ENGINE_HOOKS_NO_RULE` when neither `rule` nor the name of the metric says what is better */
  constructor(options: EarlyStoppingHookOptions) {
    this.#options = parseOptions(earlyStoppingHookOptions, options, { subject: 'EarlyStoppingHook' }).value;
    const keys = { greaterKeys: defaultGreaterKeys, lessKeys: defaultLessKeys };
    this.#rule = this.#options.rule ?? inferRule(this.#options.monitor, { ...keys, option: 'monitor' });
  }

  /** A run that is resumed after its last score stops where the one before did. */
  beforeTrain(ctx: RunContext): void {
    this.#ctx = ctx;
    this.#seen = ctx.lastMetrics;
    const reason = this.#reason();
    if (reason !== undefined) ctx.requestStop(reason);
  }

  /** @throws `ENGINE_HOOKS_METRIC_MISSING` when `strict` */
  afterValEpoch(ctx: RunContext, { metrics }: MetricsInfo): void {
    if (ctx.trainLoop === undefined) return;
    this.#count(ctx, metrics);
    const reason = this.#reason();
    if (reason === undefined) return;
    ctx.logger.info(reason);
    ctx.requestStop(reason);
  }

  /** A checkpoint that is saved between the metrics and this hook's turn holds them too: it will not be validated again. */
  stateDict(): SavedState {
    const { lastMetrics } = this.#ctx ?? {};
    if (this.#ctx !== undefined && lastMetrics !== undefined) this.#count(this.#ctx, lastMetrics);
    const values: JsonObject = { best: this.#best ?? null, wait: this.#wait, final: this.#final ?? null };
    return { values, tensors: new Map() };
  }

  loadStateDict({ values }: SavedState): void {
    const { best, wait, final } = values;
    this.#best = typeof best === 'number' ? best : undefined;
    this.#wait = typeof wait === 'number' ? wait : 0;
    this.#final = typeof final === 'string' ? final : undefined;
  }

  #count(ctx: RunContext, metrics: MetricValues): void {
    if (this.#seen === metrics) return;
    this.#seen = metrics;
    const { monitor, minDelta, checkFinite, stoppingThreshold: threshold } = this.#options;
    const score = metrics[monitor];
    if (typeof score !== 'number') {
      this.#missing(ctx, metrics);
      return;
    }
    if (checkFinite && !Number.isFinite(score)) {
      this.#final = `Early stopping: ${monitor} = ${score} is not finite.`;
      return;
    }
    if (typeof threshold === 'number' && isBetter(this.#rule, score, threshold)) {
      this.#best = score;
      this.#final = `Early stopping: ${monitor} = ${score} is better than ${threshold}.`;
      return;
    }
    const delta = this.#rule === 'greater' ? minDelta : -minDelta;
    const isGain = this.#best === undefined || !isBetter(this.#rule, this.#best + delta, score);
    if (isGain) [this.#best, this.#wait] = [score, 0];
    else this.#wait += 1;
  }

  #reason(): string | undefined {
    const { monitor, patience } = this.#options;
    if (this.#final !== undefined) return this.#final;
    if (this.#wait === 0 || this.#wait < patience) return undefined;
    return `Early stopping: ${monitor} did not get better than ${this.#best} in ${this.#wait} ${this.#wait === 1 ? 'validation' : 'validations'}.`;
  }

  #missing(ctx: RunContext, metrics: MetricValues): void {
    const { monitor, strict } = this.#options;
    const error = hooksErrors.METRIC_MISSING({
      subject: monitor,
      expected: `a number under one of the names that validation returns: ${Object.keys(metrics).join(', ') || 'none'}`,
      received: `${monitor} = ${JSON.stringify(metrics[monitor])}`,
      action: 'put one of these names into monitor',
    });
    if (strict) throw error;
    ctx.logger.warn(
      `Early stopping is passed over: validation returned no number ${monitor}, only ${Object.keys(metrics).join(', ') || 'nothing'}.`,
    );
  }
}

declare module '@engine/registry' {
  interface Hooks {
    EarlyStoppingHook: typeof EarlyStoppingHook;
  }
}
