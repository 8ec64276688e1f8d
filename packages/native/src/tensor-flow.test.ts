import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DT } from './dtypes.js';
import { type FoundLibrary, findLibrary } from './find-library.js';
import { type Attribute, TensorFlow } from './tensor-flow.js';

const library = findLibrary('node');
const skipped = library === undefined ? ' (no TensorFlow library here: engine backend install node)' : '';
const T: Attribute = { name: 'T', setting: 'type', value: DT.float32 };

describe.skipIf(library === undefined)(`TensorFlow${skipped}`, () => {
  let runtime: TensorFlow;
  beforeAll(() => {
    runtime = new TensorFlow(library as FoundLibrary, { threads: 1 });
  });
  afterAll(() => runtime.close());

  it('says its version and its devices', () => {
    expect(runtime.version).toMatch(/^2\./);
    expect(runtime.devices.map(({ type }) => type)).toContain('CPU');
  });

  it.each([
    [DT.float32, Float32Array.of(1.5, -2, 3, 4, 5, 6)],
    [DT.int32, Int32Array.of(1, -2, 3, 4, 5, 2 ** 31 - 1)],
    [DT.bool, Uint8Array.of(1, 0, 0, 1, 1, 0)],
    [DT.int64, BigInt64Array.of(1n, -2n, 3n, 4n, 5n, 2n ** 62n)],
    [DT.bfloat16, Uint16Array.of(0x3f80, 0, 1, 2, 3, 4)],
  ])('carries values of type %i there and back', (dtype, values) => {
    const handle = runtime.upload(dtype, [2, 3], values);
    expect(runtime.download(handle)).toEqual(values);
    expect(runtime.shapeOf(handle)).toEqual([2, 3]);
    expect(runtime.dtypeOf(handle)).toBe(dtype);
    runtime.free(handle);
  });

  it('carries tensors without elements', () => {
    const handle = runtime.upload(DT.float32, [0, 3], new Float32Array(0));
    expect(runtime.shapeOf(handle)).toEqual([0, 3]);
    expect(runtime.download(handle)).toHaveLength(0);
    runtime.free(handle);
  });

  it('runs ops and counts the handles that are alive', () => {
    const before = runtime.liveHandles;
    const x = runtime.upload(DT.float32, [2], Float32Array.of(1, 2));
    const [sum] = runtime.execute('AddV2', [x, x], [T], 1) as [number];
    expect(runtime.download(sum)).toEqual(Float32Array.of(2, 4));
    expect(runtime.liveHandles).toBe(before + 2);
    for (const handle of [x, sum]) runtime.free(handle);
    expect(runtime.liveHandles).toBe(before);
  });

  it('says why an op fails, and goes on', () => {
    const [a, b] = [
      [2, 3],
      [4, 5],
    ].map((shape) => runtime.upload(DT.float32, shape, new Float32Array(20))) as [number, number];
    expect(() => runtime.execute('MatMul', [a, b], [T], 1)).toThrow(
      expect.objectContaining({
        code: 'ENGINE_NATIVE_OP_FAILED',
        received: expect.stringMatching(/^MatMul\(float32 \[2, 3\], float32 \[4, 5\]\): .*incompatible/),
      }),
    );
    expect(() => runtime.execute('NoSuchOp', [], [], 1)).toThrow(/NoSuchOp/);
    const [again] = runtime.execute(
      'MatMul',
      [a, a],
      [T, { name: 'transpose_b', setting: 'bool', value: true }],
      1,
    ) as [number];
    expect(runtime.shapeOf(again)).toEqual([2, 2]);
    for (const handle of [a, b, again]) runtime.free(handle);
  });

  it('has no kernel for some element types', () => {
    const handle = runtime.upload(DT.int32, [1], Int32Array.of(1));
    expect(() => runtime.execute('Elu', [handle], [{ ...T, value: DT.int32 }], 1)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ENGINE_NATIVE_(NO_KERNEL|OP_FAILED)$/) }),
    );
    runtime.free(handle);
  });

  it('waits for what was started', () => {
    expect(() => runtime.wait()).not.toThrow();
  });
});
