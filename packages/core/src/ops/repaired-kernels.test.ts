import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import { composedKernels, registerComposedKernels } from './composed-kernels.js';
import { repairKernels, replaceKernel } from './repaired-kernels.js';

const backendName = 'writes-down-what-it-is-told';
const names = [
  tf.Conv2D,
  tf.MaxPool,
  tf.AvgPool,
  tf.DepthwiseConv2dNative,
  tf.Conv2DBackpropInput,
  tf.Cumsum,
  tf.Cumprod,
];

/** A kernel of a backend that computes nothing; `seen` are the attributes of its calls. */
function register(kernelName: string): { readonly seen: unknown[]; call(inputs: object, attrs: object): void } {
  const seen: unknown[] = [];
  const kernelFunc: tf.KernelFunc = ({ attrs }) => {
    seen.push(attrs);
    return [];
  };
  tf.registerKernel({ kernelName, backendName, kernelFunc });
  return {
    seen,
    call: (inputs, attrs) =>
      void tf
        .getKernel(kernelName, backendName)
        .kernelFunc({ inputs: inputs as never, attrs: attrs as never, backend: {} as never }),
  };
}

afterEach(() => {
  for (const { kernelName } of tf.getKernelsForBackend(backendName)) tf.unregisterKernel(kernelName, backendName);
});

const image = { x: { shape: [1, 6, 7, 2] } };

describe('repairKernels', () => {
  it('spells padding out for windows of any shape, once however often it is called', () => {
    const conv = register(tf.Conv2D);
    for (let i = 0; i < 3; i += 1) repairKernels(backendName);
    const inputs = { ...image, filter: { shape: [3, 5, 2, 4] } };
    conv.call(inputs, { strides: [1, 1], pad: 'same', dilations: 1, dataFormat: 'NHWC' });
    conv.call(inputs, { strides: [1, 1], pad: 1, dilations: 1, dataFormat: 'NHWC' });
    conv.call(inputs, { strides: [1, 1], pad: 'valid', dilations: 1, dataFormat: 'NHWC' });
    expect(conv.seen).toMatchObject([
      {
        pad: [
          [0, 0],
          [1, 1],
          [2, 2],
          [0, 0],
        ],
        strides: [1, 1],
      },
      {
        pad: [
          [0, 0],
          [1, 1],
          [1, 1],
          [0, 0],
        ],
      },
      { pad: 'valid' },
    ]);
  });

  it('counts strides that are larger than the window, and windows given as one number', () => {
    const pool = register(tf.MaxPool);
    repairKernels(backendName);
    pool.call(image, { filterSize: 2, strides: [3, 3], pad: 'same' });
    pool.call(image, { filterSize: [3, 2], strides: 1, pad: 'same' });
    expect(pool.seen).toMatchObject([
      {
        pad: [
          [0, 0],
          [0, 0],
          [0, 1],
          [0, 0],
        ],
        filterSize: 2,
      },
      {
        pad: [
          [0, 0],
          [1, 1],
          [0, 1],
          [0, 0],
        ],
      },
    ]);
  });

  it('finds the geometry of gradients in their attributes', () => {
    const gradient = register(tf.Conv2DBackpropInput);
    repairKernels(backendName);
    gradient.call(
      { dy: { shape: [1, 3, 4, 4] }, filter: { shape: [3, 3, 2, 4] } },
      { inputShape: [1, 6, 7, 2], strides: [2, 2], pad: 'same', dataFormat: 'NHWC' },
    );
    expect(gradient.seen).toMatchObject([
      {
        pad: [
          [0, 0],
          [0, 1],
          [1, 1],
          [0, 0],
        ],
        inputShape: [1, 6, 7, 2],
      },
    ]);
  });

  it.each([tf.Cumsum, tf.Cumprod])('counts the axis of %s from the front', (kernelName) => {
    const running = register(kernelName);
    repairKernels(backendName);
    for (const axis of [-1, -4, 0, 3]) running.call(image, { axis, exclusive: true });
    expect(running.seen).toEqual([3, 0, 0, 3].map((axis) => ({ axis, exclusive: true })));
  });

  it('adds nothing that the backend does not have', () => {
    repairKernels(backendName);
    expect(names.map((name) => tf.getKernel(name, backendName))).toEqual(names.map(() => undefined));
  });
});

describe('registerComposedKernels', () => {
  it('fills the gaps and leaves the kernels of the backend', () => {
    const own = register(tf.Conv2DBackpropFilter);
    registerComposedKernels(backendName);
    for (const name of Object.keys(composedKernels)) expect(tf.getKernel(name, backendName), name).toBeDefined();
    tf.getKernel(tf.Conv2DBackpropFilter, backendName).kernelFunc({
      inputs: { x: image.x, dy: { shape: [1, 6, 7, 4] } } as never,
      attrs: { filterShape: [1, 1, 2, 4], strides: 1, pad: 0, dataFormat: 'NHWC' } as never,
      backend: {} as never,
    });
    expect(own.seen).toHaveLength(1);
  });
});

describe('replaceKernel', () => {
  it('keeps the set-up of the kernel that it replaces', () => {
    const setupFunc = (): void => {};
    tf.registerKernel({ kernelName: tf.Cumsum, backendName, kernelFunc: () => [], setupFunc });
    const kernelFunc: tf.KernelFunc = () => [];
    replaceKernel(tf.Cumsum, backendName, kernelFunc);
    expect(tf.getKernel(tf.Cumsum, backendName)).toMatchObject({ kernelFunc, setupFunc });
    replaceKernel(tf.Cumprod, backendName, kernelFunc);
    expect(tf.getKernel(tf.Cumprod, backendName).kernelFunc).toBe(kernelFunc);
  });
});
