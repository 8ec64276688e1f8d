import { readFileSync } from 'node:fs';
import { hostArray } from '@engine/core';
import { expect, it } from 'vitest';
import { BatchNorm2d, Conv2d, Dropout, Linear, Module, toTorchLayout } from './index.js';
import { decode, type GoldenTensor } from './testing/golden.js';

/** Weights of the recorded training runs after construction; all six runs (epochs, iterations, dropout, AdamW, resumed) start with them. */
const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/initial_weights.json', import.meta.url), 'utf8'),
) as { seed: number; weights: Record<string, GoldenTensor> };

class TinyLeNet extends Module {
  conv1 = new Conv2d(1, 4, 5, { bias: false });
  bn = new BatchNorm2d(4);
  conv2 = new Conv2d(4, 8, 5);
  fc1 = new Linear(128, 16);
  drop: Dropout;
  fc2 = new Linear(16, 10);
  constructor(p: number) {
    super();
    this.drop = new Dropout(p);
  }
  forward(): void {}
}

it.each([0, 0.1])('the recorded runs start with our weights, bit for bit (dropout %d)', async (p) => {
  const model = new TinyLeNet(p);
  model.initWeights(golden.seed);
  const state = await model.stateDict();
  const parameters = model.namedParameters();
  expect([...state.keys()]).toEqual(Object.keys(golden.weights));
  for (const [name, { dtype, shape, data }] of state) {
    const layout = parameters.get(name)?.torchLayout ?? 'same';
    const ours = dtype === 'float32' ? toTorchLayout(data as Float32Array, shape, layout) : data;
    const expected = decode(golden.weights[name] as GoldenTensor);
    expect(hostArray(dtype, expected.shape, ours as Float32Array), name).toEqual(expected);
  }
});
