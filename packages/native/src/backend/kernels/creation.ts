import * as tf from '@tensorflow/tfjs-core';
import { type Compute, input, int, type Kernels, T, TIDX, type } from '../kernel.js';

const like =
  (value: number): Compute =>
  (call) => {
    const x = input(call, 'x');
    return fill(call.b, { shape: x.shape, value, dtype: x.dtype });
  };

function fill(
  b: Parameters<Compute>[0]['b'],
  { shape, value, dtype }: { readonly shape: readonly number[]; readonly value: number; readonly dtype: tf.DataType },
): tf.TensorInfo {
  return b.output(
    'Fill',
    [b.ints(shape), b.scalar(value, dtype)],
    [T(dtype), type('index_type', 'int32')],
    shape,
    dtype,
  );
}

export const creation: Kernels = {
  [tf.Fill]: ({ b, attrs }) => {
    const value = Number(attrs['value']);
    const dtype = (attrs['dtype'] ?? 'float32') as tf.DataType;
    return fill(b, { shape: attrs['shape'] as number[], value, dtype });
  },
  [tf.OnesLike]: like(1),
  [tf.ZerosLike]: like(0),
  [tf.LinSpace]: ({ b, attrs }) => {
    const count = Number(attrs['num']);
    const ends = ['start', 'stop'].map((name) => b.scalar(Number(attrs[name])));
    return b.output('LinSpace', [...ends, b.int(count)], [T('float32'), TIDX], [count], 'float32');
  },
  [tf.Range]: ({ b, attrs }) => {
    const dtype = (attrs['dtype'] ?? 'float32') as tf.DataType;
    const [start, stop, step] = ['start', 'stop', 'step'].map((name) => Number(attrs[name])) as [
      number,
      number,
      number,
    ];
    const count = Math.max(0, Math.ceil((stop - start) / step));
    const values = Float64Array.from({ length: count }, (_, i) => start + i * step);
    const Type = dtype === 'int32' ? Int32Array : Float32Array;
    return b.fromHost(Type.from(values), [count], dtype);
  },
  [tf.Multinomial]: (call) => {
    const { b, attrs } = call;
    const logits = input(call, 'logits');
    const count = Number(attrs['numSamples']);
    const given = b.handleOf(logits);
    const logs = attrs['normalized'] === true ? b.run('Log', [given], [T('float32')]) : given;
    const attributes = [
      T('float32'),
      int('seed', Number(attrs['seed'])),
      int('seed2', 1),
      type('output_dtype', 'int32'),
    ];
    return b.output('Multinomial', [logs, b.int(count)], attributes, [logits.shape[0] as number, count], 'int32');
  },
};
