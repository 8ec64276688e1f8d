/** Runs of an optim wrapper over a linear model: losses, factors, steps, norms and weights after every call. */
import type { ParameterLike } from '@engine/core';
import { type ClipGradOptions, OptimWrapper, type OptimWrapperState, type UpdateOutputs } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import type { ReplayResult } from '../harness/area.js';
import { decode, type GoldenTensor } from '../harness/tensors.js';
import { classOf, parameterOf } from '../optimizers/classes.js';
import { Comparison } from '../optimizers/comparison.js';
import { type Fields, optionsOf, resultOf } from '../optimizers/python.js';

interface Call {
  readonly loss: number;
  readonly scaled_loss: number;
  readonly loss_factor: number;
  readonly should_sync_before: boolean;
  readonly stepped: boolean;
  readonly inner_count: number;
  readonly grad_norm?: number | null;
  readonly weight: GoldenTensor;
  readonly bias: GoldenTensor;
  readonly grad_is_none: boolean;
  readonly weight_grad: GoldenTensor | null;
}

export interface AccumulationCase {
  readonly id: string;
  readonly accumulative_counts: number;
  readonly clip_grad: Fields | null;
  readonly max_counts: number;
  readonly init_counts: number;
  readonly initialize_count_status: boolean;
  readonly optimizer: Fields & { readonly type: string };
  readonly weight: GoldenTensor;
  readonly bias: GoldenTensor;
  readonly x: GoldenTensor;
  readonly y: GoldenTensor;
  readonly max_counts_attr: number;
  readonly remainder_attr: number;
  readonly trace: readonly Call[];
}

export const RELATIVE = 1e-5;
/** The denominator is that of the optimizers' files: weights are of the order of 1, and one near 0 carries the rounding of what it came from. */
export const SMALLEST = 1e-3;

export const floats = (tensor: GoldenTensor): Float32Array => decode(tensor).data as Float32Array;

/** `'inf'` is our name of the largest magnitude. */
export function clipOptions(fields: Fields | null): ClipGradOptions | null {
  if (fields === null) return null;
  const options = optionsOf(fields);
  return (options['normType'] === 'Infinity' ? { ...options, normType: 'inf' } : options) as unknown as ClipGradOptions;
}

export function replayAccumulation(golden: AccumulationCase): Promise<ReplayResult> {
  return resultOf(golden.id, () => replay(golden));
}

async function replay(golden: AccumulationCase): Promise<ReplayResult> {
  const { id, trace } = golden;
  const weight = parameterOf('weight', floats(golden.weight), golden.weight.shape);
  const bias = parameterOf('bias', floats(golden.bias), golden.bias.shape);
  let wrapper: OptimWrapper | undefined;
  try {
    const { type, ...args } = golden.optimizer;
    const Optimizer = classOf(type);
    if (Optimizer === undefined) return { id, ok: false, error: `there is no ${type}` };
    wrapper = new OptimWrapper({
      optimizer: new Optimizer([weight, bias], optionsOf(args)),
      accumulativeCounts: golden.accumulative_counts,
      clipGrad: clipOptions(golden.clip_grad),
    });
    if (golden.initialize_count_status) wrapper.initializeCountStatus(golden.init_counts, golden.max_counts);
    const compare = new Comparison(RELATIVE, SMALLEST);
    const items = golden.x.shape[0] as number;
    for (const [t, want] of trace.entries()) {
      const item = items === trace.length ? t : golden.init_counts + t;
      const outputs = wrapper.updateParams(() => lossOf(golden, item, { weight, bias }));
      await compareCall(compare, `trace[${t}]`, { want, outputs, wrapper, params: { weight, bias } });
    }
    compareCounts(compare, golden, await wrapper.stateDict());
    const { fault, maxError } = compare;
    return { id, ok: fault === undefined, maxError, ...(fault !== undefined && { error: fault }) };
  } finally {
    wrapper?.dispose();
    for (const { value } of [weight, bias]) value.dispose();
  }
}

type Params = Readonly<Record<'weight' | 'bias', ParameterLike>>;

/** mean((x W^T + b - y)^2) */
function lossOf({ x, y }: AccumulationCase, item: number, { weight, bias }: Params): tf.Scalar {
  const [input, target] = [x, y].map((data) => {
    const all = tf.tensor(floats(data).slice(), [...data.shape], 'float32');
    return tf.squeeze(tf.slice(all, [item], [1]), [0]) as tf.Tensor2D;
  }) as [tf.Tensor2D, tf.Tensor2D];
  const output = tf.add(tf.matMul(input, weight.value as tf.Tensor2D, false, true), bias.value);
  return tf.mean(tf.square(tf.sub(output, target)));
}

interface Observed {
  readonly want: Call;
  readonly outputs: UpdateOutputs<tf.Scalar>;
  readonly wrapper: OptimWrapper;
  readonly params: Params;
}

async function compareCall(
  compare: Comparison,
  at: string,
  { want, outputs, wrapper, params }: Observed,
): Promise<void> {
  const loss = await outputs.loss.read();
  compare.numbers(`${at}.loss`, [loss], [want.loss]);
  compare.numbers(
    `${at}.grad_norm`,
    outputs.gradNorm === undefined ? [] : [await outputs.gradNorm.read()],
    normOf(want),
  );
  compare.exact(`${at}.inner_count`, wrapper.innerCount, want.inner_count);
  compare.exact(`${at}.stepped`, wrapper.accumulatedCount === 0, want.stepped);
  compare.exact(`${at}.should_sync_before`, wrapper.accumulatedCount === 0, want.should_sync_before); // it foretells the step
  for (const name of ['weight', 'bias'] as const)
    compare.numbers(`${at}.${name}`, await params[name].value.data(), floats(want[name]));
  const { tensors } = await wrapper.stateDict();
  const sum = tensors.get('accumulated/weight');
  compare.exact(`${at}.grad_is_none`, sum === undefined, want.grad_is_none);
  if (want.weight_grad !== null)
    compare.numbers(`${at}.weight_grad`, sum?.data as Float32Array | undefined, floats(want.weight_grad));
  compare.numbers(`${at}.scaled_loss`, [loss / want.loss_factor], [want.scaled_loss]);
}

const normOf = ({ grad_norm }: Call): number[] => (typeof grad_norm === 'number' ? [grad_norm] : []);

function compareCounts(compare: Comparison, golden: AccumulationCase, { values }: OptimWrapperState): void {
  const max = typeof values['maxCount'] === 'number' ? values['maxCount'] : -1;
  compare.exact('max_counts_attr', max, golden.max_counts_attr);
  compare.exact('remainder_attr', max < 0 ? -1 : max % golden.accumulative_counts, golden.remainder_attr);
}
