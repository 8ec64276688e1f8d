import type { ParameterLike, StandardSchemaV1 } from '@engine/core';
import { choose, tensorScope } from '@engine/core';
import { parseOptions } from '@engine/registry';
import type * as tf from '@tensorflow/tfjs-core';
import type { ApplyOptions, Optimizer, OptimizerState, ParamGroup } from './contract.js';
import { optimErrors } from './errors.js';
import { hyperTensors } from './hyper-tensors.js';
import { loadState, type Restorable, saveState } from './optimizer-state.js';
import { type GroupFields, makeParamGroups, type OptimizerParams } from './param-groups.js';
import { SlotStore } from './slot-store.js';

/** What an update rule sees of one parameter. Gradient and slots have the parameter's shape, unless `slotShape` says otherwise. */
export interface UpdateInput<H extends string, S extends string> {
  readonly param: ParameterLike;
  readonly value: tf.Tensor;
  readonly grad: tf.Tensor;
  readonly slots: Readonly<Record<S, tf.Tensor>>;
  /** Scalars made of the numbers that `hyperParameters` returned. */
  readonly hyper: Readonly<Record<H, tf.Tensor>>;
  /** Whether the results may be written over `value` and `slots`: nobody needs the old ones. */
  readonly inPlace: boolean;
}

/** The new value of a parameter and of its slots. */
export interface UpdateResult<S extends string> {
  readonly value: tf.Tensor;
  readonly slots: Readonly<Partial<Record<S, tf.Tensor>>>;
}

interface Prepared<H extends string> {
  readonly hyper: Readonly<Record<H, tf.Tensor>>;
  readonly numbers: Readonly<Record<string, number>>;
}

/** Whose options these are and how they are checked. */
export interface OptimizerSpec<F extends GroupFields> {
  readonly name: string;
  readonly schema: StandardSchemaV1<unknown, F>;
  /** Throws when fields of a group that are right by themselves do not go together. */
  readonly check?: (fields: F) => void;
}

/**
 * Base of optimizers whose rule works element by element: keeps groups, slots and counters, and saves and restores them.
 * A subclass says which slots there are, which numbers change from step to step, and how one parameter moves.
 *
 * Slots are float32 variables, zero at first, made in the constructor for trainable parameters; saved as `<slot>/<parameter>`.
 * Numbers are host scalars that one step hands to the next (the product of NAdam's momenta), rounded to float32 and saved likewise.
 */
export abstract class BaseOptimizer<F extends GroupFields, H extends string, S extends string> implements Optimizer {
  readonly paramGroups: readonly (ParamGroup & F)[];
  readonly defaults: Readonly<F>;
  readonly #store = new SlotStore();
  readonly #name: string;
  /** Puts the counters back to before the last update, where that may have been skipped. */
  #takeBack: (() => void) | undefined;

  /** @throws `ENGINE_REGISTRY_*` for options, `ENGINE_OPTIM_NO_PARAMETERS`, `_NOT_A_PARAMETER`, `_DUPLICATE_PARAMETER` */
  constructor(params: OptimizerParams, options: object, { name, schema, check }: OptimizerSpec<F>) {
    this.#name = name;
    this.defaults = parseOptions(schema, options, { subject: name }).value;
    this.paramGroups = makeParamGroups({ params, schema, defaults: this.defaults, name, check });
    for (const [param, group] of this.#members()) {
      if (param.trainable) for (const slot of this.slotsOf(group, param)) this.#slot(slot, param);
    }
  }

  /** Names of the state tensors that a parameter of a group needs. */
  protected abstract slotsOf(group: F, param: ParameterLike): readonly S[];

  /** Shape of a slot; default: the parameter's. */
  protected slotShape(_slot: S, param: ParameterLike): readonly number[] {
    return param.shape;
  }

  /** Names of the host numbers that each parameter has; default: none. */
  protected get numberNames(): readonly string[] {
    return [];
  }

  /** The numbers of update number `step` (from 1) of a parameter of a group. Writes into `numbers` what the next update is to find there; 0 at first. */
  protected abstract hyperParameters(
    group: F,
    step: number,
    numbers: Record<string, number>,
  ): Readonly<Record<H, number>>;

  /** One update of one parameter, element by element, without reading anything back. `group` decides only what cannot change within a run. */
  protected abstract update(input: UpdateInput<H, S>, group: F): UpdateResult<S>;

  /** Whether the update counter is part of the saved state (as `step/<parameter>`); without it a resumed rule sees step 2 next. */
  protected get countsSteps(): boolean {
    return true;
  }

  apply(grads: ReadonlyMap<string, tf.Tensor>, { skip }: ApplyOptions = {}): void {
    this.#checkGradients(grads);
    this.#takeBack = skip === undefined ? undefined : this.#store.remember();
    tensorScope(() => {
      for (const group of this.paramGroups) this.#applyGroup(group, grads, skip);
    });
  }

  takeBack(): void {
    this.#takeBack?.();
    this.#takeBack = undefined;
  }

  stateDict(): Promise<OptimizerState> {
    return saveState(this.#restorable());
  }

  loadStateDict(state: OptimizerState): void {
    loadState(this.#restorable(), state);
  }

  dispose(): void {
    this.#store.dispose();
  }

  *#members(): Generator<[ParameterLike, ParamGroup & F]> {
    for (const group of this.paramGroups) for (const param of group.params) yield [param, group];
  }

  #applyGroup(group: ParamGroup & F, grads: ReadonlyMap<string, tf.Tensor>, skip: tf.Tensor | undefined): void {
    const shared = new Map<string, Prepared<H>>();
    const inPlace = skip === undefined;
    for (const param of group.params) {
      const grad = grads.get(param.name);
      if (grad === undefined) continue;
      const { hyper, numbers } = this.#prepare(group, param, shared);
      const slotNames = this.slotsOf(group, param);
      const slots = Object.fromEntries(slotNames.map((slot) => [slot, this.#slot(slot, param)])) as Record<
        S,
        tf.Variable
      >;
      const result = this.update({ param, value: param.value, grad, slots, hyper, inPlace }, group);
      for (const slot of slotNames) if (result.slots[slot] !== undefined) move(slots[slot], result.slots[slot], skip);
      move(param.value, result.value, skip);
      this.#store.setSteps(param, this.#store.steps(param) + 1);
      for (const name of this.numberNames) this.#store.setNumber(name, param, numbers[name] ?? 0);
    }
  }

  /** The scalars of one parameter's update; parameters that stand at the same point share them. */
  #prepare(group: F, param: ParameterLike, shared: Map<string, Prepared<H>>): Prepared<H> {
    const step = this.#store.steps(param) + 1;
    const numbers = Object.fromEntries(this.numberNames.map((name) => [name, this.#store.number(name, param)]));
    const key = [step, ...Object.values(numbers)].join(' ');
    const found = shared.get(key);
    if (found !== undefined) return found;
    const prepared = { hyper: hyperTensors(this.hyperParameters(group, step, numbers)), numbers };
    shared.set(key, prepared);
    return prepared;
  }

  #slot(slot: S, param: ParameterLike): tf.Variable {
    return this.#store.slot(slot, param, this.slotShape(slot, param));
  }

  #checkGradients(grads: ReadonlyMap<string, tf.Tensor>): void {
    let known = 0;
    for (const [param] of this.#members()) {
      const grad = grads.get(param.name);
      if (grad === undefined) continue;
      known += 1;
      if (grad.shape.length === param.shape.length && grad.shape.every((extent, axis) => extent === param.shape[axis]))
        continue;
      throw optimErrors.GRADIENT_SHAPE({
        subject: param.name,
        expected: `a gradient of shape (${param.shape.join(', ')})`,
        received: `shape (${grad.shape.join(', ')}) ${grad.dtype}`,
        action: 'pass the gradient of this parameter',
      });
    }
    if (known === grads.size) return;
    const names = new Set([...this.#members()].map(([param]) => param.name));
    throw optimErrors.UNKNOWN_PARAMETER({
      subject: this.#name,
      expected: 'gradients of the parameters that the optimizer was made with',
      received: [...grads.keys()].filter((name) => !names.has(name)).join(', '),
      action: 'leave out other gradients, or make the optimizer with these parameters too',
    });
  }

  #restorable(): Restorable {
    return {
      name: this.#name,
      paramGroups: this.paramGroups,
      defaults: this.defaults,
      store: this.#store,
      countsSteps: this.countsSteps,
      slotsOf: (fields, param) => this.slotsOf(fields as unknown as F, param),
      slotShape: (slot, param) => this.slotShape(slot as S, param),
      numberNames: this.numberNames,
    };
  }
}

/** Assigns, unless the device finds `skip` true. */
function move(variable: tf.Variable, value: tf.Tensor, skip: tf.Tensor | undefined): void {
  variable.assign(skip === undefined ? value : choose(skip, variable, value));
}
