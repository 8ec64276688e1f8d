import type { ParameterLike, StandardSchemaV1 } from '@engine/core';
import { tensorScope } from '@engine/core';
import { parseOptions } from '@engine/registry';
import type * as tf from '@tensorflow/tfjs-core';
import type { Optimizer, OptimizerState, ParamGroup } from './contract.js';
import { optimErrors } from './errors.js';
import { hyperTensors } from './hyper-tensors.js';
import { loadState, type Restorable, saveState } from './optimizer-state.js';
import { type GroupFields, makeParamGroups, type OptimizerParams } from './param-groups.js';
import { SlotStore } from './slot-store.js';

/** What an update rule sees of one parameter. All tensors but the hyper-parameters have the parameter's shape. */
export interface UpdateInput<H extends string, S extends string> {
  readonly value: tf.Tensor;
  readonly grad: tf.Tensor;
  readonly slots: Readonly<Record<S, tf.Tensor>>;
  /** Scalars made of the numbers that `hyperParameters` returned. */
  readonly hyper: Readonly<Record<H, tf.Tensor>>;
}

/** The new value of a parameter and of its slots. */
export interface UpdateResult<S extends string> {
  readonly value: tf.Tensor;
  readonly slots: Readonly<Partial<Record<S, tf.Tensor>>>;
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
 */
export abstract class BaseOptimizer<F extends GroupFields, H extends string, S extends string> implements Optimizer {
  readonly paramGroups: readonly (ParamGroup & F)[];
  readonly defaults: Readonly<F>;
  readonly #store = new SlotStore();
  readonly #name: string;

  /** @throws `ENGINE_REGISTRY_*` for options, `ENGINE_OPTIM_NO_PARAMETERS`, `_NOT_A_PARAMETER`, `_DUPLICATE_PARAMETER` */
  constructor(params: OptimizerParams, options: object, { name, schema, check }: OptimizerSpec<F>) {
    this.#name = name;
    this.defaults = parseOptions(schema, options, { subject: name }).value;
    this.paramGroups = makeParamGroups({ params, schema, defaults: this.defaults, name, check });
    for (const [param, group] of this.#members()) {
      if (param.trainable) for (const slot of this.slotsOf(group)) this.#store.slot(slot, param);
    }
  }

  /** Names of the state tensors that each parameter of a group needs. */
  protected abstract slotsOf(group: F): readonly S[];

  /** The numbers of update number `step` (from 1) of a parameter of a group. */
  protected abstract hyperParameters(group: F, step: number): Readonly<Record<H, number>>;

  /** One update of one parameter, element by element, without reading anything back. `group` decides only what cannot change within a run. */
  protected abstract update(input: UpdateInput<H, S>, group: F): UpdateResult<S>;

  /** Whether the update counter is part of the saved state (as `step/<parameter>`); without it a resumed rule sees step 2 next. */
  protected get countsSteps(): boolean {
    return true;
  }

  apply(grads: ReadonlyMap<string, tf.Tensor>): void {
    this.#checkGradients(grads);
    tensorScope(() => {
      for (const group of this.paramGroups) this.#applyGroup(group, grads);
    });
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

  #applyGroup(group: ParamGroup & F, grads: ReadonlyMap<string, tf.Tensor>): void {
    const slotNames = this.slotsOf(group);
    const hyperOf = new Map<number, Readonly<Record<H, tf.Tensor>>>();
    for (const param of group.params) {
      const grad = grads.get(param.name);
      if (grad === undefined) continue;
      const step = this.#store.steps(param) + 1;
      const hyper = hyperOf.get(step) ?? hyperTensors(this.hyperParameters(group, step));
      hyperOf.set(step, hyper);
      const slots = Object.fromEntries(slotNames.map((slot) => [slot, this.#store.slot(slot, param)])) as Record<
        S,
        tf.Variable
      >;
      const result = this.update({ value: param.value, grad, slots, hyper }, group);
      for (const slot of slotNames) if (result.slots[slot] !== undefined) slots[slot].assign(result.slots[slot]);
      param.value.assign(result.value);
      this.#store.setSteps(param, step);
    }
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
      slotsOf: (fields) => this.slotsOf(fields as unknown as F),
    };
  }
}
