import { readFileSync } from 'node:fs';
import { type HostArray, hostArray, type Logger, silentLogger, TorchGenerator } from '@engine/core';
import { Registry } from '@engine/registry';
import { describeEntries } from '@engine/registry/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  BaseModule,
  BatchNorm2d,
  Caffe2XavierInit,
  ConstantInit,
  Conv2d,
  constant,
  defineWeightInitializer,
  type InitCfg,
  type InitOptions,
  KaimingInit,
  Linear,
  NormalInit,
  normal,
  PretrainedInit,
  pretrainedCheckpoints,
  Sequential,
  TruncNormalInit,
  toTorchLayout,
  UniformInit,
  type WeightInitializer,
  XavierInit,
} from '../index.js';
import { decode, type GoldenTensor } from '../testing/golden.js';
import { canonicalSettings } from '../testing/index.js';

const classes = [
  Caffe2XavierInit,
  ConstantInit,
  KaimingInit,
  NormalInit,
  PretrainedInit,
  TruncNormalInit,
  UniformInit,
  XavierInit,
];

class Head extends BaseModule {
  fc = new Linear(4, 3);
  out = new Linear(3, 2);
  forward(): void {}
}

class Net extends BaseModule {
  backbone = new Sequential(new Conv2d(1, 4, 3), new BatchNorm2d(4));
  head: Head;
  aux = new Linear(4, 20);
  constructor(cfg: { root?: InitCfg; backbone?: InitCfg; head?: InitCfg } = {}) {
    super({ initCfg: cfg.root });
    if (cfg.backbone !== undefined) this.backbone.initCfg = cfg.backbone;
    this.head = new Head({ initCfg: cfg.head });
  }
  forward(): void {}
}

/** Weights in PyTorch's layout. */
async function weightsOf(net: Net): Promise<Map<string, Float32Array>> {
  const found = new Map<string, Float32Array>();
  for (const [name, parameter] of net.namedParameters())
    found.set(
      name,
      toTorchLayout((await parameter.read()).data as Float32Array, parameter.shape, parameter.torchLayout),
    );
  return found;
}

function recorder(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const write = (message: string): void => void lines.push(message);
  return { logger: { debug: write, info: write, warn: write, error: write }, lines };
}

interface Golden {
  readonly id: string;
  readonly seed: number;
  readonly init_cfg: { readonly root?: InitCfg; readonly backbone?: InitCfg; readonly head?: InitCfg };
  readonly weights: Readonly<Record<string, GoldenTensor>>;
  readonly infos: Readonly<Record<string, string>>;
  readonly next_raw: number;
}
const { cases } = JSON.parse(
  readFileSync(new URL('../../../../tooling/golden/numerics/init_cfg.json', import.meta.url), 'utf8'),
) as { cases: readonly Golden[] };

/** Only the fields that the log tells: `weight - (3, 4):\nINFO`. */
const infosIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/\n(\S+) - \([^)]*\):\n(.*)\n/g)].map(([, name, info]) => [name, info]));
const asOurs = (info: string): string =>
  info
    .replace(/(\d)\.0\b/g, '$1')
    .replace('init_weights', 'initWeights')
    .trimEnd();

describe('initCfg does what that of MMEngine does', () => {
  it.each(cases.map((golden) => [golden.id, golden] as const))('%s', async (_, golden) => {
    const net = new Net(golden.init_cfg);
    const generator = new TorchGenerator(golden.seed);
    const { logger, lines } = recorder();
    net.initWeights(generator, { logger });
    const weights = await weightsOf(net);
    expect([...weights.keys()]).toEqual(Object.keys(golden.weights));
    for (const [name, values] of weights)
      expect(values, name).toEqual(decode(golden.weights[name] as GoldenTensor).data);
    expect(generator.u32()).toBe(golden.next_raw);
    const infos = infosIn(lines.join('\n'));
    if (lines.length > 0)
      for (const [name, info] of Object.entries(golden.infos)) expect(infos[name], name).toBe(asOurs(info));
    expect(lines.length > 0).toBe(Object.values(golden.infos).some((info) => !info.startsWith('The value is')));
  });
});

describe('initCfg', () => {
  const filled = async (net: Net, name: string): Promise<number> =>
    ((await weightsOf(net)).get(name) as Float32Array)[0] as number;

  it('takes classes, objects and initialisers of a registry', async () => {
    const Sevens = defineWeightInitializer({
      name: 'Sevens',
      options: z.strictObject({ layer: z.string() }),
      create: ({ layer }): WeightInitializer => ({
        layer: [layer],
        info: 'sevens',
        init: (module, generator) => (module as Linear).weight.initialize(generator, { init: constant(7) }),
      }),
    });
    const registry = new Registry();
    registry.register(Sevens);
    const net = new Net({
      root: [
        { type: ConstantInit, val: 3, layer: 'Conv2d' },
        new ConstantInit({ val: 4, layer: 'BatchNorm2d' }),
        { type: 'Sevens', layer: 'Linear' } as never,
      ],
    });
    net.initWeights(0, { build: (config, path) => registry.build('weightInitializer', config, { path }) });
    expect([
      await filled(net, 'backbone.0.weight'),
      await filled(net, 'backbone.1.weight'),
      await filled(net, 'aux.weight'),
    ]).toEqual([3, 4, 7]);
  });

  it('leaves with keep what was loaded before, and gives the rest what it would have had anyway', async () => {
    const root = { type: 'Normal', layer: ['Linear', 'Conv2d'] } as const;
    const [net, whole] = [new Net({ root }), new Net({ root })];
    whole.initWeights(5);
    net.head.fc.weight.load(hostArray('float32', [3, 4], new Float32Array(12).fill(9)));
    net.initWeights(5, { keep: true });
    const [ours, theirs] = [await weightsOf(net), await weightsOf(whole)];
    expect(ours.get('head.fc.weight')).toEqual(new Float32Array(12).fill(9));
    theirs.set('head.fc.weight', ours.get('head.fc.weight') as Float32Array);
    expect(ours).toEqual(theirs);
  });

  it('lets code set weights after the configs of its module', async () => {
    class Own extends Net {
      override initParameters(generator: TorchGenerator): void {
        this.head.fc.weight.initialize(generator, { init: normal(100, 0) });
      }
    }
    const own = new Own({ root: { type: 'Constant', val: 1, layer: 'Linear' } });
    const { logger, lines } = recorder();
    own.initWeights(0, { logger });
    expect(await filled(own, 'head.fc.weight')).toBe(100);
    expect(infosIn(lines.join('\n'))['head.fc.weight']).toBe('Initialized by user-defined initParameters in Own');
  });
});

describe('Pretrained', () => {
  const state = (names: Record<string, number>): Map<string, HostArray> =>
    new Map(
      Object.entries(names).map(([name, value]) => [
        name,
        name.endsWith('bias')
          ? hostArray('float32', [3], new Float32Array(3).fill(value))
          : hostArray('float32', [3, 4], new Float32Array(12).fill(value)),
      ]),
    );
  const load = (net: Net, options: Partial<InitOptions>): void =>
    net.initWeights(0, { logger: silentLogger, ...options });
  const config = { type: 'Pretrained', checkpoint: 'a.safetensors' } as const;

  it('wins over everything below its module, and draws nothing', async () => {
    const checkpoints = new Map([['a.safetensors', state({ 'head.fc.weight': 2, 'head.fc.bias': 3, other: 1 })]]);
    const net = new Net({ root: config, head: { type: 'Constant', val: 1, layer: 'Linear' } });
    const { logger, lines } = recorder();
    load(net, { checkpoints, logger });
    const weights = await weightsOf(net);
    expect(weights.get('head.fc.weight')?.[0]).toBe(2);
    expect(weights.get('head.out.weight')?.[0]).toBe(1);
    expect(lines.join('\n')).toContain('2 of 13 weights of Net loaded');
    expect(infosIn(lines.join('\n'))['head.fc.bias']).toBe('PretrainedInit: load from a.safetensors');
  });

  it('takes what stands below a prefix, with or without its dot', async () => {
    for (const prefix of ['model.head', 'model.head.']) {
      const net = new Net({ head: { ...config, prefix } });
      load(net, {
        checkpoints: new Map([['a.safetensors', state({ 'model.head.fc.weight': 2, 'model.header.x': 1 })]]),
      });
      expect((await weightsOf(net)).get('head.fc.weight')?.[0]).toBe(2);
    }
  });

  it('says which checkpoints it needs', () => {
    const net = new Net({
      root: config,
      head: [config, { type: 'Pretrained', checkpoint: 'b' }],
      backbone: new PretrainedInit({ checkpoint: 'c' }),
    });
    expect(pretrainedCheckpoints(net)).toEqual(['a.safetensors', 'c', 'b']);
  });

  it('ENGINE_MODEL_PRETRAINED: not read, nothing in common', () => {
    expect(() => load(new Net({ root: config }), {})).toThrow(/ENGINE_MODEL_PRETRAINED[\s\S]*a\.safetensors/);
    const checkpoints = new Map([['a.safetensors', state({ 'x.weight': 1 })]]);
    expect(() => load(new Net({ root: { ...config, prefix: 'y' } }), { checkpoints })).toThrow(/below y\./);
  });

  it('ENGINE_MODEL_STATE_MISMATCH: another shape', () => {
    const checkpoints = new Map([['a.safetensors', state({ 'head.out.weight': 1 })]]);
    expect(() => load(new Net({ root: config }), { checkpoints })).toThrow('ENGINE_MODEL_STATE_MISMATCH');
  });
});

describe('bad input', () => {
  it.each<[string, unknown, string | RegExp]>([
    ['a text', 'Kaiming', /ENGINE_MODEL_BAD_INIT_CFG[\s\S]*initCfg/],
    ['a list in a list', [[]], 'ENGINE_MODEL_BAD_INIT_CFG'],
    ['no type', { layer: 'Conv2d' }, 'ENGINE_REGISTRY_MISSING_TYPE'],
    ['an unknown name', { type: 'Kaimig', layer: 'Conv2d' }, /ENGINE_REGISTRY_UNKNOWN_NAME[\s\S]*Kaiming/],
    ['an unknown option', { type: 'Kaiming', laier: 'Conv2d' }, /ENGINE_REGISTRY_UNKNOWN_OPTION[\s\S]*layer/],
    ['a bias that is no number', { type: 'Normal', bias: '0' }, 'ENGINE_REGISTRY_BAD_OPTION_TYPE'],
    ['a probability beyond 1', { type: 'Normal', biasProb: 2 }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    ['an unknown distribution', { type: 'Xavier', distribution: 'even' }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    ['an override that is a text', { type: 'Normal', override: 'head' }, 'ENGINE_MODEL_BAD_INIT_CFG'],
    [
      'an override without a name',
      { type: 'Normal', override: { type: 'Constant', val: 1 } },
      /with the name of a part/,
    ],
    [
      'an override without a type',
      { type: 'Normal', override: { name: 'head', std: 1 } },
      /a name alone, or with a type/,
    ],
    ['an override of nothing', { type: 'Normal', override: { name: 'neck' } }, /among the fields of Net[\s\S]*neck/],
    ['Xavier of a vector', { type: 'Xavier', layer: 'BatchNorm2d' }, 'ENGINE_MODEL_BAD_INITIALIZER'],
  ])('%s', (_, root, error) => {
    expect(() => new Net({ root: root as InitCfg }).initWeights(0)).toThrow(error);
  });

  it('names the place below the model', () => {
    expect(() => new Net({ head: { type: 'Nomal' } as never }).initWeights(0)).toThrow(/head\.initCfg/);
  });
});

describe('entries', () => {
  const settings = Object.fromEntries(
    Object.entries(canonicalSettings).filter(([name]) => name.startsWith('weightInitializer/')),
  );
  describeEntries(classes, settings);
});
