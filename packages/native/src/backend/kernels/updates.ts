/** Steps of optimizers, each one op that goes over memory once. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Handle } from '../../tensor-flow.js';
import { bool, type Compute, input, type KernelCall, type Kernels, T_FLOAT } from '../kernel.js';

/** What an update changes: the tensors themselves where the caller lets go of them, else copies. */
function updated(
  { b, attrs }: KernelCall,
  infos: readonly tf.TensorInfo[],
  update: (variables: readonly Handle[]) => void,
): tf.TensorInfo[] {
  if (attrs['inPlace'] === true) return b.updated(infos, update);
  const shared = infos.map((info) => b.alias(info));
  try {
    return b.updated(infos, update);
  } finally {
    for (const { dataId } of shared) b.disposeData(dataId);
  }
}

/** `MomentumStep` of `@engine/core`. */
const momentumStep: Compute = (call) => {
  const { b, attrs } = call;
  const [slope, momentum, descent] = ['slope', 'momentum', 'descent'].map((name) => b.handleOf(input(call, name))) as [
    Handle,
    Handle,
    Handle,
  ];
  const rate = b.run('Neg', [descent], [T_FLOAT]);
  return updated(call, [input(call, 'value'), input(call, 'buffer')], (variables) =>
    b.run0(
      'ResourceApplyMomentum',
      [...variables, rate, slope, momentum],
      [T_FLOAT, bool('use_nesterov', attrs['nesterov'] === true)],
    ),
  );
};

interface AdamScalars {
  readonly rate: Handle;
  readonly keep: Handle;
  readonly eps: Handle;
}

/**
 * TensorFlow's Adam takes `1 - keep` of each square, which in float32 is not quite PyTorch's `intakeSquare` when `keep` is near 1. All
 * squares are too large by that factor, and its root is taken out of the step.
 */
function adamScalars(call: KernelCall): AdamScalars {
  const { b, attrs } = call;
  const at = (name: string): Handle => b.handleOf(input(call, name));
  const run = (op: string, ...operands: Handle[]): Handle => b.run(op, operands, [T_FLOAT]);
  const one = b.scalar(1);
  const excess = run('RealDiv', run('Sub', one, at('keepSquare')), at('intakeSquare'));
  const root = run('Mul', at('root'), run('Sqrt', excess));
  return {
    rate: run('Mul', run('Neg', at('descent')), root),
    keep: attrs['fromSlope'] === true ? run('Neg', at('intake')) : run('Sub', one, at('intake')),
    eps: run('Mul', at('eps'), root),
  };
}

/** `AdamStep` of `@engine/core`. */
const adamStep: Compute = (call) => {
  const { b } = call;
  const names = ['intake', 'keepSquare', 'intakeSquare', 'root', 'eps', 'descent', 'fromSlope'];
  const { rate, keep, eps } = b.remembered(
    names.map((name) => call.inputs[name]?.dataId ?? call.attrs[name]),
    () => adamScalars(call),
  );
  const infos = ['start', 'average', 'averageSquare'].map((name) => input(call, name));
  const zero = b.scalar(0); // the corrections are in the rate already
  const others = [zero, zero, rate, keep, b.handleOf(input(call, 'keepSquare')), eps, b.handleOf(input(call, 'slope'))];
  return updated(call, infos, (variables) => b.run0('ResourceApplyAdam', [...variables, ...others], [T_FLOAT]));
};

export const updates: Kernels = { AdamStep: adamStep, MomentumStep: momentumStep };
