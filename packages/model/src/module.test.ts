import { cpu } from '@engine/backend-cpu';
import { EngineError, type HostArray, hostArray, TorchGenerator } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BatchNorm2d, Buffer, Conv2d, constant, Linear, Module, normal, Parameter, ReLU, Sequential } from './index.js';

class Block extends Module {
  conv = new Conv2d(2, 2, 3, { padding: 1 });
  bn = new BatchNorm2d(2);
  forward(x: tf.Tensor): tf.Tensor {
    return this.bn.apply(this.conv.apply(x));
  }
}

class Net extends Module {
  stem = new Sequential(new Conv2d(1, 2, 3), new ReLU());
  layer1 = [new Block(), new Block()];
  scale = new Parameter([1], constant(2));
  heads = { a: new Linear(2, 3), b: new Linear(2, 1, { bias: false }) };
  forward(x: tf.Tensor): tf.Tensor {
    const y = this.layer1.reduce((z: tf.Tensor, block) => block.apply(z), this.stem.apply(x));
    return tf.mul(this.heads.a.apply(tf.mean(y, [1, 2])), this.scale.value);
  }
}

const made: Module[] = [];
function keep<M extends Module>(module: M): M {
  made.push(module);
  return module;
}

const floats = (...values: number[]): HostArray => hostArray('float32', [values.length], Float32Array.from(values));

beforeAll(() => cpu().init());
afterEach(() => {
  for (const module of made.splice(0)) module.dispose();
});

describe('names', () => {
  it('follow fields, indices and keys; own parameters come before those of children', () => {
    expect([...keep(new Net()).namedParameters().keys()]).toEqual([
      'scale',
      'stem.0.weight',
      'stem.0.bias',
      'layer1.0.conv.weight',
      'layer1.0.conv.bias',
      'layer1.0.bn.weight',
      'layer1.0.bn.bias',
      'layer1.1.conv.weight',
      'layer1.1.conv.bias',
      'layer1.1.bn.weight',
      'layer1.1.bn.bias',
      'heads.a.weight',
      'heads.a.bias',
      'heads.b.weight',
    ]);
  });

  it('of buffers are those of PyTorch', () => {
    expect([...keep(new Block()).namedBuffers().keys()]).toEqual([
      'bn.running_mean',
      'bn.running_var',
      'bn.num_batches_tracked',
    ]);
  });

  it('list parents before children, each module once', () => {
    const net = keep(new Net());
    const visited: string[] = [];
    net.visit((module, path) => visited.push(`${path}:${module.constructor.name}`));
    expect(visited.slice(0, 5)).toEqual([':Net', 'stem:Sequential', 'stem.0:Conv2d', 'stem.1:ReLU', 'layer1.0:Block']);
    expect([...net.namedModules().keys()]).toEqual(visited.map((entry) => entry.split(':')[0]));
  });

  it('are those of the outermost module, whoever walks later', () => {
    const net = keep(new Net());
    const [first] = net.heads.a.parameters();
    expect(first?.name).toBe('weight');
    net.parameters();
    expect(first?.name).toBe('heads.a.weight');
    expect(net.heads.a.path).toBe('heads.a');
    net.heads.a.parameters();
    expect(first?.name).toBe('heads.a.weight');
  });

  it('see fields that are added later', () => {
    const net = keep(new Net());
    const before = net.namedParameters().size;
    net.layer1.push(new Block());
    expect(net.namedParameters().size).toBe(before + 4);
  });

  it('count a shared parameter once, under its first name', () => {
    class Tied extends Module {
      encoder = new Linear(3, 3);
      decoder = new Linear(3, 3, { bias: false });
      again = this.encoder;
      constructor() {
        super();
        Object.assign(this.decoder, { weight: this.encoder.weight });
      }
      forward(x: tf.Tensor): tf.Tensor {
        return this.decoder.apply(this.encoder.apply(x));
      }
    }
    expect([...keep(new Tied()).namedParameters().keys()]).toEqual(['encoder.weight', 'encoder.bias']);
  });

  it('survive cycles', () => {
    class Child extends Module {
      weight = new Parameter([1], constant(1));
      constructor(readonly parent: Module) {
        super();
      }
      forward(): void {}
    }
    class Parent extends Module {
      child = new Child(this);
      list: unknown[] = [this];
      constructor() {
        super();
        this.list.push(this.list);
      }
      forward(): void {}
    }
    const parent = keep(new Parent());
    expect([...parent.namedParameters().keys()]).toEqual(['child.weight']);
    expect(parent.initWeights(1)).toBeUndefined();
  });

  it('must not clash', () => {
    class Clash extends Module {
      running = new Buffer([1], { stateName: 'x' });
      x = new Parameter([1], constant(0));
      forward(): void {}
    }
    expect(() => new Clash().parameters()).toThrow('ENGINE_MODEL_NAME_CLASH');
  });
});

describe('laziness', () => {
  it('makes no tensor before a value is asked for', () => {
    const before = tf.memory().numTensors;
    const net = keep(new Net());
    net.initWeights(3);
    net.loadStateDict(new Map([['scale', floats(5)]]), { strict: false });
    expect(tf.memory().numTensors).toBe(before);
    expect(net.scale.value.dataSync()[0]).toBe(5);
    expect(tf.memory().numTensors).toBe(before + 1);
  });

  it('gives different weights without a seed and the same with one', async () => {
    const weight = async (seed?: number): Promise<HostArray | undefined> => {
      const layer = keep(new Linear(4, 4));
      if (seed !== undefined) layer.initWeights(seed);
      return (await layer.stateDict()).get('weight');
    };
    expect(await weight()).not.toEqual(await weight());
    expect(await weight(5)).toEqual(await weight(5));
    expect(await weight(5)).not.toEqual(await weight(6));
  });

  it('keeps what it drew: reading and using agree', async () => {
    const layer = keep(new Linear(4, 4));
    const read = (await layer.stateDict()).get('weight')?.data;
    expect(layer.weight.value.dataSync()).toEqual(read);
  });
});

describe('initWeights', () => {
  it('with keep leaves what was loaded or drawn before, and gives the rest what it would have had', async () => {
    const [all, some] = [keep(new Net()), keep(new Net())];
    all.initWeights(5);
    some.heads.a.loadStateDict(new Map([['bias', floats(1, 2, 3)]]), { strict: false });
    some.heads.b.initWeights(7);
    const drawn = (await some.heads.b.stateDict()).get('weight');
    some.initWeights(5, { keep: true });
    const expected = new Map(await all.stateDict());
    expected.set('heads.a.bias', floats(1, 2, 3));
    if (drawn !== undefined) expected.set('heads.b.weight', drawn);
    expect(await some.stateDict()).toEqual(expected);
  });

  it('draws field by field, so that a later field does not change an earlier one', async () => {
    class Mixed extends Module {
      first = new Linear(2, 2);
      own = new Parameter([3], normal());
      last = new Linear(2, 1);
      forward(): void {}
    }
    const mixed = keep(new Mixed());
    mixed.initWeights(9);
    const state = await mixed.stateDict();
    const generator = new TorchGenerator(9);
    const bound = 1 / Math.sqrt(2);
    expect(state.get('first.weight')?.data).toEqual(
      generator.uniform(
        4,
        -Math.sqrt(3) * (Math.sqrt(2 / 6) / Math.sqrt(2)),
        Math.sqrt(3) * (Math.sqrt(2 / 6) / Math.sqrt(2)),
      ),
    );
    expect(state.get('first.bias')?.data).toEqual(generator.uniform(2, -bound, bound));
    expect(state.get('own')?.data).toEqual(generator.normal(3));
    expect([...state.keys()][0]).toBe('own');
  });

  it('replaces the values of parameters in use, in place', () => {
    const layer = keep(new Linear(2, 2));
    const variable = layer.weight.value;
    layer.initWeights(1);
    const first = variable.dataSync().slice();
    layer.initWeights(2);
    expect(layer.weight.value).toBe(variable);
    expect(variable.dataSync()).not.toEqual(first);
  });

  it('puts buffers back to their start', () => {
    const layer = keep(new BatchNorm2d(1));
    tf.tidy(() => void layer.apply(tf.tensor4d([1, 5], [2, 1, 1, 1])));
    expect(layer.numBatchesTracked?.value.dataSync()[0]).toBe(1);
    layer.initWeights(0);
    expect(layer.numBatchesTracked?.value.dataSync()[0]).toBe(0);
    expect(layer.runningVar?.value.dataSync()[0]).toBe(1);
  });
});

describe('trainable', () => {
  it('reaches the variable, before and after it is made', () => {
    const layer = keep(new Linear(2, 2));
    layer.weight.trainable = false;
    expect(layer.weight.value.trainable).toBe(false);
    layer.weight.trainable = true;
    expect(layer.weight.value.trainable).toBe(true);
    expect(keep(new BatchNorm2d(1)).runningMean?.value.trainable).toBe(false);
  });
});

describe('state', () => {
  it('goes round, integers as int64', async () => {
    const [a, b] = [keep(new Block()), keep(new Block())];
    tf.tidy(() => void a.apply(tf.ones([2, 4, 4, 2])));
    const state = await a.stateDict();
    expect([...state.keys()]).toEqual([
      'conv.weight',
      'conv.bias',
      'bn.weight',
      'bn.bias',
      'bn.running_mean',
      'bn.running_var',
      'bn.num_batches_tracked',
    ]);
    expect(state.get('bn.num_batches_tracked')).toEqual(hostArray('int64', [], BigInt64Array.of(1n)));
    b.loadStateDict(state);
    expect(await b.stateDict()).toEqual(state);
  });

  it('is a copy', async () => {
    const layer = keep(new Linear(2, 2));
    void layer.weight.value;
    const state = await layer.stateDict();
    const values = state.get('weight')?.data as Float32Array;
    values.fill(99);
    expect(layer.weight.value.dataSync()).not.toContain(99);
    layer.loadStateDict(state);
    values.fill(1);
    expect(layer.weight.value.dataSync()[0]).toBe(99);
  });

  it('that does not fit is refused whole: ENGINE_MODEL_STATE_MISMATCH names everything', async () => {
    const layer = keep(new Linear(2, 2));
    const before = await layer.stateDict();
    const state = new Map<string, HostArray>([
      ['weight', hostArray('float32', [2, 3], new Float32Array(6))],
      ['other', floats(1)],
    ]);
    const attempt = (): void => layer.loadStateDict(state);
    expect(attempt).toThrow(EngineError);
    expect(attempt).toThrow(
      /ENGINE_MODEL_STATE_MISMATCH[\s\S]*missing: bias[\s\S]*unexpected: other[\s\S]*weight \(2, 3\) instead of \(2, 2\)/,
    );
    expect(() => layer.loadStateDict(state, { strict: false })).toThrow(/weight \(2, 3\)/);
    expect(await layer.stateDict()).toEqual(before);
  });

  it('refuses integers where floats belong, takes float64', () => {
    const layer = keep(new Linear(1, 1, { bias: false }));
    const load = (array: HostArray): void => layer.loadStateDict(new Map([['weight', array]]));
    expect(() => load(hostArray('int32', [1, 1], Int32Array.of(1)))).toThrow(
      /ENGINE_MODEL_STATE_MISMATCH[\s\S]*weight int32 instead of float32/,
    );
    load(hostArray('float64', [1, 1], Float64Array.of(0.5)));
    expect(layer.weight.value.dataSync()[0]).toBe(0.5);
  });

  it('checks that 64-bit integers fit', () => {
    const state = new Map([['num_batches_tracked', hostArray('int64', [], BigInt64Array.of(2n ** 40n))]]);
    expect(() => keep(new BatchNorm2d(1)).loadStateDict(state, { strict: false })).toThrow('ENGINE_CORE_INT32_RANGE');
  });

  it('shortens long lists of names', () => {
    const layer = keep(new Linear(1, 1));
    const state = new Map(Array.from({ length: 20 }, (_, i) => [`p${i}`, floats(1)] as const));
    expect(() => layer.loadStateDict(state)).toThrow(/p7 and 12 more/);
  });

  it('is gone after dispose: ENGINE_MODEL_DISPOSED', async () => {
    const layer = new Linear(1, 1);
    void layer.weight.value;
    layer.dispose();
    layer.dispose();
    expect(() => layer.weight.value).toThrow('ENGINE_MODEL_DISPOSED');
    expect(() => layer.initWeights(1)).toThrow('ENGINE_MODEL_DISPOSED');
    await expect(layer.stateDict()).rejects.toThrow('ENGINE_MODEL_DISPOSED');
  });
});

describe('hooks', () => {
  it('run around forward, may replace arguments and result, and can be removed', () => {
    const layer = new ReLU();
    const seen: unknown[] = [];
    const removers = [
      layer.registerForwardPreHook((module, [x]) => {
        seen.push(module);
        return [tf.neg(x as tf.Tensor)];
      }),
      layer.registerForwardHook((_module, args, output) => {
        seen.push(args.length);
        return tf.add(output as tf.Tensor, 1);
      }),
      layer.registerForwardHook(() => {
        seen.push('after');
      }),
    ];
    const run = (): number[] => tf.tidy(() => [...layer.apply(tf.tensor1d([-3, 2])).dataSync()]);
    expect(run()).toEqual([4, 1]);
    expect(seen).toEqual([layer, 1, 'after']);
    for (const remove of removers) remove();
    expect(run()).toEqual([0, 2]);
    expect(seen).toHaveLength(3);
  });

  it('run in the order of registration, but for those that are to come first', () => {
    const layer = new ReLU();
    const seen: string[] = [];
    const note = (name: string) => () => void seen.push(name);
    layer.registerForwardHook(note('one'));
    layer.registerForwardHook(note('two'));
    const remove = layer.registerForwardHook(note('first'), { prepend: true });
    layer.registerForwardPreHook(note('before'));
    layer.registerForwardPreHook(note('before all'), { prepend: true });
    tf.tidy(() => void layer.apply(tf.scalar(1)));
    expect(seen.splice(0)).toEqual(['before all', 'before', 'first', 'one', 'two']);
    remove();
    tf.tidy(() => void layer.apply(tf.scalar(1)));
    expect(seen).toEqual(['before all', 'before', 'one', 'two']);
  });
});
