import * as tf from '@tensorflow/tfjs-core';
import type { Attribute, Handle } from '../../tensor-flow.js';
import {
  bool,
  broadcastShape,
  type Compute,
  float,
  input,
  type KernelCall,
  type Kernels,
  T,
  T_FLOAT,
} from '../kernel.js';

interface Product {
  readonly op: string;
  readonly handles: readonly Handle[];
  readonly attributes: readonly Attribute[];
  readonly shape: readonly number[];
}

/** A product of matrices, or of batches of them. */
function product(call: KernelCall): Product {
  const { b, attrs } = call;
  const [left, right] = [input(call, 'a'), input(call, 'b')];
  const [transposeA, transposeB] = [attrs['transposeA'] === true, attrs['transposeB'] === true];
  const rows = left.shape.at(transposeA ? -1 : -2) as number;
  const columns = right.shape.at(transposeB ? -2 : -1) as number;
  const batch = broadcastShape(left.shape.slice(0, -2), right.shape.slice(0, -2));
  const isFlat = left.shape.length === 2 && right.shape.length === 2;
  const [nameA, nameB] = isFlat ? (['transpose_a', 'transpose_b'] as const) : (['adj_x', 'adj_y'] as const);
  return {
    op: isFlat ? 'MatMul' : 'BatchMatMulV2',
    handles: [b.factorOf(left), b.factorOf(right)],
    attributes: [
      left.dtype === 'float32' ? b.productType : T(left.dtype),
      bool(nameA, transposeA),
      bool(nameB, transposeB),
    ],
    shape: [...batch, rows, columns],
  };
}

const batchMatMul: Compute = (call) => {
  const { b } = call;
  const { dtype } = input(call, 'a');
  const { op, handles, attributes, shape } = product(call);
  const result = b.run(op, handles, attributes);
  return b.keep(dtype === 'float32' ? b.raise(result) : result, shape, dtype);
};

const fusedMatMul: Compute = (call) => {
  const { b } = call;
  const { op, handles, attributes, shape } = product(call);
  return b.keep(finish(call, b.raise(b.run(op, handles, attributes))), shape, 'float32');
};

/** Adds the bias and applies the activation that a fused kernel asks for. */
export function finish(call: KernelCall, result: Handle): Handle {
  const { b, inputs, attrs } = call;
  const { bias, preluActivationWeights: weights } = inputs;
  const sum = bias === undefined ? result : b.run('AddV2', [result, b.handleOf(bias)], [T_FLOAT]);
  switch (attrs['activation']) {
    case 'relu':
      return b.run('Relu', [sum], [T_FLOAT]);
    case 'relu6':
      return b.run('Relu6', [sum], [T_FLOAT]);
    case 'elu':
      return b.run('Elu', [sum], [T_FLOAT]);
    case 'sigmoid':
      return b.run('Sigmoid', [sum], [T_FLOAT]);
    case 'leakyrelu':
      return b.run('LeakyRelu', [sum], [T_FLOAT, float('alpha', Number(attrs['leakyreluAlpha'] ?? 0.2))]);
    case 'prelu': {
      const scaled = b.run('Mul', [sum, b.handleOf(weights as tf.TensorInfo)], [T_FLOAT]);
      return b.run('SelectV2', [b.run('GreaterEqual', [sum, b.scalar(0)], [T_FLOAT]), sum, scaled], [T_FLOAT]);
    }
    default:
      return sum;
  }
}

export const matrices: Kernels = {
  [tf.BatchMatMul]: batchMatMul,
  [tf._FusedMatMul]: fusedMatMul,
};
