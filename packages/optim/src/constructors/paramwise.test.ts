import { cpu } from '@engine/backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { SGD } from '../index.js';
import { wrapperMaker } from '../testing/wrapper-maker.js';

beforeAll(() => cpu().init());
const { make } = wrapperMaker();

const optimizer = { type: SGD, lr: 0.5, weightDecay: 0.25, momentum: 0.9 };
const block = [
  { name: 'scale' },
  { name: 'neck.conv.weight', shape: [2, 2] },
  { name: 'neck.conv.bias' },
  { name: 'neck.bn.weight', role: 'norm' },
  { name: 'neck.bn.bias', role: 'norm' },
];

/** The code of what is thrown, and what it is about. */
function failure(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    const { code, subject } = error as { readonly code?: string; readonly subject?: string };
    return [code, subject];
  }
  return undefined;
}

describe('customKeys', () => {
  it('are looked for anywhere in a name: the longest wins, of two the first by alphabet, and nothing else applies then', () => {
    const customKeys = {
      bias: { lrMult: 3 },
      '.scale': { lrMult: 2 },
      'conv.b': { lrMult: 5 }, // as long as the next, and before it
      'onv.bi': { lrMult: 7 },
    };
    const { groups } = make(block, { optimizer, paramwiseCfg: { customKeys, biasDecayMult: 0, normDecayMult: 0.5 } });
    expect(groups('lr', 'weightDecay', 'lrMult')).toEqual([
      ['scale', 1, 0.25, 2],
      ['neck.conv.weight', 0.5, 0.25, undefined],
      ['neck.conv.bias', 2.5, 0.25, 5],
      ['neck.bn.weight', 0.5, 0.125, undefined],
      ['neck.bn.bias', 1.5, 0.25, 3],
    ]);
  });

  it('set any field of a group, in either spelling, and what they set wins over multipliers', () => {
    const customKeys = { neck: { lr_mult: 2, lr: 0.125, weight_decay: 1, momentum: 0, note: 'slow' } };
    const { groups } = make(block, { optimizer, paramwise_cfg: { custom_keys: customKeys } });
    expect(groups('lr', 'weightDecay', 'momentum', 'lrMult', 'note').slice(0, 2)).toEqual([
      ['scale', 0.5, 0.25, 0.9, undefined, undefined],
      ['neck.conv.weight', 0.125, 1, 0, 2, 'slow'],
    ]);
  });

  it('that occur in no name are a warning with the nearest ones', () => {
    const customKeys = { 'nekc.conv': { lrMult: 0 }, neck: { lrMult: 1 }, '': { lrMult: 2 } };
    const { warnings } = make(block, { optimizer, paramwiseCfg: { customKeys } });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/"nekc\.conv".*nearest are neck\.conv, /);
  });

  it('are the rule in words, for any keys and names', () => {
    const word = fc.stringMatching(/^[ab.]{0,4}$/);
    const name = fc.stringMatching(/^[ab]{1,2}(\.[ab]{1,2}){0,2}$/);
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { maxLength: 5 }),
        fc.uniqueArray(name, { minLength: 1, maxLength: 4 }),
        (keys, names) => {
          const customKeys = Object.fromEntries(keys.map((key, i) => [key, { lrMult: i + 2 }]));
          const config = { optimizer: { type: SGD, lr: 1 }, paramwiseCfg: { customKeys } };
          const { groups } = make(
            names.map((each) => ({ name: each })),
            config,
          );
          const expected = names.map((each) => {
            const fitting = keys.filter((key) => (each.includes('.') ? each : `.${each}`).includes(key));
            const longest = Math.max(...fitting.map((key) => key.length));
            const [winner] = fitting.filter((key) => key.length === longest).toSorted();
            return [each, winner === undefined ? 1 : keys.indexOf(winner) + 2];
          });
          expect(groups('lr')).toEqual(expected);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('rules by layer', () => {
  it('know what stands in a deformable convolution, and its offsets', () => {
    const places = [
      { name: 'dcn.bias', role: 'deformConv' },
      { name: 'dcn.conv_offset.weight', shape: [1, 1, 1, 2], parentRole: 'deformConv' },
      { name: 'dcn.conv_offset.bias', parentRole: 'deformConv' },
      { name: 'dcn.mask.bias', parentRole: 'deformConv' },
      { name: 'conv_offset.bias' },
    ];
    const paramwiseCfg = { dcnOffsetLrMult: 0.5, biasLrMult: 2, biasDecayMult: 0, flatDecayMult: 0.5 };
    expect(make(places, { optimizer, paramwiseCfg }).groups('lr', 'weightDecay')).toEqual([
      ['dcn.bias', 1, 0],
      ['dcn.conv_offset.weight', 0.25, 0.25],
      ['dcn.conv_offset.bias', 0.25, 0.25],
      ['dcn.mask.bias', 0.5, 0.25],
      ['conv_offset.bias', 1, 0],
    ]);
  });

  it('apply in the order norm, bias, depthwise, flat', () => {
    const places = [
      { name: 'n.bias', role: 'norm' },
      { name: 'd.bias', role: 'depthwiseConv' },
      { name: 'd.weight', shape: [1, 1], role: 'depthwiseConv' },
      { name: 'gain' },
    ];
    const multipliers = { normDecayMult: 2, biasDecayMult: 3, dwconvDecayMult: 4, flatDecayMult: 5 };
    const decays = (left: object) =>
      make(places, { optimizer, paramwiseCfg: left })
        .groups('weightDecay')
        .map(([, value]) => value);
    expect(decays(multipliers)).toEqual([0.5, 0.75, 1, 1.25]);
    expect(decays({ ...multipliers, normDecayMult: null })).toEqual([0.75, 0.75, 1, 1.25]);
    expect(decays({ dwconvDecayMult: 4, flatDecayMult: 5 })).toEqual([1.25, 1, 1, 1.25]);
    expect(decays({ bypassDuplicate: false })).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
});

describe('parameters', () => {
  const shared = [{ name: 'head.weight' }, { name: 'tied.weight', sameAs: 'head.weight' }, { name: 'tail.weight' }];

  it('that several modules share are an error, or are passed over', () => {
    const paramwiseCfg = { customKeys: { tied: { lrMult: 2 } } };
    expect(failure(() => make(shared, { optimizer, paramwiseCfg }))).toEqual([
      'ENGINE_OPTIM_DUPLICATE_PARAMETER',
      'SGD',
    ]);
    const { groups, warnings } = make(shared, { optimizer, paramwiseCfg: { ...paramwiseCfg, bypassDuplicate: true } });
    expect(groups('lr')).toEqual([
      ['head.weight', 0.5],
      ['tail.weight', 0.5],
    ]);
    expect(warnings).toEqual([expect.stringMatching(/^tied\.weight is head\.weight,/)]);
  });

  it('that are frozen get no group, unless there is one for all', () => {
    const frozen = [{ name: 'a', trainable: false }, { name: 'b' }];
    const { groups, warnings } = make(frozen, { optimizer, paramwiseCfg: { biasLrMult: 2 } });
    expect([groups(), warnings]).toEqual([[['b']], ['a is frozen: it gets no group.']]);
    expect(make(frozen, { optimizer, paramwiseCfg: {} }).groups()).toEqual([['a b']]);
    expect(make(shared, { optimizer, paramwise_cfg: null }).groups()).toEqual([['head.weight tail.weight']]);
  });

  it('that are all frozen, or not there, are an error', () => {
    const paramwiseCfg = { biasLrMult: 2 };
    const [frozen, none] = [[{ name: 'a', trainable: false }], []];
    for (const places of [frozen, none])
      expect(failure(() => make(places, { optimizer, paramwiseCfg }))).toEqual(['ENGINE_OPTIM_NO_PARAMETERS', 'SGD']);
    expect(failure(() => make(none, { optimizer }))).toEqual(['ENGINE_OPTIM_NO_PARAMETERS', 'SGD']);
  });

  it('are told in the log with what was set for them', () => {
    const { infos } = make(block, { optimizer, paramwiseCfg: { customKeys: { scale: { lrMult: 2 } } } });
    expect(infos).toEqual(['paramwise_options -- scale:lr=1', 'paramwise_options -- scale:lrMult=2']);
  });
});

describe('refusals', () => {
  const bad: [what: string, optimizer: object, paramwiseCfg: unknown, code: string, subject: string][] = [
    [
      'a key that does not exist',
      {},
      { biasLrMlt: 2 },
      'ENGINE_REGISTRY_UNKNOWN_OPTION',
      'optimWrapper.paramwiseCfg.biasLrMlt',
    ],
    [
      'a negative multiplier',
      {},
      { biasLrMult: -1 },
      'ENGINE_REGISTRY_BAD_OPTION_VALUE',
      'optimWrapper.paramwiseCfg.biasLrMult',
    ],
    [
      'a negative multiplier of a key',
      {},
      { customKeys: { neck: { lrMult: -1 } } },
      'ENGINE_REGISTRY_BAD_OPTION_VALUE',
      'optimWrapper.paramwiseCfg.customKeys.neck.lrMult',
    ],
    [
      'a multiplier that is text',
      {},
      { flatDecayMult: '0' },
      'ENGINE_REGISTRY_BAD_OPTION_TYPE',
      'optimWrapper.paramwiseCfg.flatDecayMult',
    ],
    [
      'keys that are a list',
      {},
      { customKeys: ['a'] },
      'ENGINE_REGISTRY_BAD_OPTION_TYPE',
      'optimWrapper.paramwiseCfg.customKeys',
    ],
    ['a list', {}, [1], 'ENGINE_OPTIM_BAD_PARAMWISE_CFG', 'optimWrapper.paramwiseCfg'],
    [
      'a type',
      {},
      { type: 'DefaultOptimWrapperConstructor' },
      'ENGINE_OPTIM_BAD_PARAMWISE_CFG',
      'optimWrapper.paramwiseCfg',
    ],
    [
      'a decay of nothing',
      { weightDecay: undefined },
      { normDecayMult: 0 },
      'ENGINE_OPTIM_NO_BASE_DECAY',
      'paramwiseCfg.normDecayMult',
    ],
    [
      'a decay of nothing by a key',
      { weightDecay: undefined },
      { customKeys: { a: { decayMult: 1 } } },
      'ENGINE_OPTIM_NO_BASE_DECAY',
      'paramwiseCfg.customKeys.a.decayMult',
    ],
    ['a share of no rate', { lr: undefined }, { biasLrMult: 2 }, 'ENGINE_OPTIM_NO_BASE_LR', 'paramwiseCfg.biasLrMult'],
    [
      'a share of no rate by a key',
      { lr: undefined },
      { customKeys: { neck: { lrMult: 2 } } },
      'ENGINE_OPTIM_NO_BASE_LR',
      'paramwiseCfg.customKeys.neck.lrMult',
    ],
    [
      'a field that the optimizer refuses',
      {},
      { customKeys: { scale: { momentum: -1 } } },
      'ENGINE_REGISTRY_BAD_OPTION_VALUE',
      'momentum',
    ],
    [
      'a field in both spellings',
      {},
      { customKeys: { scale: { lr_mult: 1, lrMult: 1 } } },
      'ENGINE_REGISTRY_BOTH_SPELLINGS',
      'optimWrapper.paramwiseCfg.customKeys.scale.lr_mult',
    ],
  ];
  it.each(bad)('%s', (_, changes, paramwiseCfg, code, subject) => {
    const given = Object.fromEntries(
      Object.entries({ ...optimizer, ...changes }).filter(([, value]) => value !== undefined),
    );
    expect(failure(() => make(block, { optimizer: given, paramwiseCfg }))).toEqual([code, subject]);
  });

  it('a decay of nothing is no error where only flat parameters are meant', () => {
    const given = { type: SGD, lr: 0.5 };
    const { groups } = make(block, { optimizer: given, paramwiseCfg: { flatDecayMult: 0.5 } });
    expect(groups('weightDecay').map(([, value]) => value)).toEqual([0, 0, 0, 0, 0]);
  });
});
