import { cpu } from '@engine/backend-cpu';
import { type HostArray, hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostCopyOf, toDeviceData, upload } from './upload.js';

beforeAll(() => cpu().init());

describe('upload', () => {
  it('keeps every 32-bit integer and refuses every other', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 40n), max: 2n ** 40n }), (value) => {
        const array = hostArray('int64', [1], BigInt64Array.of(value));
        if (BigInt.asIntN(32, value) === value)
          expect(toDeviceData(array, 'int32')).toEqual(Int32Array.of(Number(value)));
        else expect(() => toDeviceData(array, 'int32')).toThrow('ENGINE_CORE_INT32_RANGE');
      }),
    );
  });

  it('does not copy what fits already', () => {
    const floats = hostArray('float32', [2], Float32Array.of(1, 2));
    expect(toDeviceData(floats, 'float32')).toBe(floats.data);
  });

  it('remembers integers, for as long as the tensor is referred to, and nothing else', () => {
    tf.tidy(() => {
      const labels = upload(hostArray('uint8', [2], Uint8Array.of(3, 4)));
      expect(hostCopyOf(labels)).toEqual(Int32Array.of(3, 4));
      expect(hostCopyOf(tf.clone(labels))).toBeUndefined();
      expect(hostCopyOf(upload(hostArray('float32', [1], Float32Array.of(1))))).toBeUndefined();
    });
  });

  it.each<[HostArray]>([
    [hostArray('bool', [2, 1], Uint8Array.of(1, 0))],
    [hostArray('float64', [], Float64Array.of(2.5))],
  ])('keeps shapes: %o', (array) => {
    tf.tidy(() => {
      const tensor = upload(array);
      expect(tensor.shape).toEqual(array.shape);
      expect([...tensor.dataSync()]).toEqual([...array.data].map(Number));
    });
  });
});
