import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  LayerNorm,
  type Module,
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from '../index.js';
import { describeModule } from '../testing/index.js';

const numbers = (...shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 12.9898 + 1) * 1.5),
    shape,
  );

const attention = ['in_proj_weight', 'in_proj_bias', 'out_proj.weight', 'out_proj.bias'];
const pair = (...names: string[]): string[] => names.flatMap((name) => [`${name}.weight`, `${name}.bias`]);
const encoderNames = [...attention.map((name) => `self_attn.${name}`), ...pair('linear1', 'linear2', 'norm1', 'norm2')];
const decoderNames = [
  ...attention.map((name) => `self_attn.${name}`),
  ...attention.map((name) => `multihead_attn.${name}`),
  ...pair('linear1', 'linear2', 'norm1', 'norm2', 'norm3'),
];
const small = { dimFeedforward: 5, dropout: 0.2, activation: 'gelu' } as const;
const within = (prefix: string, names: readonly string[]): string[] => names.map((name) => `${prefix}.${name}`);

describe.each([cpu(), wasm()])('transformers on $name', (backend) => {
  describeModule('TransformerEncoderLayer', {
    backend,
    create: () => new TransformerEncoderLayer(4, 2, small),
    run: (layer) => layer.apply(numbers(3, 2, 4)),
    stateNames: encoderNames,
    refuse: (layer) => layer.apply(numbers(3, 2, 5)),
    tolerance: 0.03,
  });
  describeModule('TransformerDecoderLayer', {
    backend,
    create: () => new TransformerDecoderLayer(4, 2, { ...small, normFirst: true }),
    run: (layer) => layer.apply(numbers(3, 2, 4), numbers(5, 2, 4)),
    stateNames: decoderNames,
    refuse: (layer) => layer.apply(numbers(3, 2, 4), numbers(5, 2, 3)),
    tolerance: 0.03,
  });
  describeModule('Transformer', {
    backend,
    create: () => new Transformer({ dModel: 4, nhead: 2, numEncoderLayers: 2, numDecoderLayers: 1, ...small }),
    run: (net) => net.apply(numbers(3, 2, 4), numbers(2, 2, 4)),
    stateNames: [
      ...within('encoder.layers.0', encoderNames),
      ...within('encoder.layers.1', encoderNames),
      ...pair('encoder.norm'),
      ...within('decoder.layers.0', decoderNames),
      ...pair('decoder.norm'),
    ],
    refuse: (net) => net.apply(numbers(3, 2, 4), numbers(2, 1, 4)),
    tolerance: 0.05,
  });
});

const backend = wasm();
beforeAll(() => backend.init());

describe('stacks', () => {
  it.each<[string, () => Module]>([
    ['TransformerEncoder', () => new TransformerEncoder(new TransformerEncoderLayer(4, 2, small), 3)],
    [
      'TransformerDecoder',
      () => new TransformerDecoder(new TransformerDecoderLayer(4, 2, small), 3, { norm: new LayerNorm(4) }),
    ],
  ])('%s starts with equal layers, which then are independent', async (_, create) => {
    const net = create();
    net.initWeights(3);
    const state = await net.stateDict();
    const of = (layer: number): unknown[] =>
      [...state].filter(([name]) => name.startsWith(`layers.${layer}.`)).map(([, { data }]) => data);
    expect(of(1)).toEqual(of(0));
    expect(of(2)).toEqual(of(0));
    const [first, second] = ['layers.0.linear1.weight', 'layers.1.linear1.weight'].map((name) =>
      net.namedParameters().get(name),
    );
    expect(first).not.toBe(second);
    net.dispose();
  });

  it('applies a norm at the end when given one', () => {
    const net = new TransformerEncoder(new TransformerEncoderLayer(4, 2, small), 1, { norm: new LayerNorm(4) });
    net.initWeights(3);
    net.eval();
    const sums = tf.tidy(() => [...tf.sum(net.apply(numbers(3, 2, 4)), -1).dataSync()]);
    for (const sum of sums) expect(sum).toBeCloseTo(0, 4);
    net.dispose();
  });

  it('takes any function as activation', () => {
    const run = (activation: 'relu' | ((x: tf.Tensor) => tf.Tensor)): number[] => {
      const layer = new TransformerEncoderLayer(4, 2, { ...small, activation }).eval();
      layer.initWeights(1);
      const values = tf.tidy(() => [...layer.apply(numbers(3, 2, 4)).dataSync()]);
      layer.dispose();
      return values;
    };
    expect(run((x) => tf.relu(x))).toEqual(run('relu'));
    expect(run((x) => tf.tanh(x))).not.toEqual(run('relu'));
  });

  it('sees nothing of the future when causal', () => {
    const net = new TransformerEncoder(new TransformerEncoderLayer(4, 2, small), 2).eval();
    net.initWeights(3);
    const first = (length: number): number[] =>
      tf.tidy(() => {
        const y = net.apply(tf.slice(numbers(6, 1, 4), 0, length), { isCausal: true });
        return [...tf.slice(y, 0, 2).dataSync()];
      });
    expect(first(6)).toEqual(first(2).map((value) => expect.closeTo(value, 5)));
    net.dispose();
  });

  it.each<[string, () => Module]>([
    ['numLayers', () => new TransformerEncoder(new TransformerEncoderLayer(4, 2, small), 0)],
    ['activation', () => new TransformerEncoderLayer(4, 2, { activation: 'swish' as 'relu' })],
    ['nhead', () => new TransformerDecoderLayer(4, 3)],
  ])('ENGINE_MODEL_BAD_LAYER_OPTION: %s', (_, create) => expect(create).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION'));
});
