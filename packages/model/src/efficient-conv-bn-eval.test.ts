import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  Conv1d,
  Conv2d,
  Conv3d,
  Module,
  ReLU,
  Sequential,
  SyncBatchNorm,
  turnOnEfficientConvBnEval,
} from './index.js';

type Net = Module & { forward(x: tf.Tensor): unknown };

const noise = (shape: readonly number[], phase = 1): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, i) => Math.sin(i * 12.9898 + phase) * 1.5),
    [...shape],
  );

/** A conv and norms of 3 channels, called as `call` says. */
class Calls extends Module {
  readonly conv = new Conv2d(3, 3, 3, { padding: 1 });
  readonly bn = new BatchNorm2d(3);
  readonly second = new BatchNorm2d(3);
  readonly #call: (net: Calls, x: tf.Tensor) => unknown;

  constructor(call: (net: Calls, x: tf.Tensor) => unknown) {
    super();
    this.#call = call;
  }

  forward(x: tf.Tensor): unknown {
    return this.#call(this, x);
  }
}

const made: Module[] = [];
function ready<N extends Module>(net: N): N {
  made.push(net);
  net.initWeights(3);
  let phase = 0;
  for (const norm of net.namedModules().values()) {
    if (!(norm instanceof BatchNorm1d || norm instanceof BatchNorm2d || norm instanceof BatchNorm3d)) continue;
    tf.tidy(() => {
      for (const part of [norm.runningMean, norm.weight, norm.bias])
        (part?.value as tf.Variable | undefined)?.assign(noise([norm.numFeatures], ++phase));
      (norm.runningVar?.value as tf.Variable | undefined)?.assign(
        tf.add(tf.abs(noise([norm.numFeatures], ++phase)), 0.2),
      );
    });
  }
  return net.eval() as N;
}
afterEach(() => {
  for (const net of made.splice(0)) net.dispose();
});

const flat = (output: unknown): number[] => [output].flat().flatMap((y) => [...(y as tf.Tensor).dataSync()]);
const outputs = (net: Net, shape: readonly number[]): number[] => tf.tidy(() => flat(net.apply(noise(shape))));
const gap = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number)))) : Number.NaN;
async function kernelsOf(net: Net, shape: readonly number[]): Promise<string[]> {
  const { kernels } = await tf.profile(() => tf.tidy(() => void net.apply(noise(shape))));
  return kernels.map(({ name }) => name);
}

describe.each([cpu(), wasm()])('efficient conv-bn evaluation on $name', (backend) => {
  beforeAll(() => backend.init());

  it.each<[string, () => Net, number[], number]>([
    ['sequences', () => new Sequential(new Conv1d(2, 4, 3), new BatchNorm1d(4)), [2, 6, 2], 1],
    ['volumes', () => new Sequential(new Conv3d(2, 4, 2), new BatchNorm3d(4), new ReLU()), [1, 3, 3, 4, 2], 1],
    ['depthwise', () => new Sequential(new Conv2d(3, 6, 3, { groups: 3 }), new BatchNorm2d(6)), [1, 5, 5, 3], 1],
    ['groups, reflected', () => groups(), [1, 5, 5, 4], 1],
    ['no bias', () => new Sequential(new Conv2d(3, 5, 1, { bias: false }), new BatchNorm2d(5)), [2, 3, 3, 3], 1],
    ['not affine', () => new Sequential(new Conv2d(3, 5, 2), new BatchNorm2d(5, { affine: false })), [2, 3, 3, 3], 1],
    ['synchronised', () => new Sequential(new Conv2d(3, 5, 2), new SyncBatchNorm(5)), [2, 3, 3, 3], 1],
    ['bn(conv(conv(x)))', () => calls((n, x) => n.bn.apply(n.conv.apply(n.conv.apply(x)))), [1, 4, 4, 3], 1],
    ['bn(bn(conv(x)))', () => calls((n, x) => n.second.apply(n.bn.apply(n.conv.apply(x)))), [1, 4, 4, 3], 1],
    [
      'two pairs of one conv',
      () => calls((n, x) => n.second.apply(n.conv.apply(n.bn.apply(n.conv.apply(x))))),
      [1, 4, 4, 3],
      2,
    ],
    ['the output used twice', () => calls(shared), [1, 4, 4, 3], 0],
    ['the output returned too', () => calls((n, x) => both(n, n.conv.apply(x))), [1, 4, 4, 3], 0],
    ['two norms of one output', () => calls((n, x) => twoNorms(n, n.conv.apply(x))), [1, 4, 4, 3], 0],
    ['something between', () => calls((n, x) => n.bn.apply(tf.relu(n.conv.apply(x)))), [1, 4, 4, 3], 0],
  ])('gives what it gave: %s', async (_, create, shape, pairs) => {
    const net = ready(create());
    const before = outputs(net, shape);
    const norms = (await kernelsOf(net, shape)).filter((name) => name === 'FusedBatchNorm').length;
    turnOnEfficientConvBnEval(net, '');
    for (let round = 0; round < 3; round++) expect(gap(outputs(net, shape), before)).toBeLessThan(1e-5);
    const left = (await kernelsOf(net, shape)).filter((name) => name === 'FusedBatchNorm').length;
    expect(norms - left).toBe(pairs);
  });

  it('has the gradients of conv and norm, on frozen statistics', () => {
    const net = ready(new Sequential(new Conv2d(2, 3, 3), new BatchNorm2d(3), new ReLU()));
    const variables = net.parameters().map(({ value }) => value);
    const gradients = (): number[] =>
      tf.tidy(() => {
        const { grads } = tf.variableGrads(
          () => tf.sum(tf.square(net.apply(noise([1, 4, 4, 2])) as tf.Tensor)),
          variables,
        );
        return variables.flatMap(({ name }) => [...(grads[name] as tf.Tensor).dataSync()]);
      });
    const before = gradients();
    turnOnEfficientConvBnEval(net, '');
    for (let round = 0; round < 2; round++) expect(gap(gradients(), before)).toBeLessThan(2e-4);
  });
});

const calls = (call: (net: Calls, x: tf.Tensor) => unknown): Net => new Calls(call);
function groups(): Net {
  return new Sequential(
    new Conv2d(4, 4, 3, { groups: 2, padding: 1, paddingMode: 'reflect', stride: 2 }),
    new BatchNorm2d(4),
  );
}
function shared(net: Calls, x: tf.Tensor): tf.Tensor {
  const y = net.conv.apply(x);
  return tf.add(net.bn.apply(y), y);
}
const both = (net: Calls, y: tf.Tensor): tf.Tensor[] => [net.bn.apply(y), y];
const twoNorms = (net: Calls, y: tf.Tensor): tf.Tensor => tf.add(net.bn.apply(y), net.second.apply(y));

describe('turnOnEfficientConvBnEval', () => {
  const backend = cpu();
  beforeAll(() => backend.init());

  it('leaves norms in training alone, and what other modules do', async () => {
    const net = ready(
      new Sequential({ a: new Sequential(new Conv2d(3, 3, 1), new BatchNorm2d(3)), b: new BatchNorm2d(3) }),
    );
    turnOnEfficientConvBnEval(net, ['a']);
    net.train();
    const moving = (): number[] => [
      ...((net.at('a') as Sequential).namedBuffers().get('1.running_mean')?.value.dataSync() ?? []),
    ];
    const before = moving();
    outputs(net, [2, 3, 3, 3]);
    outputs(net, [2, 3, 3, 3]);
    expect(moving()).not.toEqual(before);
    net.eval();
    expect((await kernelsOf(net, [2, 3, 3, 3])).filter((name) => name === 'FusedBatchNorm')).toHaveLength(1);
  });

  it('keeps names and state, and leaves no tensors', async () => {
    const net = ready(new Sequential(new Conv2d(3, 3, 1), new BatchNorm2d(3)));
    const names = [...(await net.stateDict()).keys()];
    turnOnEfficientConvBnEval(net, '');
    outputs(net, [1, 2, 2, 3]);
    const { numTensors } = tf.memory();
    for (let i = 0; i < 3; i++) outputs(net, [1, 2, 2, 3]);
    expect(tf.memory().numTensors).toBe(numTensors);
    expect([...(await net.stateDict()).keys()]).toEqual(names);
  });

  it('learns each kind of call by itself, and says when a call of one kind changes', () => {
    let depth = 1;
    const net = ready(
      new Calls((own, x) => {
        let y = x;
        for (let i = 0; i < depth; i++) y = own.bn.apply(own.conv.apply(y));
        return y;
      }),
    );
    turnOnEfficientConvBnEval(net, '');
    outputs(net, [1, 2, 2, 3]);
    depth = 2;
    expect(() => outputs(net, [1, 2, 2, 3])).toThrow('ENGINE_MODEL_STRUCTURE_CHANGED');
  });

  it('ENGINE_MODEL_UNKNOWN_MODULE names what there is', () => {
    const net = ready(new Calls((own, x) => own.conv.apply(x)));
    expect(() => turnOnEfficientConvBnEval(net, ['backbone'])).toThrow(
      /ENGINE_MODEL_UNKNOWN_MODULE[\s\S]*conv, bn, second/,
    );
  });
});
