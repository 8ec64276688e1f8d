import { type Entry, entryOf, type HostArray, isPlainObject, type JsonObject } from '@engine/core';
import {
  type Averageable,
  type AveragedModel,
  ExponentialMovingAverage,
  MomentumAnnealingEMA,
  StochasticWeightAverage,
} from '@engine/model';
import { type ConfigOf, parseOptions, Registry } from '@engine/registry';
import * as z from 'zod/mini';
import type { CheckpointDraft, LoadedCheckpoint } from './checkpoint.js';
import { defineHook } from './define-hook.js';
import { hooksErrors } from './errors.js';
import type { Hook } from './hook.js';
import type { RunContext } from './run-context.js';

const count = z.int().check(z.nonnegative());
const emaHookOptions = z.strictObject({
  /** Which average: the name or class of one, or a config of one with all its options. Default: {@link ExponentialMovingAverage}. */
  emaType: z.optional(
    z.custom<unknown>((value) => ['string', 'function', 'object'].includes(typeof value) && value !== null),
  ),
  /** On resume, whether the saved averages must have exactly the model's names. */
  strictLoad: z._default(z.boolean(), false),
  /** The iteration, from 1, whose weights are the first to be averaged; before it the averages follow the model. */
  beginIter: z._default(count, 0),
  /** The same in epochs; only one of the two. */
  beginEpoch: z._default(count, 0),
  /** Options of the average; see its class for meaning and default. */
  momentum: z.optional(z.number()),
  gamma: z.optional(z.number()),
  interval: z.optional(z.number()),
  updateBuffers: z.optional(z.boolean()),
});
/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface EMAHookOptions extends Omit<z.input<typeof emaHookOptions>, 'emaType'> {
  readonly emaType?: AverageConfig | NameOrClass;
}

type AverageConfig = ConfigOf<'averagedModel'>;
type NameOrClass = AverageConfig extends infer C ? (C extends { readonly type: infer T } ? T : never) : never;
type BuildAverage = (config: AverageConfig, args: { readonly model: () => Averageable }) => AveragedModel;

declare module '@engine/registry' {
  interface Hooks {
    EMAHook: typeof EMAHook;
  }
}

const [MODEL, EMA, MODULE] = ['model/', 'ema/', 'module.'] as const;

/**
 * Averages the weights over training, and validates and tests with the averages. A checkpoint has the averages as `model/<name>`, ready for
 * use, and the raw weights as `ema/<name>`; resuming puts both back to the bit. Owns the averages; `dispose` frees them.
 */
export class EMAHook implements Hook {
  static readonly entry: Entry<'hook', 'EMAHook', EMAHookOptions> = defineHook<
    'EMAHook',
    typeof emaHookOptions,
    EMAHookOptions
  >({
    name: 'EMAHook',
    options: emaHookOptions,
    create: (options, ctx) =>
      new EMAHook(options as EMAHookOptions, (config, args) =>
        ctx.build('averagedModel', config, { key: 'emaType', args }),
      ),
    module: '@engine/hooks',
    doc: 'Averages weights over training, and evaluates and saves the averages.',
  });
  readonly name = 'EMAHook';
  readonly averagedModel: AveragedModel;
  readonly #strictLoad: boolean;
  readonly #beginIter: number;
  readonly #beginEpoch: number;
  #model: Averageable | undefined;
  #isSwapped = false;
  /** Averages of the checkpoint that is resumed, until the model has its weights. */
  #saved: ReadonlyMap<string, HostArray> | undefined;

  /** `build` makes an average that is named by a string; without it `emaType` is a class, or a config with one. @throws `ENGINE_HOOKS_BAD_EMA_BEGIN` */
  constructor(options: EMAHookOptions = {}, build: BuildAverage = buildAlone) {
    const parsed = parseOptions(emaHookOptions, options, { subject: 'EMAHook' }).value;
    const { emaType = ExponentialMovingAverage, strictLoad, beginIter, beginEpoch, ...own } = parsed;
    if (beginIter > 0 && beginEpoch > 0) {
      throw hooksErrors.BAD_EMA_BEGIN({
        subject: 'EMAHook',
        expected: 'beginIter or beginEpoch',
        received: `beginIter = ${beginIter}, beginEpoch = ${beginEpoch}`,
        action: 'leave one of them out',
      });
    }
    this.#strictLoad = strictLoad;
    this.#beginIter = beginIter;
    this.#beginEpoch = beginEpoch;
    const type = isConfig(emaType) ? emaType : { type: emaType };
    this.averagedModel = build({ ...type, ...own } as AverageConfig, { model: () => this.#source });
  }

  get ownedTensors(): number {
    return this.averagedModel.ownedTensors;
  }

  beforeRun({ model }: RunContext): void {
    this.#model = model;
  }

  /** @throws `ENGINE_HOOKS_BAD_EMA_BEGIN` when averaging would begin after the end; `ENGINE_MODEL_STATE_MISMATCH` for averages that do not fit */
  beforeTrain({ maxEpochs, maxIters }: RunContext): void {
    this.#takeSaved();
    const [name, begin, end] =
      this.#beginEpoch > 0 ? ['beginEpoch', this.#beginEpoch, maxEpochs] : ['beginIter', this.#beginIter, maxIters];
    if (Number(begin) <= Number(end)) return;
    throw hooksErrors.BAD_EMA_BEGIN({
      subject: 'EMAHook',
      expected: `${name} within the run, which ends at ${end}`,
      received: `${name} = ${begin}`,
      action: `lower ${name}, or train longer`,
    });
  }

  afterTrainIter({ epoch, iter }: RunContext): void {
    this.#takeSaved();
    const hasBegun = this.#beginEpoch > 0 ? epoch + 1 >= this.#beginEpoch : iter + 1 >= this.#beginIter;
    if (hasBegun) this.averagedModel.updateParameters();
    else this.averagedModel.follow();
  }

  beforeValEpoch(): void {
    this.#swap(true);
  }
  afterValEpoch(): void {
    this.#swap(false);
  }
  /** A validation that a signal cut short has no `afterValEpoch`. */
  afterVal(): void {
    this.#swap(false);
  }
  beforeTestEpoch(): void {
    this.#swap(true);
  }
  afterTestEpoch(): void {
    this.#swap(false);
  }
  afterTest(): void {
    this.#swap(false);
  }
  onException(): void {
    this.#swap(false);
  }
  afterRun(): void {
    this.#swap(false);
  }

  /** @throws `ENGINE_HOOKS_TWO_EMA_HOOKS` */
  async beforeSaveCheckpoint(
    _ctx: RunContext,
    { checkpoint }: { readonly checkpoint: CheckpointDraft },
  ): Promise<void> {
    const { tensors, sections } = checkpoint;
    if (tensors.has(`${EMA}steps`)) {
      throw hooksErrors.TWO_EMA_HOOKS({
        expected: 'one EMAHook, since a checkpoint holds one average',
        received: 'two',
        action: 'take one of them out of customHooks',
      });
    }
    this.#takeSaved();
    for (const [name, array] of await this.averagedModel.stateDict()) tensors.set(EMA + unprefixed(name), array);
    exchange(tensors);
    const layouts = sections.get('layouts');
    if (typeof layouts === 'object' && layouts !== null && !Array.isArray(layouts))
      sections.set('layouts', { ...layouts, ...layoutsOfAverages(layouts) });
  }

  /** A checkpoint that is only loaded gives its averages to the model, from where averaging starts anew. */
  afterLoadCheckpoint(ctx: RunContext, { checkpoint }: { readonly checkpoint: LoadedCheckpoint }): void {
    const { tensors } = checkpoint;
    if (ctx.resumed && tensors.has(`${EMA}steps`)) exchange(tensors);
    else if (ctx.resumed)
      ctx.logger.warn(`${checkpoint.path} has no averages (ema/...): EMAHook starts from the weights that it has.`);
    const saved = takeUnder(tensors, EMA);
    if (ctx.resumed && saved.has('steps')) {
      this.#saved = new Map([...saved].map(([name, array]) => [name === 'steps' ? name : MODULE + name, array]));
    } else {
      this.#saved = undefined;
      this.averagedModel.dispose();
    }
  }

  dispose(): void {
    this.averagedModel.dispose();
  }

  /** Not when they are read: an average begins as a copy of its weight, and to copy is to draw one that was not loaded yet. */
  #takeSaved(): void {
    const state = this.#saved;
    this.#saved = undefined;
    if (state !== undefined) this.averagedModel.loadStateDict(state, { strict: this.#strictLoad });
  }

  /** Twice the same is once: whatever was missed in between, the weights come back. */
  #swap(isSwapped: boolean): void {
    if (this.#isSwapped === isSwapped) return;
    this.#takeSaved();
    this.averagedModel.swap();
    this.#isSwapped = isSwapped;
  }

  get #source(): Averageable {
    if (this.#model !== undefined) return this.#model;
    throw hooksErrors.FAILED({
      subject: 'EMAHook',
      expected: 'averages to be asked for within a run',
      received: 'a hook that no run has called yet',
      action: 'give the hook to a Runner first',
    });
  }
}

const averages = [ExponentialMovingAverage, MomentumAnnealingEMA, StochasticWeightAverage] as const;

function buildAlone(config: AverageConfig, args: { readonly model: () => Averageable }): AveragedModel {
  const registry = new Registry();
  for (const average of averages) registry.register(average);
  return registry.build('averagedModel', config, { args });
}

function isConfig(value: unknown): value is object {
  return isPlainObject(value) && entryOf(value) === undefined;
}

function unprefixed(name: string): string {
  return name.startsWith(MODULE) ? name.slice(MODULE.length) : name;
}

/** Lets each weight and its average change names. */
function exchange(tensors: Map<string, HostArray>): void {
  for (const [name, average] of [...tensors].filter(([key]) => key.startsWith(EMA))) {
    const other = MODEL + name.slice(EMA.length);
    const weight = tensors.get(other);
    if (weight === undefined) continue; // `steps`
    tensors.set(name, weight);
    tensors.set(other, average);
  }
}

/** Takes out what stands under a prefix. */
function takeUnder(tensors: Map<string, HostArray>, prefix: string): Map<string, HostArray> {
  const taken = [...tensors].filter(([name]) => name.startsWith(prefix));
  for (const [name] of taken) tensors.delete(name);
  return new Map(taken.map(([name, array]) => [name.slice(prefix.length), array]));
}

function layoutsOfAverages(layouts: JsonObject): JsonObject {
  const own = Object.entries(layouts).filter(([name]) => name.startsWith(MODEL));
  return Object.fromEntries(own.map(([name, layout]) => [EMA + name.slice(MODEL.length), layout]));
}
