import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { findLibrary } from '../find-library.js';
import { nativeBackend, reasonOf } from './native-backend.js';

const library = findLibrary('node');
const skipped = library === undefined ? ' (no TensorFlow library here: engine backend install node)' : '';

describe('nativeBackend', () => {
  it.each([0, 1.5, Number.NaN])('refuses %s threads', (threads) => {
    expect(() => nativeBackend({ name: 'node', threads })).toThrow(
      expect.objectContaining({ code: 'ENGINE_CORE_BACKEND_UNSUPPORTED' }),
    );
  });
});

describe('the notice that there is no GPU', () => {
  it('blames a driver that is too old, and nothing else', () => {
    expect(reasonOf('NVRM version: NVIDIA UNIX x86_64 Kernel Module  470.82.01  Wed Oct 27')).toMatch(
      /^ENGINE_NATIVE_DRIVER_TOO_OLD: driver version 470\.82\.01, expected .*: update the driver/,
    );
    for (const driver of ['', 'Kernel Module  550.54.15  Release'])
      expect(reasonOf(driver)).toBe('`engine backend doctor` says why');
  });
});

describe.skipIf(library === undefined)(`nativeBackend on TensorFlow${skipped}`, () => {
  const made: ReturnType<typeof nativeBackend>[] = [];
  const make = (threads: number | 'auto' = 1): ReturnType<typeof nativeBackend> => {
    const backend = nativeBackend({ name: 'node', threads });
    made.push(backend);
    return backend;
  };
  afterEach(async () => {
    for (const backend of made.splice(0)) await backend.dispose();
  });

  it('keeps the number of threads that the process began with', async () => {
    await make().init();
    await expect(make(2).init()).rejects.toMatchObject({ code: 'ENGINE_NATIVE_THREADS_FIXED' });
    const automatic = make('auto');
    await automatic.init();
    expect(automatic.capabilities).toMatchObject({ threads: 1, devices: ['cpu:0'], autocast: ['bfloat16', 'float16'] });
  });

  it('is shared until the last user has disposed of it', async () => {
    const [one, two] = [make(), make()];
    await one.init();
    await two.init();
    const tensor = tf.tensor1d([1, 2]);
    await one.dispose();
    expect([...tensor.dataSync()]).toEqual([1, 2]);
    tensor.dispose();
  });

  it('gives every handle back, over many steps', async () => {
    const backend = make();
    await backend.init();
    const { runtime } = tf.backend() as unknown as { runtime: { liveHandles: number } };
    const x = tf.randomNormal<tf.Rank.R4>([4, 8, 8, 2]);
    const w = tf.tidy(() => tf.variable(tf.randomNormal<tf.Rank.R4>([3, 3, 2, 4])));
    const step = (): void =>
      tf.tidy(() => {
        const y = tf.maxPool(tf.relu(tf.conv2d(x, w, 2, 1)), 2, 2, 'valid');
        const { grads } = tf.variableGrads(() =>
          tf.mean(tf.square(tf.add(tf.maxPool(tf.relu(tf.conv2d(x, w, 2, 1)), 2, 2, 'valid'), tf.mean(y)))),
        );
        w.assign(tf.sub(w, tf.mul(grads[w.name] as tf.Tensor4D, 0.01)));
      });
    step();
    const before = [runtime.liveHandles, backend.memory().numTensors, backend.memory().numBytes];
    for (let i = 0; i < 200; i++) step();
    expect([runtime.liveHandles, backend.memory().numTensors, backend.memory().numBytes]).toEqual(before);
    tf.dispose([x, w]);
  });

  it('sees one tensor under two shapes', async () => {
    await make().init();
    const x = tf.range(0, 6);
    const wide = tf.reshape(x, [2, 3]);
    for (let i = 0; i < 2; i++) {
      expect(tf.tidy(() => [...tf.sum(wide, 0).dataSync()])).toEqual([3, 5, 7]);
      expect(tf.tidy(() => [...tf.sum(x, 0).dataSync()])).toEqual([15]);
    }
    tf.dispose([x, wide]);
  });

  it('takes one tensor under two shapes in one op', async () => {
    await make().init();
    for (let i = 0; i < 50; i++) {
      const products = tf.tidy(() => {
        const x = tf.range(1, 4);
        return [...tf.mul(x, tf.reshape(x, [3, 1])).dataSync()];
      });
      expect(products).toEqual([1, 2, 3, 2, 4, 6, 3, 6, 9]);
    }
  });

  it('forgets constants when there are too many, and goes on', async () => {
    await make().init();
    const { runtime } = tf.backend() as unknown as { runtime: { liveHandles: number } };
    for (let i = 0; i < 5000; i++) tf.dispose(tf.tidy(() => tf.clipByValue(tf.ones([3]), -1, i)));
    expect(runtime.liveHandles).toBeLessThan(2100);
  });

  it('says which op wants too much memory, what is live and what to try, and goes on', async () => {
    await make().init();
    const kept = tf.ones([256, 1024]);
    const huge = (): tf.Tensor => tf.tidy(() => tf.matMul(tf.ones([2 ** 21, 1]), tf.ones([1, 2 ** 21])));
    expect(huge).toThrow(
      expect.objectContaining({
        code: 'ENGINE_NATIVE_OUT_OF_MEMORY',
        exitCode: 1,
        subject: 'MatMul',
        received: expect.stringMatching(/float32 \[2097152, 1\] 8\.0 MiB.*; \d+ tensors with \d+\.\d MiB are live$/),
        action: expect.stringContaining('batches smaller'),
      }),
    );
    const sum = tf.tidy(() => tf.sum(kept).dataSync()[0]);
    expect(sum).toBe(2 ** 18);
    kept.dispose();
  });

  it.runIf(process.platform === 'linux')(
    'gives freed memory back to the system when asked, and computes on',
    async () => {
      const backend = make();
      await backend.init();
      const product = (): number =>
        tf.tidy(() => tf.matMul(tf.ones([3, 40]), tf.ones([40, 3])).dataSync()[8] as number);
      expect(product()).toBe(40);
      // Below the size at which every block is a mapping of its own; the last one keeps the heap from shrinking by itself.
      const blocks = Array.from({ length: 3000 }, () => tf.ones([15_000]));
      const last = blocks.pop() as tf.Tensor;
      tf.dispose(blocks);
      const before = process.memoryUsage().rss;
      backend.emptyCache?.();
      expect(before - process.memoryUsage().rss).toBeGreaterThan(100 * 2 ** 20);
      expect(product()).toBe(40);
      expect(last.dataSync()[14_999]).toBe(1);
      last.dispose();
    },
  );

  it('is a coded error for an element type that it does not have', async () => {
    await make().init();
    const before = tf.memory().numTensors;
    expect(() => tf.engine().makeTensor(Float32Array.of(1, 2), [1], 'complex64')).toThrow(
      expect.objectContaining({ code: 'ENGINE_NATIVE_DTYPE', received: 'dtype = complex64' }),
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is a coded error for an op without a kernel for its type', async () => {
    await make().init();
    const whole = tf.tensor2d([[1.5]], [1, 1], 'float32');
    const kernels = tf.backend() as unknown as {
      runtime: { execute(op: string, inputs: number[], attributes: unknown[], outputs: number): number[] };
      handleOf(x: tf.Tensor): number;
    };
    const handle = kernels.handleOf(whole);
    const T = { name: 'T', setting: 'type', value: 1 };
    expect(() => kernels.runtime.execute('BitwiseAnd', [handle, handle], [T], 1)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^ENGINE_NATIVE_(NO_KERNEL|OP_FAILED)$/) }),
    );
    whole.dispose();
  });

  it('carries text, on which nothing is computed', async () => {
    await make().init();
    const words = tf.tensor1d(['a', 'b'], 'string');
    expect([...words.dataSync()]).toEqual(['a', 'b']);
    words.dispose();
  });

  it('times what runs on it', async () => {
    await make().init();
    const { kernelMs } = await tf.time(() => {
      tf.dispose(tf.tidy(() => tf.matMul(tf.ones([8, 8]), tf.ones([8, 8]))));
    });
    expect(kernelMs).toBeGreaterThanOrEqual(0);
  });
});
