/** Clipping of given gradients, rates and momenta that a wrapper tells, and what its constructor refuses. */
import { type BuiltOptimWrapperOptions, OptimWrapper, SGD } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import type { ReplayResult } from '../harness/area.js';
import type { GoldenTensor } from '../harness/tensors.js';
import { classOf, parameterOf } from '../optimizers/classes.js';
import { Comparison } from '../optimizers/comparison.js';
import { camel, type Fields, optionsOf, refusal, resultOf } from '../optimizers/python.js';
import { clipOptions, floats, RELATIVE, SMALLEST } from './accumulation.js';

export interface ClipCase {
  readonly grads: readonly GoldenTensor[];
  readonly max_norm: number;
  readonly norm_type: number | string;
  readonly total_norm: number;
  readonly clipped: readonly GoldenTensor[];
}

export interface RatesCase {
  readonly optimizer: string;
  readonly args: Fields;
  readonly two_groups: boolean;
  readonly get_lr: Fields;
  readonly get_momentum: Fields;
  readonly n_param_groups: number;
  readonly state_dict_keys: readonly string[];
  readonly base_param_settings: Fields | null;
}

export interface ConstructorCase {
  readonly args: Fields;
  readonly raises: { readonly type: string };
}

function resultOfComparison(id: string, { fault, maxError }: Comparison): ReplayResult {
  return { id, ok: fault === undefined, maxError, ...(fault !== undefined && { error: fault }) };
}

/** Parameters at zero that move by minus their gradient show the gradients after clipping. */
export function replayClip(
  id: string,
  { grads, max_norm, norm_type, total_norm, clipped }: ClipCase,
): Promise<ReplayResult> {
  return resultOf(id, async () => {
    const params = grads.map((grad, i) => parameterOf(`p${i}`, new Float32Array(floats(grad).length), grad.shape));
    const clipGrad = clipOptions({ max_norm, norm_type });
    const wrapper = new OptimWrapper({ optimizer: new SGD(params, { lr: 1 }), clipGrad });
    try {
      const { gradNorm } = wrapper.updateParams(() => {
        const parts = params.map(({ value, shape }, i) =>
          tf.sum(tf.mul(value, tf.tensor(floats(grads[i] as GoldenTensor).slice(), [...shape], 'float32'))),
        );
        return tf.addN(parts) as tf.Scalar;
      });
      const compare = new Comparison(RELATIVE, SMALLEST);
      compare.numbers('total_norm', gradNorm === undefined ? [] : [await gradNorm.read()], [total_norm]);
      compare.exact('clipped', params.length, clipped.length);
      for (const [i, want] of clipped.entries()) {
        const moved = await params[i]?.value.data<'float32'>();
        compare.numbers(
          `clipped[${i}]`,
          moved?.map((value) => -value),
          floats(want),
        );
      }
      return resultOfComparison(id, compare);
    } finally {
      wrapper.dispose();
      for (const { value } of params) value.dispose();
    }
  });
}

export function replayRates(id: string, golden: RatesCase): Promise<ReplayResult> {
  return resultOf(id, async () => {
    const Optimizer = classOf(golden.optimizer);
    if (Optimizer === undefined) return { id, ok: false, error: `there is no ${golden.optimizer}` };
    const params = ['a', 'b'].map((name) => parameterOf(name, Float32Array.of(1), [1]));
    const [a, b] = params as [(typeof params)[number], (typeof params)[number]];
    const groups = [{ params: [a], lr: 0.5 }, { params: [b] }];
    const optimizer = new Optimizer(golden.two_groups ? groups : params, optionsOf(golden.args));
    const wrapper = new OptimWrapper({ optimizer });
    try {
      const compare = new Comparison(0, SMALLEST);
      compare.exact('get_lr', wrapper.getLr(), optionsOf(golden.get_lr));
      compare.exact('get_momentum', wrapper.getMomentum(), golden.get_momentum);
      compare.exact('n_param_groups', wrapper.paramGroups.length, golden.n_param_groups);
      const { baseParamSettings: base } = (await wrapper.stateDict()).values;
      const { params: _placeholder, ...fields } = golden.base_param_settings ?? {};
      const own = Object.fromEntries(
        Object.keys(fields).map((name) => [camel(name), (base as Fields | null)?.[camel(name)]]),
      );
      compare.exact(
        'base_param_settings',
        base === null ? null : own,
        golden.base_param_settings === null ? null : optionsOf(fields),
      );
      compare.exact('state_dict_keys', base !== null, golden.state_dict_keys.includes('base_param_settings'));
      return resultOfComparison(id, compare);
    } finally {
      wrapper.dispose();
      for (const { value } of params) value.dispose();
    }
  });
}

/** A number out of range is a value, something of another kind a type, an option that is missing a key. */
const kinds: Readonly<Record<string, readonly string[]>> = {
  AssertionError: ['value', 'type', 'key'],
  ValueError: ['value', 'type'],
};

export async function replayConstructor(id: string, { args, raises }: ConstructorCase): Promise<ReplayResult> {
  const param = parameterOf('a', Float32Array.of(1), [1]);
  const optimizer = new SGD([param], { lr: 0.1 });
  const { clip_grad, ...rest } = args;
  const clipGrad = clip_grad === undefined ? {} : { clipGrad: isFields(clip_grad) ? optionsOf(clip_grad) : clip_grad };
  const make = () => new OptimWrapper({ ...optionsOf(rest), ...clipGrad, optimizer } as BuiltOptimWrapperOptions);
  try {
    return await refusal(id, raises.type, make, kinds[raises.type] ?? []);
  } finally {
    optimizer.dispose();
    param.value.dispose();
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
