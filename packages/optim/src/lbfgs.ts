import type { DeviceScalar, Entry, ParameterLike } from '@engine/core';
import { tensorScope } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import type { Losses, Optimizer, OptimizerState, ParamGroup } from './contract.js';
import { defineOptimizer } from './define.js';
import { differentiate } from './differentiate.js';
import { optimErrors } from './errors.js';
import { type Evaluation, type FlatLBFGSState, freshLBFGSState, lbfgsStep } from './flat-lbfgs.js';
import { hyperTensors } from './hyper-tensors.js';
import { loadLBFGSState, saveLBFGSState } from './lbfgs-state.js';
import { nonnegative } from './option-schemas.js';
import { makeParamGroups, type OptimizerParams } from './param-groups.js';

const lbfgsOptions = z.strictObject({
  /** Length of a step, or what the line search tries first. */
  lr: z._default(nonnegative(), 1),
  /** Iterations of one step. */
  maxIter: z._default(z.int().check(z.gte(1)), 20),
  /** Evaluations of the loss in one step; null is `maxIter * 5 / 4`. */
  maxEval: z._default(z.nullable(z.int().check(z.gte(1))), null),
  /** Stop where no element of the gradient is larger. */
  toleranceGrad: z._default(nonnegative(), 1e-7),
  /** Stop where neither loss nor parameters change by more. */
  toleranceChange: z._default(nonnegative(), 1e-9),
  /** Earlier steps that are remembered. */
  historySize: z._default(z.int().check(z.gte(1)), 100),
  lineSearchFn: z._default(z.nullable(z.literal('strong_wolfe')), null),
  /** Climb instead of descend. */
  maximize: z._default(z.boolean(), false),
});

export interface LBFGSOptions extends z.input<typeof lbfgsOptions> {}
type Fields = z.output<typeof lbfgsOptions>;

declare module '@engine/registry' {
  interface Optimizers {
    LBFGS: typeof LBFGS;
  }
}

/**
 * L-BFGS, as in PyTorch: a full-batch method that evaluates the loss several times a step, so it has `step(lossFn)` instead of gradients
 * that are handed in. Its vectors live on the host in float64; the loss runs on the device in float32 and is read back at every evaluation.
 *
 * Options: `lr` 1, `maxIter` 20, `maxEval` null, `toleranceGrad` 1e-7, `toleranceChange` 1e-9, `historySize` 100, `lineSearchFn` null,
 * `maximize` false. State: of the whole, saved under the name of the first parameter.
 */
export class LBFGS implements Optimizer {
  static readonly entry: Entry<'optimizer', 'LBFGS', LBFGSOptions> = defineOptimizer<
    'LBFGS',
    typeof lbfgsOptions,
    LBFGSOptions
  >({
    name: 'LBFGS',
    options: lbfgsOptions,
    create: (options, { args }) => new LBFGS(args.params, options),
    module: '@engine/optim',
    doc: 'L-BFGS: a quasi-Newton method for full batches that evaluates the loss itself.',
  });
  readonly paramGroups: readonly (ParamGroup & Fields)[];
  readonly defaults: Readonly<Fields>;
  #state: FlatLBFGSState = freshLBFGSState();

  /** @throws `ENGINE_OPTIM_ONE_GROUP` besides what every optimizer throws */
  constructor(params: OptimizerParams, options: LBFGSOptions = {}) {
    this.defaults = parseOptions(lbfgsOptions, options, { subject: 'LBFGS' }).value;
    this.paramGroups = makeParamGroups({ params, schema: lbfgsOptions, defaults: this.defaults, name: 'LBFGS' });
    if (this.paramGroups.length === 1) return;
    throw optimErrors.ONE_GROUP({
      subject: 'LBFGS',
      expected: 'one group of parameters',
      received: `${this.paramGroups.length} groups`,
      action: 'give all parameters the same options',
    });
  }

  /** @throws `ENGINE_OPTIM_NEEDS_CLOSURE` always: gradients at one point are not enough */
  apply(): never {
    throw optimErrors.NEEDS_CLOSURE({
      subject: 'LBFGS',
      expected: 'a loss function that can be evaluated several times',
      received: 'gradients',
      action: 'call await optimizer.step(() => loss) in a loop of your own; an OptimWrapper cannot drive it',
    });
  }

  /**
   * One step; resolves with the loss where it began. Evaluates `lossFn` up to `maxEval` times, each time at other parameters.
   * @throws `ENGINE_OPTIM_ASYNC_LOSS`, `_BAD_LOSS`, `_NO_GRADIENT`
   */
  async step(lossFn: () => Losses): Promise<number> {
    const { maxIter, maximize, ...group } = this.#group;
    const settings = { ...group, maxIter, maxEval: group.maxEval ?? Math.max(1, Math.floor((maxIter * 5) / 4)) };
    const sign = maximize ? -1 : 1;
    const { x, loss } = await lbfgsStep(await this.#gather(), (at) => this.#evaluate(at, { lossFn, sign }), {
      state: this.#state,
      settings,
    });
    this.#scatter(x);
    return sign * loss;
  }

  stateDict(): Promise<OptimizerState> {
    return Promise.resolve(saveLBFGSState(this.#group, this.#state));
  }

  /** @throws `ENGINE_OPTIM_STATE_MISMATCH` */
  loadStateDict(state: OptimizerState): void {
    this.#state = loadLBFGSState(this.#group, state, Object.keys(this.defaults));
  }

  /** Its state is on the host. */
  dispose(): void {
    this.#state = freshLBFGSState();
  }

  get #group(): ParamGroup & Fields {
    return this.paramGroups[0] as ParamGroup & Fields;
  }

  get #params(): readonly ParameterLike[] {
    return this.#group.params.filter((param) => param.trainable);
  }

  async #gather(): Promise<Float64Array> {
    const parts = await Promise.all(this.#params.map((param) => param.value.data()));
    return Float64Array.from(parts.flatMap((part) => [...part]));
  }

  #scatter(x: Float64Array): void {
    let from = 0;
    tensorScope(() => {
      for (const { value } of this.#params) {
        value.assign(tf.tensor(Float32Array.from(x.subarray(from, from + value.size)), [...value.shape], 'float32'));
        from += value.size;
      }
    });
  }

  async #evaluate(
    x: Float64Array,
    { lossFn, sign }: { readonly lossFn: () => Losses; readonly sign: number },
  ): Promise<Evaluation> {
    this.#scatter(x);
    const params = this.#params;
    const { loss, flat } = tensorScope(() => {
      const { grads, scalars } = differentiate(lossFn, params, hyperTensors({ scale: 1 }));
      for (const [name, scalar] of Object.entries(scalars)) if (name !== 'loss') scalar.dispose();
      const parts = params.map(({ name, value }) => tf.reshape(grads.get(name) ?? tf.zerosLike(value), [-1]));
      return { loss: scalars['loss'] as DeviceScalar, flat: tf.concat1d(parts as tf.Tensor1D[]) };
    });
    try {
      const [value, grad] = await Promise.all([loss.read(), flat.data()]);
      return { loss: sign * value, grad: Float64Array.from(grad, (element) => sign * element) };
    } finally {
      loss.dispose();
      flat.dispose();
    }
  }
}
