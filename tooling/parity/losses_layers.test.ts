import { fileURLToPath } from 'node:url';
import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from './harness/replay.js';
import { decode, encode, type GoldenTensor } from './harness/tensors.js';
import { replayCorrupted } from './harness/testing.js';
import { area } from './losses_layers.js';

const golden = (name: string): string => fileURLToPath(new URL(`../golden/numerics/${name}.json`, import.meta.url));

describe.each([cpu(), wasm()])('parity area losses_layers on $name', (backend) => {
  beforeAll(() => backend.init());

  it.each([
    ['losses_layers', 131],
    ['modules', 231],
    ['layers_more', 129],
  ])('passes every case of %s', async (name, count) => {
    const { failures, total } = await replayFile(area, golden(name), { backend });
    expect(failures).toEqual([]);
    expect(total).toBe(count);
  });
});

/** Adds a hundredth of the largest value to one element. */
function shift(golden: GoldenTensor): GoldenTensor {
  const array = decode(golden);
  const data = array.data as Float32Array;
  data[0] = (data[0] as number) + 0.01 * Math.max(...data.map(Math.abs));
  return encode(array);
}

interface Data {
  cases: { id: string; output: GoldenTensor; grads: Record<string, GoldenTensor> }[];
  batch_norm: {
    id: string;
    train_steps: { x_grad: GoldenTensor; running_var: GoldenTensor; num_batches_tracked: number }[];
    eval_step: { output: GoldenTensor };
  }[];
  modules: { id: string; seed: number; outputs: GoldenTensor[]; state_grads: Record<string, GoldenTensor> }[];
}

describe('a corrupted file of losses and layers', () => {
  const backend = cpu();
  beforeAll(() => backend.init());

  const inCase = (id: string, change: (golden: Data['cases'][number]) => void) => (data: Data) =>
    change(data.cases.find((golden) => golden.id === id) as Data['cases'][number]);
  const inBatchNorm = (change: (golden: Data['batch_norm'][number]) => void) => (data: Data) =>
    change(data.batch_norm[0] as Data['batch_norm'][number]);
  const inModule = (change: (golden: Data['modules'][number]) => void) => (data: Data) =>
    change(data.modules[0] as Data['modules'][number]);
  type Step = Data['batch_norm'][number]['train_steps'][number];
  const inStep = (i: number, change: (step: Step) => void) =>
    inBatchNorm(({ train_steps }) => change(train_steps[i] as Step));

  it.each<[string, string, (data: Data) => void, string?]>([
    ['an output', '000-conv2d', inCase('000-conv2d', (c) => void (c.output = shift(c.output)))],
    ['a shape', '009-linear', inCase('009-linear', (c) => void (c.output = { ...c.output, shape: [4, 5] }))],
    [
      'the gradient of an input',
      '000-conv2d',
      inCase('000-conv2d', ({ grads }) => void (grads['x'] = shift(grads['x'] as GoldenTensor))),
    ],
    [
      'the gradient of a weight',
      '000-conv2d',
      inCase('000-conv2d', ({ grads }) => void (grads['weight'] = shift(grads['weight'] as GoldenTensor))),
    ],
    [
      'a number where NaN is due',
      '114-cross_entropy',
      inCase('114-cross_entropy', (c) => {
        c.output = encode({ shape: [], dtype: 'float32', data: Float32Array.of(0) });
      }),
    ],
    ['a loss', '061-cross_entropy', inCase('061-cross_entropy', (c) => void (c.output = shift(c.output)))],
    [
      'an output of batch normalisation',
      'bn-0',
      inBatchNorm(({ eval_step }) => void (eval_step.output = shift(eval_step.output))),
    ],
    ['its gradient', 'bn-0', inStep(2, (step) => void (step.x_grad = shift(step.x_grad)))],
    ['its running variance', 'bn-0', inStep(3, (step) => void (step.running_var = shift(step.running_var)))],
    ['its counter', 'bn-0', inStep(0, (step) => void (step.num_batches_tracked = 2))],
    [
      'the gradient of a weight of a module',
      'm00-LSTM',
      inModule(({ state_grads }) => {
        state_grads['bias_hh_l0'] = shift(state_grads['bias_hh_l0'] as GoldenTensor);
      }),
      'modules',
    ],
    [
      'an output of a module',
      'm00-LSTM',
      inModule(({ outputs }) => outputs.push(outputs.pop() as GoldenTensor, outputs[0] as GoldenTensor)),
      'modules',
    ],
    ['initial weights', 'm00-LSTM', inModule((c) => void (c.seed += 1)), 'modules'],
  ])('is noticed: %s', async (_, id, change, name = 'losses_layers') => {
    const { failures } = await replayCorrupted(area, { file: golden(name), backend, id, change });
    expect(failures.map((failure) => failure.id)).toContain(id);
  });
});
