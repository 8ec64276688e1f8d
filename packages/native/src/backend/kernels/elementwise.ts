import * as tf from '@tensorflow/tfjs-core';
import type { Attribute, Handle } from '../../tensor-flow.js';
import { broadcastShape, type Compute, castTo, float, input, type Kernels, T, T_FLOAT, type } from '../kernel.js';
import type { NativeKernelBackend } from '../kernel-backend.js';

/** float32 in, float32 out; other types are cast first. */
const floatOp =
  (op: string, attributes: readonly Attribute[] = [T_FLOAT]): Compute =>
  (call) => {
    const x = input(call, 'x');
    return call.b.output(op, [castTo(call.b, x, 'float32')], attributes, x.shape, 'float32');
  };

/** The type stays. */
const sameOp =
  (op: string): Compute =>
  (call) => {
    const x = input(call, 'x');
    if (x.dtype === 'bool') return sameOp(op)({ ...call, inputs: { x: asInt(call, x) } });
    return call.b.output(op, [call.b.handleOf(x)], [T(x.dtype)], x.shape, x.dtype);
  };

const testOp =
  (op: string): Compute =>
  (call) => {
    const x = input(call, 'x');
    return call.b.output(op, [castTo(call.b, x, 'float32')], [T_FLOAT], x.shape, 'bool');
  };

function asInt({ b }: Parameters<Compute>[0], x: tf.TensorInfo): tf.TensorInfo {
  return b.keep(castTo(b, x, 'int32'), x.shape, 'int32');
}

type OutputType = (given: tf.DataType) => tf.DataType;
const same: OutputType = (dtype) => dtype;
const truth: OutputType = () => 'bool';

/** TensorFlow has arithmetic and order for numbers only: truth values count as 0 and 1. */
const binaryOp =
  (op: string, result: OutputType = same): Compute =>
  (call) => {
    const { b } = call;
    const [left, right] = [input(call, 'a'), input(call, 'b')];
    const dtype = left.dtype === 'bool' ? 'int32' : left.dtype;
    return b.output(
      op,
      [castTo(b, left, dtype), castTo(b, right, dtype)],
      [T(dtype)],
      broadcastShape(left.shape, right.shape),
      result(dtype),
    );
  };

const floatBinaryOp =
  (op: string): Compute =>
  (call) => {
    const { b } = call;
    const [left, right] = [input(call, 'a'), input(call, 'b')];
    const handles = [castTo(b, left, 'float32'), castTo(b, right, 'float32')];
    return b.output(op, handles, [T_FLOAT], broadcastShape(left.shape, right.shape), 'float32');
  };

const logicalOp =
  (op: string): Compute =>
  (call) => {
    const { b } = call;
    const [left, right] = [input(call, 'a'), input(call, 'b')];
    const handles = [castTo(b, left, 'bool'), castTo(b, right, 'bool')];
    return b.output(op, handles, [], broadcastShape(left.shape, right.shape), 'bool');
  };

const step: Compute = (call) => {
  const { b } = call;
  const x = input(call, 'x');
  const alpha = Number(call.attrs['alpha'] ?? 0);
  const sign = b.run('Sign', [castTo(b, x, 'float32')], [T_FLOAT]);
  if (alpha === 0) return b.output('Relu', [sign], [T_FLOAT], x.shape, 'float32');
  const scaled = b.run('Mul', [b.run('Relu', [sign], [T_FLOAT]), b.scalar(1 - alpha)], [T_FLOAT]);
  return b.output('AddV2', [scaled, b.scalar(alpha)], [T_FLOAT], x.shape, 'float32');
};

const prelu: Compute = (call) => {
  const { b } = call;
  const [x, alpha] = [input(call, 'x'), input(call, 'alpha')];
  const handle = b.handleOf(x);
  const scaled = b.run('Mul', [handle, b.handleOf(alpha)], [T_FLOAT]);
  const isPositive = b.run('GreaterEqual', [handle, b.scalar(0)], [T_FLOAT]);
  return b.output('SelectV2', [isPositive, handle, scaled], [T_FLOAT], broadcastShape(x.shape, alpha.shape), 'float32');
};

const unary = [
  ...['Ceil', 'Floor', 'Round'],
  ...['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Cos', 'Cosh', 'Elu', 'Erf', 'Exp', 'Expm1', 'Log', 'Log1p'],
  ...['Reciprocal', 'Rsqrt', 'Selu', 'Sigmoid', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Tan', 'Tanh'],
];
const ofAnyNumber = ['Abs', 'Neg', 'Relu', 'Relu6', 'Sign', 'Square'];
const comparisons = ['Equal', 'Greater', 'GreaterEqual', 'Less', 'LessEqual', 'NotEqual'];

const fromNames = (names: readonly string[], make: (name: string) => Compute): Kernels =>
  Object.fromEntries(names.map((name) => [name, make(name)]));

/** `MultiplyAdd` of `@engine/core`: `a + b * c`, rounded twice. */
const multiplyAdd: Compute = (call) => {
  const { b } = call;
  const [left, factor, other] = [input(call, 'a'), input(call, 'b'), input(call, 'c')];
  const product = b.run('Mul', [b.handleOf(factor), b.handleOf(other)], [T_FLOAT]);
  return b.output('AddV2', [b.handleOf(left), product], [T_FLOAT], left.shape, 'float32');
};

/** `1 + erf(x / sqrt 2)`: twice the normal distribution function. */
function twiceNormal(b: NativeKernelBackend, x: Handle): Handle {
  const bent = b.run('Erf', [b.run('Mul', [x, b.scalar(Math.SQRT1_2)], [T_FLOAT])], [T_FLOAT]);
  return b.run('AddV2', [bent, b.scalar(1)], [T_FLOAT]);
}

/** `Gelu` of `@engine/core`. */
const gelu: Compute = (call) => {
  const { b } = call;
  const x = input(call, 'x');
  const half = b.run('Mul', [b.handleOf(x), b.scalar(0.5)], [T_FLOAT]);
  return b.output('Mul', [half, twiceNormal(b, b.handleOf(x))], [T_FLOAT], x.shape, 'float32');
};

/** `GeluGrad` of `@engine/core`: `dy / 2 (2 Φ(x) + 2 x φ(x))`. */
const geluGrad: Compute = (call) => {
  const { b } = call;
  const [dy, x] = [input(call, 'dy'), input(call, 'x')];
  const at = b.handleOf(x);
  const exponent = b.run('Mul', [b.run('Square', [at], [T_FLOAT]), b.scalar(-0.5)], [T_FLOAT]);
  const bell = b.run('Mul', [b.run('Exp', [exponent], [T_FLOAT]), at], [T_FLOAT]);
  const scaled = b.run('Mul', [bell, b.scalar(Math.sqrt(2 / Math.PI))], [T_FLOAT]);
  const slope = b.run('AddV2', [scaled, twiceNormal(b, at)], [T_FLOAT]);
  const half = b.run('Mul', [b.handleOf(dy), b.scalar(0.5)], [T_FLOAT]);
  return b.output('Mul', [half, slope], [T_FLOAT], x.shape, 'float32');
};

export const elementwise: Kernels = {
  Gelu: gelu,
  GeluGrad: geluGrad,
  MultiplyAdd: multiplyAdd,
  ReluGrad: (call) => {
    const [dy, x] = [input(call, 'dy'), input(call, 'x')];
    return call.b.output('ReluGrad', [call.b.handleOf(dy), call.b.handleOf(x)], [T_FLOAT], x.shape, 'float32');
  },
  ...fromNames(unary, floatOp),
  ...fromNames(ofAnyNumber, sameOp),
  ...fromNames(['IsFinite', 'IsInf', 'IsNan'], testOp),
  ...fromNames(comparisons, (name) => binaryOp(name, truth)),
  ...fromNames(['FloorDiv', 'Maximum', 'Minimum', 'SquaredDifference', 'Sub'], (name) => binaryOp(name)),
  ...fromNames(['LogicalAnd', 'LogicalOr'], logicalOp),
  [tf.Add]: binaryOp('AddV2'),
  [tf.Atan2]: floatBinaryOp('Atan2'),
  [tf.BitwiseAnd]: binaryOp('BitwiseAnd'),
  [tf.Mod]: binaryOp('FloorMod'),
  [tf.Multiply]: binaryOp('Mul'),
  [tf.Pow]: binaryOp('Pow'),
  [tf.RealDiv]: floatBinaryOp('RealDiv'),
  [tf.Prelu]: prelu,
  [tf.Step]: step,
  [tf.AddN]: ({ b, inputs }) => {
    const all = Object.values(inputs);
    const { shape, dtype } = all[0] as tf.TensorInfo;
    const attributes: Attribute[] = [{ name: 'N', setting: 'int', value: all.length }, T(dtype)];
    return b.output(
      'AddN',
      all.map((each) => b.handleOf(each)),
      attributes,
      shape,
      dtype,
    );
  },
  [tf.Cast]: (call) => {
    const { b, attrs } = call;
    const x = input(call, 'x');
    const dtype = attrs['dtype'] as tf.DataType;
    if (x.dtype === dtype) return b.alias(x);
    return b.output('Cast', [b.handleOf(x)], [type('SrcT', x.dtype), type('DstT', dtype)], x.shape, dtype);
  },
  [tf.ClipByValue]: (call) => {
    const { b, attrs } = call;
    const x = input(call, 'x');
    const limits = ['clipValueMin', 'clipValueMax'].map((name) => b.scalar(Number(attrs[name]), x.dtype));
    return b.output('ClipByValue', [b.handleOf(x), ...limits], [T(x.dtype)], x.shape, x.dtype);
  },
  [tf.EluGrad]: (call) => {
    const [dy, y] = [input(call, 'dy'), input(call, 'y')];
    return call.b.output('EluGrad', [call.b.handleOf(dy), call.b.handleOf(y)], [T_FLOAT], y.shape, 'float32');
  },
  [tf.LeakyRelu]: (call) => floatOp('LeakyRelu', [T_FLOAT, float('alpha', Number(call.attrs['alpha']))])(call),
  [tf.LogicalNot]: (call) => {
    const x = input(call, 'x');
    return call.b.output('LogicalNot', [call.b.handleOf(x)], [], x.shape, 'bool');
  },
  [tf.Select]: (call) => {
    const { b } = call;
    const [condition, t, e] = [input(call, 'condition'), input(call, 't'), input(call, 'e')];
    const handles = [castTo(b, condition, 'bool'), b.handleOf(t), b.handleOf(e)];
    return b.output('Select', handles, [T(t.dtype)], t.shape, t.dtype);
  },
};
