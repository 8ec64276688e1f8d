import { cpu } from '@engine/backend-cpu';
import { Registry } from '@engine/registry';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import * as optim from '../index.js';
import {
  buildOptimWrapper,
  DefaultOptimWrapperConstructor,
  defineOptimWrapperConstructor,
  OptimWrapper,
  type OptimWrapperConstructor,
  SGD,
} from '../index.js';
import { wrapperMaker } from '../testing/wrapper-maker.js';

beforeAll(() => cpu().init());
const { make, model } = wrapperMaker();

const places = [{ name: 'body.weight', shape: [2, 2] }, { name: 'body.bias' }, { name: 'head.weight', shape: [2, 2] }];
const optimizer = { type: 'SGD', lr: 0.5 };

/** Leaves out what is below a name. */
class Without implements OptimWrapperConstructor {
  readonly left: string;
  constructor(left: string) {
    this.left = left;
  }
  construct(...[given, config, { build }]: Parameters<OptimWrapperConstructor['construct']>) {
    const params = [...given.namedParameters().values()].filter(({ name }) => !name.startsWith(this.left));
    return build(config, params);
  }
}
const without = defineOptimWrapperConstructor({
  name: 'Without',
  options: z.strictObject({ left: z.string() }),
  create: ({ left }) => new Without(left),
});

describe('buildOptimWrapper', () => {
  it('makes one group of the whole model where nothing else is said', () => {
    for (const more of [
      {},
      { constructor: undefined },
      { constructor: null, paramwiseCfg: null },
      { paramwise_cfg: {} },
    ]) {
      const { wrapper, groups } = make(places, { optimizer, accumulativeCounts: 2, ...more });
      expect(wrapper).toBeInstanceOf(OptimWrapper);
      expect(groups('lr')).toEqual([['body.weight body.bias head.weight', 0.5]]);
    }
  });

  it('takes a constructor by name, by class, as an entry, or built', () => {
    const paramwiseCfg = { biasLrMult: 2 };
    const rates = [['body.weight', 0.5], ['body.bias', 1], ['head.weight', 0.5]]; // biome-ignore format: one line
    for (const constructor of [
      'DefaultOptimWrapperConstructor',
      DefaultOptimWrapperConstructor,
      DefaultOptimWrapperConstructor.entry,
    ])
      expect(make(places, { optimizer, constructor, paramwiseCfg }).groups('lr')).toEqual(rates);
    expect(
      make(places, { optimizer, constructor: new DefaultOptimWrapperConstructor(paramwiseCfg) }).groups('lr'),
    ).toEqual(rates);
    expect(make(places, { optimizer, constructor: without, paramwiseCfg: { left: 'body' } }).groups()).toEqual([
      ['head.weight'],
    ]);
    expect(make(places, { optimizer, constructor: new Without('head') }).groups()).toEqual([['body.weight body.bias']]);
  });

  it('hands a constructor the config without its own keys, and does not change it', () => {
    const seen: unknown[] = [];
    const constructor: OptimWrapperConstructor = {
      construct: (given, config, { build }) => {
        seen.push(config);
        return build({ optimizer: config.mine }, given.namedParameters().values());
      },
    };
    const config = Object.freeze({ constructor, mine: { type: SGD, lr: 0.25 }, other: 1 });
    expect(make(places, config).wrapper.getLr()).toEqual({ lr: [0.25] });
    expect(seen).toEqual([{ mine: config.mine, other: 1 }]);
  });

  it('goes by names alone in a model that does not tell its layers', () => {
    const registry = new Registry();
    registry.registerExports(optim);
    const whole = model([
      { name: '1.kernel', shape: [2, 2] },
      { name: '1.bias', role: 'norm' },
    ]);
    const wrapper = buildOptimWrapper(
      { namedParameters: () => whole.namedParameters() },
      { optimizer, paramwiseCfg: { biasLrMult: 2 } },
      { registry },
    );
    expect(wrapper.getLr().lr).toEqual([0.5, 1]);
    wrapper.dispose();
  });

  it('returns a wrapper that is built as it is', () => {
    const own = model(places);
    const built = new OptimWrapper({ optimizer: new SGD(own.namedParameters().values(), { lr: 1 }) });
    expect(make([], built).wrapper).toBe(built);
    const literal = { updateParams: () => undefined, dispose: () => undefined, optimizer: built.optimizer };
    expect(make([], literal).wrapper).toBe(literal);
    built.dispose();
  });

  it('wraps an optimizer that is built, but makes no groups for it', () => {
    const params = [...model(places).namedParameters().values()];
    const built = new SGD([{ params: params.slice(0, 1), lr: 0.1 }, { params: params.slice(1) }], { lr: 1 });
    expect(make([], { optimizer: built }).wrapper.optimizer).toBe(built);
    expect(() => make(places, { optimizer: built, paramwiseCfg: { biasLrMult: 2 } })).toThrow(
      expect.objectContaining({ code: 'ENGINE_OPTIM_BUILT_OPTIMIZER' }),
    );
    built.dispose();
  });

  it('makes groups for each of several wrappers, of its own part of the model', () => {
    const parts = [...places, { name: 'head.bias', role: 'norm' }];
    const wrappers = {
      body: { optimizer, paramwise_cfg: { biasLrMult: 2, normDecayMult: null } },
      head: { optimizer, constructor: without, paramwiseCfg: { left: 'head.b' } },
    };
    const { wrapper } = make(parts, { type: 'OptimWrapperDict', wrappers });
    expect(wrapper.getLr()).toEqual({ 'body.baseLr': [0.5], 'body.lr': [0.5, 1], 'head.lr': [0.5] });
    const norms = { ...wrappers, head: { optimizer, paramwiseCfg: { biasLrMult: 2 } } };
    expect(make(parts, { type: 'OptimWrapperDict', wrappers: norms }).wrapper.getLr()).toMatchObject({
      'head.lr': [0.5, 0.5],
    });
    const bad = { ...wrappers, head: { optimizer, paramwiseCfg: { biasLrMlt: 2 } } };
    expect(() => make(parts, { type: 'OptimWrapperDict', wrappers: bad })).toThrow(
      expect.objectContaining({ subject: 'optimWrapper.wrappers.head.paramwiseCfg.biasLrMlt' }),
    );
    const above = { type: 'OptimWrapperDict', wrappers, paramwiseCfg: { bypassDuplicate: true } };
    expect(() => make(parts, above)).toThrow(expect.objectContaining({ code: 'ENGINE_OPTIM_BAD_WRAPPERS' }));
  });

  const bad: [what: string, config: unknown, code: string, subject: string][] = [
    ['an unknown constructor', { constructor: 'Defalt' }, 'ENGINE_REGISTRY_UNKNOWN_NAME', 'optimWrapper.constructor'],
    ['a class that is no constructor', { constructor: SGD }, 'ENGINE_REGISTRY_WRONG_KIND', 'optimWrapper.constructor'],
    [
      'both spellings',
      { paramwiseCfg: {}, paramwise_cfg: {} },
      'ENGINE_REGISTRY_BOTH_SPELLINGS',
      'optimWrapper.paramwise_cfg',
    ],
    [
      'options of a constructor that is built',
      { constructor: new Without('head'), paramwise_cfg: { left: 'body' } },
      'ENGINE_OPTIM_BAD_PARAMWISE_CFG',
      'optimWrapper.paramwise_cfg',
    ],
    [
      'options of another constructor',
      { paramwiseCfg: { left: 'body' } },
      'ENGINE_REGISTRY_UNKNOWN_OPTION',
      'optimWrapper.paramwiseCfg.left',
    ],
    ['an option of no wrapper', { clipGrda: 1 }, 'ENGINE_REGISTRY_UNKNOWN_OPTION', 'optimWrapper.clipGrda'],
  ];
  it.each(bad)('refuses %s', (_, more, code, subject) => {
    expect(() => make(places, { optimizer, ...(more as object) })).toThrow(expect.objectContaining({ code, subject }));
  });

  it('takes groups in snake_case, and refuses both spellings of a field', () => {
    const params = [...model(places).namedParameters().values()];
    const made = new SGD([{ params, weight_decay: 0.25, my_note: 1 }], { lr: 1 });
    expect(made.paramGroups[0]).toMatchObject({ weightDecay: 0.25, my_note: 1 });
    expect(() => new SGD([{ params, weight_decay: 1, weightDecay: 2 }], { lr: 1 })).toThrow(
      expect.objectContaining({ code: 'ENGINE_REGISTRY_BOTH_SPELLINGS' }),
    );
  });
});
