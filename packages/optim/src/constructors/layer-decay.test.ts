import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  AdamW,
  defineOptimWrapperConstructor,
  type LayerPlan,
  LearningRateDecayOptimWrapperConstructor,
} from '../index.js';
import type { TestPlace } from '../testing/index.js';
import { wrapperMaker } from '../testing/wrapper-maker.js';

beforeAll(() => cpu().init());
const { make } = wrapperMaker();

/** Recorded runs of MMSegmentation's constructor and of timm's groups (`tooling/golden/record_layer_decay.py`). */
interface Golden {
  readonly cases: readonly {
    readonly id: string;
    readonly source: 'mmseg' | 'timm';
    readonly decay_rate?: number;
    readonly paramwise?: Readonly<Record<string, unknown>>;
    readonly optimizer?: { readonly lr: number; readonly weight_decay: number };
    readonly parameters: Readonly<Record<string, readonly number[]>>;
    readonly groups: readonly {
      readonly group_name?: string;
      readonly lr?: number;
      readonly lr_scale: number;
      readonly weight_decay: number;
      readonly param_names: readonly string[];
    }[];
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../tooling/golden/numerics/layer_decay.json', import.meta.url), 'utf8'),
) as Golden;
const of = (source: 'mmseg' | 'timm') => golden.cases.filter((each) => each.source === source);

const constructor = LearningRateDecayOptimWrapperConstructor;
const placesOf = (parameters: Readonly<Record<string, readonly number[]>>): TestPlace[] =>
  Object.entries(parameters).map(([name, shape]) => ({ name, shape: shape.map(() => 1) }));
const namesOnly = (names: readonly string[]): TestPlace[] => names.map((name) => ({ name, shape: [1, 1] }));

/** Powers may differ in the last bit between languages. */
const close = (value: number) => expect.closeTo(value, 15);

describe('layer-wise decay', () => {
  it.each(of('mmseg').map((each) => [each.id, each] as const))('has the groups of MMSegmentation: %s', (_, one) => {
    const { lr = 0, weight_decay } = one.optimizer ?? {};
    const config = { constructor, optimizer: { type: AdamW, lr, weight_decay }, paramwise_cfg: one.paramwise };
    const { groups } = make(placesOf(one.parameters), config);
    // Its test for tokens misses names below `backbone`; BEiT, which it follows, means them too.
    const isToken = (name: string) => name === 'backbone.cls_token';
    const withoutTokens = (names: readonly string[]) => names.filter((name) => !isToken(name)).join(' ');
    const got = groups('groupName', 'lr', 'lrScale', 'weightDecay').map(([names, ...rest]) => [
      withoutTokens(names.split(' ')),
      ...rest,
    ]);
    const want = one.groups.map((group) => [
      withoutTokens(group.param_names),
      group.group_name,
      close(group.lr ?? Number.NaN),
      close(group.lr_scale),
      group.weight_decay,
    ]);
    expect(got.toSorted(byNames)).toEqual(want.toSorted(byNames));
  });

  const patterns: Readonly<Record<string, readonly string[] | undefined>> = {
    'timm vit': undefined,
    'timm resnet': undefined,
    'timm convnext': ['^stem', '^stages\\.(\\d+)\\.(?:downsample|blocks\\.(\\d+))'],
  };
  it.each(of('timm').map((each) => [each.id, each] as const))('has the rates of timm: %s', (id, one) => {
    const paramwiseCfg = { decayRate: one.decay_rate, layers: patterns[id] };
    const { groups } = make(placesOf(one.parameters), {
      constructor,
      optimizer: { type: AdamW, lr: 1, weightDecay: 0.05 },
      paramwiseCfg,
    });
    const got = new Map(
      groups('lr', 'weightDecay').flatMap(([names, ...values]) => names.split(' ').map((name) => [name, values])),
    );
    expect(got.size).toBe(Object.keys(one.parameters).length);
    for (const { lr_scale, weight_decay, param_names } of one.groups) {
      for (const name of param_names) {
        // timm counts the closing norm of a ViT with its last block, and decays tokens unless they are listed.
        const isNorm = id === 'timm vit' && name.startsWith('norm.');
        const isToken = ['cls_token', 'pos_embed'].includes(name);
        const isVectorInDisguise = one.parameters[name]?.length === 1;
        expect([name, ...(got.get(name) ?? [])]).toEqual([
          name,
          close(isNorm ? 1 : lr_scale),
          isToken || isVectorInDisguise ? 0 : weight_decay,
        ]);
      }
    }
  });

  it('scales what the other options say, which win over its own weight decay', () => {
    const places: TestPlace[] = [
      { name: 'pos_embed', shape: [1, 2] },
      { name: 'blocks.0.norm.weight', role: 'norm' },
      { name: 'blocks.0.fc.weight', shape: [1, 1] },
      { name: 'blocks.0.fc.bias' },
      { name: 'head.weight', shape: [1, 1] },
      { name: 'head.bias' },
    ];
    const paramwiseCfg = {
      decayRate: 0.5,
      normDecayMult: 2,
      biasLrMult: 4,
      customKeys: { head: { lrMult: 10, decayMult: 1 } },
    };
    const { groups, infos } = make(places, {
      constructor,
      optimizer: { type: AdamW, lr: 1, weightDecay: 0.5 },
      paramwiseCfg,
    });
    expect(groups('lr', 'weightDecay', 'lrScale', 'layerId', 'groupName')).toEqual([
      ['pos_embed', 0.25, 0, 0.25, 0, 'layer_0_no_decay'],
      ['blocks.0.norm.weight', 0.5, 1, 0.5, 1, 'layer_1_decay'],
      ['blocks.0.fc.weight', 0.5, 0.5, 0.5, 1, 'layer_1_decay'],
      ['blocks.0.fc.bias', 2, 0, 0.5, 1, 'layer_1_no_decay'],
      ['head.weight head.bias', 10, 0.5, 1, 2, 'layer_2_decay'],
    ]);
    expect(infos.at(-1)).toBe('paramwise_options -- layer_2_decay: lr=10 (1 of the full rate), 2 parameters');
  });
});

describe('layers', () => {
  const ids = (names: readonly string[], options: object = {}) =>
    make(namesOnly(names), {
      constructor,
      optimizer: { type: AdamW, lr: 1 },
      paramwiseCfg: { decayRate: 0.5, ...options },
    })
      .groups('layerId')
      .flatMap(([members, id]) => members.split(' ').map((name) => [name, id]));
  const cases: [what: string, options: object, names: Readonly<Record<string, number>>][] = [
    [
      'camelCase',
      {},
      { 'body.posEmbed': 0, 'body.blocks.0.fc.weight': 1, 'body.blocks.1.fc.weight': 2, 'body.norm.weight': 3 },
    ],
    [
      'Hugging Face',
      {},
      {
        'vit.embeddings.position_embeddings': 0,
        'vit.encoder.layer.1.output.weight': 2,
        'vit.encoder.layer.0.output.weight': 1,
        'classifier.weight': 3,
      },
    ],
    ['torchvision', {}, { conv_proj: 0, 'encoder.layers.encoder_layer_0.ln_1.weight': 1, 'heads.head.weight': 2 }],
    [
      'a ResNet by stages',
      { decayType: 'stage_wise' },
      { 'conv1.weight': 0, 'layer1.0.conv1.weight': 1, 'layer2.3.bn1.weight': 2, 'fc.weight': 3 },
    ],
    ['a ResNet by blocks', {}, { 'bn1.weight': 0, 'layer1.0.w': 1, 'layer1.1.w': 2, 'layer2.0.w': 3, 'fc.weight': 4 }],
    ['three stages', {}, { 'stem.0.weight': 0, 'stages.0.1.w': 1, 'stages.1.0.w': 2, 'stages.2.5.w': 4, 'head.w': 5 }],
    ['more layers than there are', { numLayers: 5 }, { pos_embed: 0, 'layers.0.w': 1, 'head.w': 6 }],
    ['a backbone', {}, { 'net.backbone.layers.0.w': 1, 'net.decoder.layers.7.w': 2, pos_embed: 2 }],
    ['a named kind', { layers: 'vit' }, { 'stages.0.blocks.1.w': 2, 'stages.0.blocks.0.w': 1, 'stages.0.w': 3 }],
    [
      'patterns',
      { layers: ['^in', '^(\\d+)-(\\d+)?', '^out'] },
      { '1-.w': 3, '0-10.w': 2, '0-9.w': 1, 'in.w': 0, 'out.w': 4, 'x.w': 5 },
    ],
  ];
  it.each(cases)('%s', (_, options, names) => {
    expect(Object.fromEntries(ids(Object.keys(names), options))).toEqual(names);
  });

  it('of a class over it, for names of its own', () => {
    class Towers extends LearningRateDecayOptimWrapperConstructor {
      protected override planOf(): LayerPlan {
        return { last: 2, idOf: (name) => (name.startsWith('low') ? 0 : name.startsWith('high') ? 1 : 2) };
      }
    }
    const towers = defineOptimWrapperConstructor({
      name: 'Towers',
      options: z.strictObject({ decayRate: z.number() }),
      create: (options) => new Towers(options),
    });
    const { groups } = make(namesOnly(['low.w', 'high.w', 'head.w']), {
      constructor: towers,
      optimizer: { type: AdamW, lr: 1 },
      paramwiseCfg: { decayRate: 0.5 },
    });
    expect(groups('lr')).toEqual([
      ['low.w', 0.25],
      ['high.w', 0.5],
      ['head.w', 1],
    ]);
  });

  const bad: [what: string, options: object, names: readonly string[], code: string][] = [
    ['names of no known kind', {}, ['a.w', 'b.w', 'c.w', 'd.w', 'e.w'], 'ENGINE_OPTIM_UNKNOWN_LAYERS'],
    ['names of another kind', { layers: 'resnet' }, ['blocks.0.w'], 'ENGINE_OPTIM_UNKNOWN_LAYERS'],
    ['stages of a network without', { decayType: 'stage_wise' }, ['blocks.0.w'], 'ENGINE_OPTIM_UNKNOWN_LAYERS'],
    ['fewer layers than there are', { numLayers: 1 }, ['blocks.0.w', 'blocks.1.w'], 'ENGINE_OPTIM_UNKNOWN_LAYERS'],
    ['patterns that find nothing', { layers: ['^stem'] }, ['blocks.0.w'], 'ENGINE_OPTIM_UNKNOWN_LAYERS'],
    ['patterns that capture words', { layers: ['^(\\w+)'] }, ['blocks.0.w'], 'ENGINE_OPTIM_UNKNOWN_LAYERS'],
    ['a pattern that is none', { layers: ['('] }, ['blocks.0.w'], 'ENGINE_OPTIM_UNKNOWN_LAYERS'],
    ['a rate above 1', { decayRate: 1.5 }, ['blocks.0.w'], 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    ['no rate', { decayRate: undefined }, ['blocks.0.w'], 'ENGINE_REGISTRY_MISSING_OPTION'],
    ['another kind of decay', { decayType: 'step_wise' }, ['blocks.0.w'], 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    ['no layers', { numLayers: 0 }, ['blocks.0.w'], 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    ['decay of nothing', { normDecayMult: 0 }, ['blocks.0.w'], 'ENGINE_OPTIM_NO_BASE_DECAY'],
  ];
  it.each(bad)('refuse %s', (_, options, names, code) => {
    expect(() => ids(names, options)).toThrow(expect.objectContaining({ code }));
  });

  it('need a learning rate to share', () => {
    const config = { constructor, optimizer: { type: AdamW }, paramwiseCfg: { decayRate: 0.5 } };
    expect(() => make(namesOnly(['blocks.0.w']), config)).toThrow(
      expect.objectContaining({ code: 'ENGINE_OPTIM_NO_BASE_LR' }),
    );
  });
});

function byNames([a]: readonly unknown[], [b]: readonly unknown[]): number {
  return String(a) < String(b) ? -1 : 1;
}
