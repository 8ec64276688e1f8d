import type { Entry, JsonObject, ParameterLike } from '@engine/core';
import { DeviceScalar, StepOutputs, tensorScope } from '@engine/core';
import { type ConfigOf, parseOptions, thing } from '@engine/registry';
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { AccumulationCounter, GradientSums, splitAccumulated } from './accumulation.js';
import { type ClipGrad, clipGradients, clipGradOptions, type Gradients } from './clip-grad.js';
import type { Losses, Optimizer, OptimWrapperLike, OptimWrapperState, ParamGroup, UpdateOutputs } from './contract.js';
import { defineOptimWrapper } from './define.js';
import { differentiate } from './differentiate.js';
import { optimErrors } from './errors.js';
import { hyperTensors } from './hyper-tensors.js';
import { groupOfDefaults, restoreGroup, saveGroup } from './param-groups.js';

const optimWrapperOptions = z.strictObject({
  /** A config such as `{ type: SGD, lr: 0.1 }`, or an optimizer. */
  optimizer: thing('optimizer'),
  /** Calls of `updateParams` that add up to one step. */
  accumulativeCounts: z._default(z.int().check(z.positive()), 1),
  /** Limits gradients before each step, by norm (`{ maxNorm: 1 }`) or by value (`{ type: 'value', clipValue: 0.5 }`). */
  clipGrad: z.optional(z.nullable(clipGradOptions)),
});

/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface OptimWrapperOptions extends Omit<z.input<typeof optimWrapperOptions>, 'optimizer'> {
  readonly optimizer: ConfigOf<'optimizer'>;
}

/** The options of an `OptimWrapper` in code: the optimizer is made already. */
export interface BuiltOptimWrapperOptions extends Omit<OptimWrapperOptions, 'optimizer'> {
  readonly optimizer: Optimizer;
}

declare module '@engine/registry' {
  interface OptimWrappers {
    OptimWrapper: typeof OptimWrapper;
  }
}

/**
 * Turns losses into steps: differentiates, accumulates gradients over `accumulativeCounts` calls, clips them, lets the
 * optimizer step. The last window of a run is divided by its own length once `initializeCountStatus` has told where the run ends.
 *
 * Owns the optimizer's state from then on (`dispose` frees it), the unfinished gradient sums, and the outputs of the last update.
 */
export class OptimWrapper implements OptimWrapperLike {
  static readonly entry: Entry<'optimWrapper', 'OptimWrapper', OptimWrapperOptions> = defineOptimWrapper<
    'OptimWrapper',
    typeof optimWrapperOptions,
    OptimWrapperOptions
  >({
    name: 'OptimWrapper',
    options: optimWrapperOptions,
    create: ({ optimizer, ...options }, ctx) =>
      new OptimWrapper({
        ...options,
        optimizer: ctx.build('optimizer', optimizer, { key: 'optimizer', args: { params: ctx.args.params } }),
      }),
    module: '@engine/optim',
    doc: 'Differentiates losses, accumulates and clips gradients, and steps an optimizer.',
  });

  readonly optimizer: Optimizer;
  readonly paramGroups: readonly ParamGroup[];
  readonly #base: ParamGroup | undefined;
  readonly #params: readonly ParameterLike[];
  readonly #clip: ClipGrad | undefined;
  readonly #counter: AccumulationCounter;
  readonly #sums = new GradientSums();
  #outputs: StepOutputs | undefined;

  /** @throws `ENGINE_OPTIM_NOT_AN_OPTIMIZER`, `ENGINE_REGISTRY_*` for options */
  constructor(options: BuiltOptimWrapperOptions) {
    const { accumulativeCounts, clipGrad } = parseOptions(optimWrapperOptions, options, {
      subject: 'OptimWrapper',
    }).value;
    if (!isOptimizer(options.optimizer)) throw notAnOptimizer(options.optimizer);
    this.optimizer = options.optimizer;
    const groups = this.optimizer.paramGroups;
    this.#base = groups.length > 1 ? groupOfDefaults(this.optimizer) : undefined;
    this.paramGroups = this.#base === undefined ? groups : [...groups, this.#base];
    this.#params = groups.flatMap((group) => group.params);
    this.#clip = clipGrad ?? undefined;
    this.#counter = new AccumulationCounter(accumulativeCounts);
  }

  /** Calls of `updateParams` so far, or since the count given to `initializeCountStatus`. */
  get innerCount(): number {
    return this.#counter.inner;
  }

  get accumulatedCount(): number {
    return this.#counter.inner === this.#counter.max ? 0 : this.#counter.inner % this.#counter.size;
  }

  updateParams<L extends Losses>(lossFn: () => L): UpdateOutputs<L> {
    const divisor = this.#counter.divisor;
    this.#outputs?.dispose();
    const scalars = tensorScope((): Record<string, DeviceScalar> => {
      const differentiated = differentiate(lossFn, this.#params, hyperTensors({ scale: 1 / divisor }).scale);
      if (this.#counter.advance()) {
        const norm = this.#step(this.#sums.sumWith(differentiated.grads));
        this.#sums.clear();
        return norm === undefined
          ? differentiated.scalars
          : { ...differentiated.scalars, gradNorm: new DeviceScalar(norm) };
      }
      this.#sums.add(differentiated.grads);
      return differentiated.scalars;
    });
    this.#outputs = new StepOutputs(scalars);
    return this.#outputs as UpdateOutputs<L>;
  }

  getLr(): { readonly lr: readonly number[]; readonly baseLr?: readonly number[] } {
    const lr = this.optimizer.paramGroups.map((group) => group.lr);
    return this.#base === undefined ? { lr } : { baseLr: [this.#base.lr], lr };
  }

  getMomentum(): { readonly momentum: readonly number[] } {
    return { momentum: this.optimizer.paramGroups.map(momentumOf) };
  }

  /** @throws `ENGINE_OPTIM_BAD_COUNT` unless both are integers and 0 <= initCount <= maxCount */
  initializeCountStatus(initCount: number, maxCount: number): void {
    if (!Number.isSafeInteger(initCount) || !Number.isSafeInteger(maxCount) || initCount < 0 || maxCount < initCount) {
      throw optimErrors.BAD_COUNT({
        expected: 'integers 0 <= initCount <= maxCount',
        received: `initCount = ${initCount}, maxCount = ${maxCount}`,
        action: 'pass the iteration that the run stands at, and how many it has',
      });
    }
    this.#counter.inner = initCount;
    this.#counter.max = maxCount;
  }

  async stateDict(): Promise<OptimWrapperState> {
    const values: JsonObject = {
      innerCount: this.#counter.inner,
      maxCount: this.#counter.max ?? null,
      baseParamSettings: this.#base === undefined ? null : saveGroup(this.#base),
    };
    const [{ paramGroups, tensors }, sums] = await Promise.all([this.optimizer.stateDict(), this.#sums.save()]);
    return { paramGroups, values, tensors: new Map([...tensors, ...sums]) };
  }

  /** Restores optimizer, counters and unfinished gradient sums. @throws `ENGINE_OPTIM_STATE_MISMATCH` */
  loadStateDict(state: OptimWrapperState): void {
    const { innerCount, maxCount, baseParamSettings } = state.values;
    if (typeof innerCount !== 'number') {
      throw optimErrors.STATE_MISMATCH({
        subject: 'OptimWrapper',
        expected: 'a state that an OptimWrapper has saved',
        received: `innerCount = ${String(innerCount)}`,
        action: 'load the state of an optimizer into the optimizer itself',
      });
    }
    const { sums, rest } = splitAccumulated(state.tensors, this.#params);
    this.optimizer.loadStateDict({ paramGroups: state.paramGroups, tensors: rest });
    if (this.#base !== undefined && isFields(baseParamSettings)) restoreGroup(this.#base, baseParamSettings);
    this.#counter.inner = innerCount;
    this.#counter.max = typeof maxCount === 'number' ? maxCount : undefined;
    this.#sums.load(sums);
  }

  dispose(): void {
    this.#outputs?.dispose();
    this.#outputs = undefined;
    this.#sums.clear();
    this.optimizer.dispose();
  }

  /** Clips and steps; returns the norm before clipping. */
  #step(grads: Gradients): tf.Tensor | undefined {
    const clipped = this.#clip === undefined ? { grads } : clipGradients(grads, this.#clip);
    this.optimizer.apply(clipped.grads);
    return clipped.norm;
  }
}

/** The momentum of a group, `betas[0]` where it has those instead, 0 where it has neither. */
function momentumOf({ momentum, betas }: ParamGroup): number {
  if (typeof momentum === 'number') return momentum;
  return Array.isArray(betas) && typeof betas[0] === 'number' ? betas[0] : 0;
}

function isFields(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOptimizer(value: unknown): value is Optimizer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'apply' in value &&
    typeof value.apply === 'function' &&
    'paramGroups' in value
  );
}

function notAnOptimizer(value: unknown): Error {
  return optimErrors.NOT_AN_OPTIMIZER({
    subject: 'OptimWrapper',
    expected: 'an optimizer, e.g. new SGD(model.parameters(), { lr: 0.1 })',
    received:
      typeof value === 'object' && value !== null ? `an object with ${Object.keys(value).join(', ')}` : String(value),
    action: 'make the optimizer first; configs { type: SGD, ... } are for the Runner and the registry',
  });
}
