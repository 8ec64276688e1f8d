import { cpu } from '@engine/backend-cpu';
import { type HostArray, hostArray } from '@engine/core';
import { describeEntries } from '@engine/registry/testing';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BaseDataPreprocessor,
  baseDataPreprocessor,
  type HostBatch,
  ImgDataPreprocessor,
  type PreprocessedBatch,
} from './index.js';
import { canonicalSettings } from './testing/index.js';

beforeAll(() => cpu().init());

const bytes = (shape: number[], ...values: number[]): HostArray => hostArray('uint8', shape, Uint8Array.from(values));

/** Shape and values of the inputs. */
function run(
  preprocessor: { process(batch: HostBatch, training: boolean): PreprocessedBatch },
  inputs: HostBatch['inputs'],
): [number[], number[]] {
  return tf.tidy(() => {
    const tensor = preprocessor.process({ inputs }, true).inputs as tf.Tensor;
    return [tensor.shape, [...tensor.dataSync()]];
  });
}

describe('BaseDataPreprocessor', () => {
  it.each<[HostArray, string]>([
    [hostArray('float64', [1], Float64Array.of(0.5)), 'float32'],
    [hostArray('float32', [1], Float32Array.of(0.5)), 'float32'],
    [hostArray('uint8', [1], Uint8Array.of(200)), 'int32'],
    [hostArray('int32', [1], Int32Array.of(-5)), 'int32'],
    [hostArray('int64', [1], BigInt64Array.of(-7n)), 'int32'],
    [hostArray('bool', [1], Uint8Array.of(1)), 'bool'],
  ])('casts %o', (inputs, dtype) => {
    tf.tidy(() => {
      const tensor = new BaseDataPreprocessor().process({ inputs }, false).inputs as tf.Tensor;
      expect(tensor.dtype).toBe(dtype);
      expect(tensor.dataSync()[0]).toBe(Number(inputs.data[0]));
    });
  });

  it('finds arrays in samples and leaves the rest', () => {
    tf.tidy(() => {
      const meta = new Map([['a', 1]]);
      const { samples } = new BaseDataPreprocessor().process(
        {
          inputs: [bytes([1], 3)],
          samples: { label: bytes([2], 4, 5), name: 'x', none: null, list: [bytes([1], 6), 7], meta },
        },
        false,
      );
      expect(samples).toMatchObject({ name: 'x', none: null, list: [expect.anything(), 7], meta });
      expect([...((samples as { label: tf.Tensor }).label.dataSync() as Int32Array)]).toEqual([4, 5]);
    });
  });

  it.each([[undefined], [[]], ['abc'], [{ a: 1 }], [[bytes([1], 1), 3]]])('ENGINE_MODEL_BAD_BATCH: %o', (inputs) => {
    expect(() => tf.tidy(() => void new BaseDataPreprocessor().process({ inputs: inputs as never }, false))).toThrow(
      'ENGINE_MODEL_BAD_BATCH',
    );
  });

  it('refuses integers that a device cannot hold', () => {
    const inputs = hostArray('int64', [2], BigInt64Array.of(1n, 2n ** 31n));
    expect(() => tf.tidy(() => void new BaseDataPreprocessor().process({ inputs }, false))).toThrow(
      /ENGINE_CORE_INT32_RANGE[\s\S]*2147483648 at index 1/,
    );
  });
});

describe('ImgDataPreprocessor', () => {
  it('normalises bytes on the device, by one value or by channel', () => {
    const [shape, values] = run(new ImgDataPreprocessor({ mean: [10], std: [2] }), bytes([1, 1, 2, 1], 10, 255));
    expect([shape, values]).toEqual([
      [1, 1, 2, 1],
      [0, 122.5],
    ]);
    expect(run(new ImgDataPreprocessor({ mean: [1, 2, 3], std: [1, 2, 4] }), bytes([1, 1, 1, 3], 2, 4, 7))[1]).toEqual([
      1, 1, 1,
    ]);
    expect(run(new ImgDataPreprocessor({ mean: [1], std: [1, 2, 4] }), bytes([1, 1, 1, 3], 5, 5, 5))[1]).toEqual([
      4, 2, 1,
    ]);
  });

  it('is (x - mean) / std in float32 for any values', () => {
    const number = fc.double({ min: -300, max: 300, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 1, maxLength: 8 }),
        number,
        fc.double({ min: 0.01, max: 300, noNaN: true }),
        (values, mean, std) => {
          const inputs = hostArray('float64', [1, 1, values.length, 1], Float64Array.from(values));
          const { fround } = Math;
          const expected = values.map((x) => fround(fround(fround(x) - fround(mean)) / fround(std)));
          expect(run(new ImgDataPreprocessor({ mean: [mean], std: [std] }), inputs)[1]).toEqual(expected);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('without options gives floats', () => {
    tf.tidy(() => {
      const { inputs } = new ImgDataPreprocessor().process({ inputs: bytes([1, 1, 1, 1], 9) }, false);
      expect((inputs as tf.Tensor).dtype).toBe('float32');
    });
  });

  it('swaps red and blue before normalising', () => {
    for (const options of [{ bgrToRgb: true }, { rgbToBgr: true }]) {
      expect(
        run(new ImgDataPreprocessor({ ...options, mean: [1, 0, 0], std: [1, 1, 1] }), bytes([1, 1, 1, 3], 5, 6, 7))[1],
      ).toEqual([6, 6, 5]);
    }
  });

  it('stacks a list, padding after normalising at the bottom and the right', () => {
    const images = [bytes([1, 2, 1], 3, 5), bytes([2, 1, 1], 7, 9)];
    const [shape, values] = run(new ImgDataPreprocessor({ mean: [1], std: [2], padValue: -1 }), images);
    expect(shape).toEqual([2, 2, 2, 1]);
    expect(values).toEqual([1, 2, -1, -1, 3, -1, 4, -1]);
  });

  it('rounds sizes up to the divisor', () => {
    expect(run(new ImgDataPreprocessor({ padSizeDivisor: 4 }), bytes([1, 1, 5, 1], 1, 2, 3, 4, 5))[0]).toEqual([
      1, 4, 8, 1,
    ]);
    expect(run(new ImgDataPreprocessor({ padSizeDivisor: 2 }), [bytes([1, 1, 1], 1)])[0]).toEqual([1, 2, 2, 1]);
  });

  it('casts labels', () => {
    tf.tidy(() => {
      const { samples } = new ImgDataPreprocessor().process(
        { inputs: bytes([1, 1, 1, 1], 9), samples: bytes([1], 3) },
        false,
      );
      expect((samples as tf.Tensor).dtype).toBe('int32');
    });
  });

  it.each([
    ['both swaps', { bgrToRgb: true, rgbToBgr: true }],
    ['mean alone', { mean: [1] }],
    ['std alone', { std: [1] }],
    ['two means', { mean: [1, 2], std: [1] }],
  ])('ENGINE_MODEL_BAD_PREPROCESSOR_OPTION: %s', (_, options) => {
    expect(() => new ImgDataPreprocessor(options)).toThrow('ENGINE_MODEL_BAD_PREPROCESSOR_OPTION');
  });

  it('ENGINE_MODEL_SHAPE_MISMATCH: grey images with colour means, flat images', () => {
    const colour = new ImgDataPreprocessor({ mean: [1, 2, 3], std: [1, 1, 1] });
    expect(() => run(colour, [bytes([1, 1, 1], 1)])).toThrow(/ENGINE_MODEL_SHAPE_MISMATCH[\s\S]*images \(H, W, 3\)/);
    expect(() => run(new ImgDataPreprocessor(), bytes([1, 1], 1))).toThrow(/images \(N, H, W, C\)/);
    expect(() => run(new ImgDataPreprocessor({ bgrToRgb: true }), bytes([1, 1, 1, 1], 1))).toThrow(
      /ENGINE_MODEL_SHAPE_MISMATCH/,
    );
  });

  it('ENGINE_MODEL_BAD_BATCH: no images', () => {
    expect(() => run(new ImgDataPreprocessor(), [])).toThrow('ENGINE_MODEL_BAD_BATCH');
  });
});

describe('entries', () => {
  const settings = Object.fromEntries(
    Object.entries(canonicalSettings).filter(([name]) => name.startsWith('dataPreprocessor/')),
  );
  describeEntries([baseDataPreprocessor, ImgDataPreprocessor], settings);
});

it('options are checked in code too', () => {
  expect(() => new ImgDataPreprocessor({ padSizeDivisor: 0 })).toThrow('ENGINE_REGISTRY_BAD_OPTION_VALUE');
  expect(() => new ImgDataPreprocessor({ men: [1] } as object)).toThrow('ENGINE_REGISTRY_UNKNOWN_OPTION');
});
