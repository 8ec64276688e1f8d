import { wasm } from '@engine/backend-wasm';
import { BatchNorm2d, Conv2d, GRU, Module, TransformerEncoderLayer } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import type { Bench, Contender } from './harness/bench.js';

const STEPS = 6;
const WARM_UP = 3;
const IMAGE = [8, 16, 16, 32] as const;
const [LENGTH, BATCH, WIDTH, HEADS, HIDDEN] = [32, 8, 64, 4, 128] as const;
const [STEPS_IN_TIME, SEQUENCES, FEATURES, UNITS] = [16, 16, 32, 64] as const;

/** Something that computes a tensor from weights. */
interface Part {
  readonly name: string;
  readonly weights: tf.Variable[];
  forward(): tf.Tensor;
}

/**
 * Forward and backward passes of a residual block, a transformer encoder layer and a GRU, against the layers of TensorFlow.js; for
 * attention, which these lack, against its plain ops. The ratio is the geometric mean of the three, each of which is printed.
 */
export const bench: Bench = {
  name: 'layers',
  aim: 1,
  unit: 'geometric mean of block, encoder layer and GRU, forward and backward',
  rounds: 7,
  async prepare() {
    const backend = wasm({ threads: 1 });
    await backend.init();
    const times = new Map<string, number[][]>();
    const ours = contender('@engine/model', [residualBlock(), encoderLayer(), gru()], times);
    const rival = contender('TensorFlow.js', [layersBlock(), plainEncoder(), layersGru()], times);
    return { ours, rival: { ...rival, close: () => report(times) } };
  },
};

function contender(name: string, parts: readonly Part[], times: Map<string, number[][]>): Contender {
  for (const part of parts) for (let i = 0; i < WARM_UP; i++) step(part);
  const own = parts.map((): number[] => []);
  times.set(name, own);
  return {
    name,
    round() {
      const each = parts.map((part, i) => {
        const started = performance.now();
        for (let k = 0; k < STEPS; k++) step(part);
        const time = (performance.now() - started) / STEPS;
        own[i]?.push(time);
        return time;
      });
      return Promise.resolve(Math.exp(each.reduce((sum, time) => sum + Math.log(time), 0) / each.length));
    },
  };
}

function step({ forward, weights }: Part): void {
  tf.tidy(() => {
    const { value, grads } = tf.variableGrads(() => tf.sum(tf.square(forward())) as tf.Scalar, weights);
    value.dataSync();
    tf.dispose(grads);
  });
}

function report(times: ReadonlyMap<string, readonly (readonly number[])[]>): Promise<void> {
  const [ours, theirs] = [...times.values()] as [number[][], number[][]];
  for (const [i, name] of ['residual block', 'encoder layer', 'GRU'].entries()) {
    const [a, b] = [median(ours[i] as number[]), median(theirs[i] as number[])];
    console.log(`${name}: ours ${a.toFixed(2)} ms, theirs ${b.toFixed(2)} ms, ratio ${(b / a).toFixed(2)}`);
  }
  return Promise.resolve();
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number;
const noise = (shape: readonly number[], scale = 1): tf.Tensor => tf.randomNormal([...shape], 0, scale, 'float32', 7);

class Block extends Module {
  readonly conv1 = new Conv2d(32, 32, 3, { padding: 1, bias: false });
  readonly bn1 = new BatchNorm2d(32);
  readonly conv2 = new Conv2d(32, 32, 3, { padding: 1, bias: false });
  readonly bn2 = new BatchNorm2d(32);

  forward(x: tf.Tensor): tf.Tensor {
    const inner = tf.relu(this.bn1.apply(this.conv1.apply(x)));
    return tf.relu(tf.add(x, this.bn2.apply(this.conv2.apply(inner))));
  }
}

function partOf(name: string, module: Module, forward: () => tf.Tensor): Part {
  module.initWeights(0);
  return { name, weights: module.parameters().map(({ value }) => value), forward };
}

function residualBlock(): Part {
  const [block, x] = [new Block(), noise(IMAGE)];
  return partOf('residual block', block, () => block.apply(x));
}

function encoderLayer(): Part {
  const layer = new TransformerEncoderLayer(WIDTH, HEADS, { dimFeedforward: HIDDEN, dropout: 0, batchFirst: true });
  const x = noise([BATCH, LENGTH, WIDTH]);
  return partOf('encoder layer', layer, () => layer.apply(x));
}

function gru(): Part {
  const layer = new GRU(FEATURES, UNITS, { batchFirst: true });
  const x = noise([SEQUENCES, STEPS_IN_TIME, FEATURES]);
  return partOf('GRU', layer, () => layer.apply(x)[0]);
}

function layersPart(name: string, model: layers.LayersModel, x: tf.Tensor): Part {
  const weights = model.trainableWeights.map((weight) => (weight as unknown as { val: tf.Variable }).val);
  return { name, weights, forward: () => model.apply(x, { training: true }) as tf.Tensor };
}

function layersBlock(): Part {
  const input = layers.input({ shape: [...IMAGE.slice(1)] });
  const conv = (y: layers.SymbolicTensor): layers.SymbolicTensor => {
    const convolved = layers.layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', useBias: false }).apply(y);
    return layers.layers.batchNormalization().apply(convolved) as layers.SymbolicTensor;
  };
  const inner = conv(layers.layers.reLU().apply(conv(input)) as layers.SymbolicTensor);
  const sum = layers.layers.reLU().apply(layers.layers.add().apply([input, inner]));
  const model = layers.model({ inputs: input, outputs: sum as layers.SymbolicTensor });
  return layersPart('residual block', model, noise(IMAGE));
}

function layersGru(): Part {
  const model = layers.sequential({
    layers: [
      layers.layers.gru({
        units: UNITS,
        returnSequences: true,
        recurrentInitializer: 'glorotNormal',
        inputShape: [STEPS_IN_TIME, FEATURES],
      }),
    ],
  });
  return layersPart('GRU', model, noise([SEQUENCES, STEPS_IN_TIME, FEATURES]));
}

/** The same encoder layer in plain ops, as one writes it down. */
function plainEncoder(): Part {
  const x = noise([BATCH, LENGTH, WIDTH]) as tf.Tensor3D;
  const matrix = (inputs: number, outputs: number): tf.Variable => tf.variable(noise([inputs, outputs], 0.1));
  const vector = (size: number, fill: 0 | 1 = 0): tf.Variable =>
    tf.variable(fill === 1 ? tf.ones([size]) : tf.zeros([size]));
  const [inProj, outProj, up, down] = [
    matrix(WIDTH, 3 * WIDTH),
    matrix(WIDTH, WIDTH),
    matrix(WIDTH, HIDDEN),
    matrix(HIDDEN, WIDTH),
  ];
  const [inBias, outBias, upBias, downBias] = [vector(3 * WIDTH), vector(WIDTH), vector(HIDDEN), vector(WIDTH)];
  const [scale1, shift1, scale2, shift2] = [vector(WIDTH, 1), vector(WIDTH), vector(WIDTH, 1), vector(WIDTH)];
  const linear = (y: tf.Tensor, weight: tf.Variable, bias: tf.Variable): tf.Tensor => {
    const rows = tf.matMul(tf.reshape(y, [-1, weight.shape[0] as number]) as tf.Tensor2D, weight as tf.Tensor2D);
    return tf.add(tf.reshape(rows, [...y.shape.slice(0, -1), weight.shape[1] as number]), bias);
  };
  const norm = (y: tf.Tensor, scale: tf.Variable, shift: tf.Variable): tf.Tensor => {
    const { mean, variance } = tf.moments(y, -1, true);
    return tf.add(tf.mul(tf.mul(tf.sub(y, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale), shift);
  };
  const attend = (): tf.Tensor => {
    const heads = tf.reshape(linear(x, inProj, inBias), [BATCH, LENGTH, 3, HEADS, WIDTH / HEADS]);
    const [q, k, v] = tf.unstack(tf.transpose(heads, [2, 0, 3, 1, 4])) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
    const scores = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(WIDTH / HEADS)));
    const mixed = tf.transpose(tf.matMul(scores, v), [0, 2, 1, 3]);
    return linear(tf.reshape(mixed, [BATCH, LENGTH, WIDTH]), outProj, outBias);
  };
  const weights = [inProj, inBias, outProj, outBias, up, upBias, down, downBias, scale1, shift1, scale2, shift2];
  const forward = (): tf.Tensor => {
    const attended = norm(tf.add(x, attend()), scale1, shift1);
    const fed = linear(tf.relu(linear(attended, up, upBias)), down, downBias);
    return norm(tf.add(attended, fed), scale2, shift2);
  };
  return { name: 'encoder layer', weights, forward };
}
