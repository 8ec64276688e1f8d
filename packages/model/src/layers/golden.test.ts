/** Spatial layers and norms against PyTorch: initial weights, values, gradients and running statistics, in our layout. */
import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import { type HostArray, hostArray } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as model from '../index.js';
import { decode, type GoldenTensor } from '../testing/golden.js';
import { upload } from '../upload.js';

/** See `tooling/golden/record_layers.py`. */
interface Case {
  readonly id: string;
  readonly layer: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly state: Readonly<Record<string, GoldenTensor>>;
  readonly x: GoldenTensor;
  readonly output: GoldenTensor;
  readonly output_grad: GoldenTensor;
  readonly x_grad: GoldenTensor;
  readonly state_grads: Readonly<Record<string, GoldenTensor>>;
  readonly after: Readonly<Record<string, GoldenTensor>>;
}

const path = new URL('../../../../tooling/golden/numerics/layers.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] };
const TOLERANCE = 1e-5;

/** Largest difference, relative to the largest magnitude expected. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  const scale = Math.max(1e-30, ...Array.from(expected, Math.abs));
  return Math.max(0, ...Array.from(expected, (x, i) => Math.abs((actual[i] as number) - x) / scale));
}

const camelCase = (name: string): string => name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function build({ layer, args, options }: Case): model.TensorModule {
  const create = new Map<string, unknown>(Object.entries(model)).get(layer) as new (
    ...args: readonly unknown[]
  ) => model.TensorModule;
  const entries = Object.entries(options).map(([name, value]) => [camelCase(name), value]);
  return new create(...args, ...(entries.length === 0 && layer !== 'Upsample' ? [] : [Object.fromEntries(entries)]));
}

const axes = (x: tf.Tensor): number[] => x.shape.map((_, axis) => axis);
const toOurs = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, ...axes(x).slice(2), 1]);
const toTorch = (x: tf.Tensor): tf.Tensor => tf.transpose(x, [0, x.rank - 1, ...axes(x).slice(1, -1)]);
const given = (tensor: GoldenTensor): ArrayLike<number> => Array.from(decode(tensor).data as Float32Array, Number);

/** Values of a parameter in PyTorch's order. */
const inTorchOrder = (values: Float32Array, { shape, torchLayout }: model.Parameter): Float32Array =>
  model.toTorchLayout(values, shape, torchLayout);

async function stateErrors(layer: model.TensorModule, expected: Case['state']): Promise<Record<string, number>> {
  const state = await layer.stateDict();
  const parameters = layer.namedParameters();
  expect([...state.keys()]).toEqual(Object.keys(expected));
  return Object.fromEntries(
    [...state].map(([name, { data }]) => {
      const parameter = parameters.get(name);
      const values = parameter === undefined ? Array.from(data, Number) : inTorchOrder(data as Float32Array, parameter);
      return [name, relativeError(values, given(expected[name] as GoldenTensor))];
    }),
  );
}

/** Errors of the output and of every gradient. */
function stepErrors(layer: model.TensorModule, golden: Case): Record<string, number> {
  return tf.tidy(() => {
    const x = tf.variable(toOurs(upload(decode(golden.x))));
    const dy = toOurs(upload(decode(golden.output_grad)));
    const parameters = layer.namedParameters();
    const errors: Record<string, number> = {};
    const { grads } = tf.variableGrads(() => {
      const y = layer.apply(x);
      errors['output'] = relativeError(toTorch(y).dataSync(), given(golden.output));
      expect(toTorch(y).shape).toEqual(golden.output.shape);
      return tf.sum(tf.mul(y, dy));
    }, [x, ...[...parameters.values()].map(({ value }) => value)]);
    errors['d x'] = relativeError(toTorch(grads[x.name] as tf.Tensor).dataSync(), given(golden.x_grad));
    for (const [name, parameter] of parameters) {
      const values = (grads[parameter.value.name] as tf.Tensor).dataSync() as Float32Array;
      errors[`d ${name}`] = relativeError(
        inTorchOrder(values, parameter),
        given(golden.state_grads[name] as GoldenTensor),
      );
    }
    x.dispose();
    return errors;
  });
}

describe.each([cpu(), wasm()])('layers against PyTorch on $name', (backend) => {
  beforeAll(() => backend.init());

  it.each(cases.map((golden) => [`${golden.id} ${JSON.stringify([golden.args, golden.options])}`, golden] as const))(
    '%s',
    async (_, golden) => {
      const layer = build(golden);
      layer.initWeights(golden.seed);
      for (const [name, error] of Object.entries(await stateErrors(layer, golden.state))) expect(error, name).toBe(0);
      for (const [name, error] of Object.entries(stepErrors(layer, golden)))
        expect(error, name).toBeLessThanOrEqual(TOLERANCE);
      const buffers = [...layer.namedBuffers()].map(([name, buffer]) => [name, buffer.read()] as const);
      for (const [name, values] of buffers) {
        const { data }: HostArray = await values;
        expect(
          relativeError(Array.from(data, Number), given(golden.after[name] as GoldenTensor)),
          name,
        ).toBeLessThanOrEqual(TOLERANCE);
      }
      layer.dispose();
    },
  );

  it('loads the state of PyTorch by its shapes', async () => {
    const golden = cases.find(({ layer }) => layer === 'ConvTranspose2d') as Case;
    const layer = build(golden);
    const state = new Map(
      [...layer.namedParameters()].map(([name, { shape, torchLayout }]) => {
        const values = decode(golden.state[name] as GoldenTensor).data as Float32Array;
        expect(model.shapeToTorch(shape, torchLayout)).toEqual(golden.state[name]?.shape);
        return [name, hostArray('float32', shape, model.fromTorchLayout(values, shape, torchLayout))];
      }),
    );
    layer.loadStateDict(state);
    expect(Object.values(await stateErrors(layer, golden.state))).toEqual([0, 0]);
    layer.dispose();
  });

  it('notices one wrong element', () => {
    const [golden] = cases as [Case];
    const layer = build(golden);
    layer.initWeights(golden.seed + 1);
    expect(stepErrors(layer, golden)['output']).toBeGreaterThan(TOLERANCE);
    layer.dispose();
  });
});
