import type { JsonObject, ParameterLike } from '@engine/core';
import { DeviceScalar, StepOutputs, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { AccumulationCounter, GradientSums, splitAccumulated, WeightSum } from './accumulation.js';
import { type ClipGrad, clipGradients, type Gradients, isNonFinite } from './clip-grad.js';
import type {
  GradientListener,
  Losses,
  Optimizer,
  OptimWrapperLike,
  OptimWrapperState,
  ParamGroup,
  UpdateOutputs,
} from './contract.js';
import { differentiate } from './differentiate.js';
import { hyperTensors } from './hyper-tensors.js';
import { groupOfDefaults, restoreGroup, saveGroup } from './param-groups.js';
import { badCount, cannotSkip, isOptimizer, nonFiniteGradient, notAnOptimizer, notOurState } from './wrapper-errors.js';

/** What every optim wrapper does with its options, defaults filled in. */
export interface CommonWrapperOptions {
  readonly accumulativeCounts: number;
  readonly clipGrad?: ClipGrad | null | undefined;
  readonly weightedBy?: string | null | undefined;
}

/** Gradients as the optimizer is to see them. */
export interface PreparedGradients {
  readonly grads: Gradients;
  /** Bool scalar: true where the update must not be made. */
  readonly skip?: tf.Tensor | undefined;
}

/**
 * Base of optim wrappers: accumulation, clipping, state. A subclass may scale the loss, compute in another precision, and skip updates.
 * What a skipped update has not done is decided on the device; the host learns of it with `settle`, or at the next `updateParams`.
 */
export abstract class BaseOptimWrapper implements OptimWrapperLike {
  readonly optimizer: Optimizer;
  readonly paramGroups: readonly ParamGroup[];
  readonly #base: ParamGroup | undefined;
  readonly #params: readonly ParameterLike[];
  readonly #clip: ClipGrad | undefined;
  readonly #weightedBy: string | undefined;
  readonly #counter: AccumulationCounter;
  readonly #listeners = new Set<GradientListener>();
  readonly #sums = new GradientSums();
  readonly #weights = new WeightSum();
  #outputs: StepOutputs | undefined;
  /** Whether the last update was skipped, as long as the host does not know. */
  #skipped: DeviceScalar | undefined;

  /** @throws `ENGINE_OPTIM_NOT_AN_OPTIMIZER`, `_CANNOT_SKIP` */
  constructor({ optimizer }: { readonly optimizer: Optimizer }, options: CommonWrapperOptions) {
    if (!isOptimizer(optimizer)) throw notAnOptimizer(optimizer);
    this.optimizer = optimizer;
    const groups = optimizer.paramGroups;
    this.#base = groups.length > 1 ? groupOfDefaults(optimizer) : undefined;
    this.paramGroups = this.#base === undefined ? groups : [...groups, this.#base];
    this.#params = groups.flatMap((group) => group.params);
    this.#clip = options.clipGrad ?? undefined;
    this.#weightedBy = options.weightedBy ?? undefined;
    this.#counter = new AccumulationCounter(options.accumulativeCounts);
    if (this.#mustBeFinite) this.checkSkippable();
  }

  /** What the loss is multiplied by before it is differentiated. */
  protected get lossFactor(): number {
    return 1;
  }

  /** Runs the forward and the backward pass. */
  protected compute<T>(run: () => T): T {
    return run();
  }

  /** Takes the loss factor out of complete gradients and says whether to skip them. Reads nothing back. */
  protected prepare(grads: Gradients): PreparedGradients {
    return { grads };
  }

  /** Called once the host knows of an update with a `skip` whether it was skipped. */
  protected learn(_skipped: boolean): void {}

  /** What a subclass saves besides. */
  protected ownState(): JsonObject {
    return {};
  }

  /** Restores what `ownState` has given; keys of others are there too. */
  protected loadOwnState(_values: JsonObject): void {}

  /** @throws `ENGINE_OPTIM_CANNOT_SKIP` for an optimizer that cannot take an update back */
  protected checkSkippable(): void {
    if (this.optimizer.takeBack === undefined) throw cannotSkip(this.constructor.name, this.optimizer);
  }

  onGradients(listener: GradientListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Calls of `updateParams` so far, or since the count given to `initializeCountStatus`. */
  get innerCount(): number {
    return this.#counter.inner;
  }

  get accumulatedCount(): number {
    return this.#counter.inner === this.#counter.max ? 0 : this.#counter.inner % this.#counter.size;
  }

  /** @throws what differentiating does; what `settle` does, for the update before; `ENGINE_OPTIM_COUNT_EXCEEDED` */
  updateParams<L extends Losses>(lossFn: () => L): UpdateOutputs<L> {
    const before = this.#skipped;
    if (before !== undefined) this.#settled(before, before.tensor.dataSync()[0] !== 0);
    const { divisor } = this.#counter;
    this.#outputs?.dispose();
    this.#outputs = undefined;
    const outputs = tensorScope((): Record<string, DeviceScalar> => {
      const scale = this.#weightedBy === undefined ? this.lossFactor / divisor : this.lossFactor;
      const seed = { ...hyperTensors({ scale }), weightedBy: this.#weightedBy };
      const { grads, scalars, weight } = this.compute(() => differentiate(lossFn, this.#params, seed));
      for (const listener of this.#listeners) listener(grads);
      if (!this.#counter.advance()) {
        this.#sums.add(grads);
        if (weight !== undefined) this.#weights.add(weight);
        return scalars;
      }
      const norm = this.#step(this.#weights.mean(this.#sums.sumWith(grads), weight));
      this.#sums.clear();
      this.#weights.clear();
      return norm === undefined ? scalars : { ...scalars, gradNorm: new DeviceScalar(norm) };
    });
    this.#outputs = new StepOutputs(outputs);
    return this.#outputs as UpdateOutputs<L>;
  }

  /** Resolves when the host knows what became of the last update. @throws `ENGINE_OPTIM_NON_FINITE_GRADIENT` (rejects) */
  settle(): Promise<void> | undefined {
    const skipped = this.#skipped;
    return skipped?.read().then((value) => this.#settled(skipped, value !== 0));
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
    if (!Number.isSafeInteger(initCount) || !Number.isSafeInteger(maxCount) || initCount < 0 || maxCount < initCount)
      throw badCount(initCount, maxCount);
    this.#counter.inner = initCount;
    this.#counter.max = maxCount;
  }

  /** Waits for `settle` first, where the last update may have been skipped. */
  async stateDict(): Promise<OptimWrapperState> {
    const settling = this.settle();
    if (settling !== undefined) await settling;
    const values: JsonObject = {
      innerCount: this.#counter.inner,
      maxCount: this.#counter.max ?? null,
      baseParamSettings: this.#base === undefined ? null : saveGroup(this.#base),
      ...this.ownState(),
    };
    const [{ paramGroups, tensors }, sums, weight] = await Promise.all([
      this.optimizer.stateDict(),
      this.#sums.save(),
      this.#weights.save(),
    ]);
    return {
      paramGroups,
      values: weight === undefined ? values : { ...values, accumulatedWeight: weight },
      tensors: new Map([...tensors, ...sums]),
    };
  }

  /** Restores optimizer, counters and unfinished gradient sums. @throws `ENGINE_OPTIM_STATE_MISMATCH` */
  loadStateDict(state: OptimWrapperState): void {
    const { innerCount, maxCount, baseParamSettings, accumulatedWeight } = state.values;
    if (typeof innerCount !== 'number') throw notOurState(innerCount);
    const { sums, rest } = splitAccumulated(state.tensors, this.#params);
    this.#forget();
    this.optimizer.loadStateDict({ paramGroups: state.paramGroups, tensors: rest });
    if (this.#base !== undefined && isFields(baseParamSettings)) restoreGroup(this.#base, baseParamSettings);
    this.#counter.inner = innerCount;
    this.#counter.max = typeof maxCount === 'number' ? maxCount : undefined;
    this.#sums.load(sums);
    this.#weights.load(typeof accumulatedWeight === 'number' ? accumulatedWeight : undefined);
    this.loadOwnState(state.values);
  }

  dispose(): void {
    this.#outputs?.dispose();
    this.#outputs = undefined;
    this.#forget();
    this.#sums.clear();
    this.#weights.clear();
    this.optimizer.dispose();
  }

  get #mustBeFinite(): boolean {
    return this.#clip?.type === 'norm' && this.#clip.errorIfNonfinite === true;
  }

  /** Clips and steps; returns the norm before clipping. */
  #step(complete: Gradients): tf.Tensor | undefined {
    const prepared = this.prepare(complete);
    const clip = this.#clip;
    const { grads, norm } = clip === undefined ? { ...prepared, norm: undefined } : clipGradients(prepared.grads, clip);
    let { skip } = prepared;
    if (norm !== undefined && this.#mustBeFinite) {
      const bad = isNonFinite([norm]);
      skip = skip === undefined ? bad : tf.logicalOr(skip, bad);
    }
    this.optimizer.apply(grads, { skip });
    if (skip !== undefined) this.#skipped = new DeviceScalar(skip);
    return norm;
  }

  #settled(update: DeviceScalar, skipped: boolean): void {
    if (this.#skipped !== update) return; // learnt already, or superseded by a state that was loaded
    this.#forget();
    if (skipped) this.optimizer.takeBack?.();
    this.learn(skipped);
    if (skipped && this.#mustBeFinite) throw nonFiniteGradient(this.#counter.inner);
  }

  #forget(): void {
    this.#skipped?.dispose();
    this.#skipped = undefined;
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
