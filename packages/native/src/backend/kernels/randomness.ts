import { DT } from '../../dtypes.js';
import type { Attribute, Handle } from '../../tensor-flow.js';
import { type Compute, input, type Kernels, T_FLOAT, type } from '../kernel.js';
import type { NativeKernelBackend } from '../kernel-backend.js';

/** TensorFlow's name for Philox 4x32-10, which `KeyedRandom` is too. */
const PHILOX = 1;
const UINT32: Attribute = { name: 'T', setting: 'type', value: DT.uint32 };

/** The same bits as another type; (…, 2) words become one of twice the size. */
function bitcast(b: NativeKernelBackend, words: Handle, as: number): Handle {
  return b.run('Bitcast', [words], [type('T', 'int32'), { name: 'type', setting: 'type', value: as }]);
}

/** `KeepMask` of `@engine/core`, drawn on the device. */
const keepMask: Compute = (call) => {
  const { b, attrs } = call;
  const [shape, keep] = [attrs['shape'] as number[], Number(attrs['keep'])];
  const threshold = Math.ceil(keep * 2 ** 32);
  if (threshold >= 2 ** 32)
    return b.output(
      'Fill',
      [b.ints(shape), b.scalar(1 / keep)],
      [T_FLOAT, type('index_type', 'int32')],
      shape,
      'float32',
    );
  const [key, counter] = ['key', 'counter'].map((name) => bitcast(b, b.handleOf(input(call, name)), DT.uint64)) as [
    Handle,
    Handle,
  ];
  const kinds: Attribute[] = [{ name: 'dtype', setting: 'type', value: DT.uint32 }, type('Tshape', 'int32')];
  const draws = b.run('StatelessRandomUniformFullIntV2', [b.ints(shape), key, counter, b.int(PHILOX)], kinds);
  const stays = b.run('Less', [draws, bitcast(b, b.int(threshold | 0), DT.uint32)], [UINT32]);
  const ones = b.run('Cast', [stays], [type('SrcT', 'bool'), type('DstT', 'float32')]);
  return b.output('Mul', [ones, b.scalar(1 / keep)], [T_FLOAT], shape, 'float32');
};

export const randomness: Kernels = { KeepMask: keepMask };
