import { cpu } from '@engine/backend-cpu';
import { type Logger, type ParameterLike, silentLogger } from '@engine/core';
import { checkThing, Registry } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Adam, AmpOptimWrapper, OptimWrapper, OptimWrapperDict, type OptimWrapperLike, SGD } from './index.js';
import { disposeParameters, testParameter } from './testing/index.js';

const backend = cpu();
beforeAll(() => backend.init());

const alive: { dispose(): void }[] = [];
afterEach(() => {
  for (const thing of alive.splice(0).reverse()) thing.dispose();
});
function keep<T extends { dispose(): void }>(thing: T): T {
  alive.push(thing);
  return thing;
}
function parameter(name: string): ParameterLike {
  const made = testParameter(name, [1, 2]);
  alive.push({ dispose: () => disposeParameters([made]) });
  return made;
}
const code = (reason: string) => expect.objectContaining({ code: `ENGINE_OPTIM_${reason}` });
const sum = ({ value }: ParameterLike) => tf.sum(value) as tf.Scalar;

function setup() {
  const [g1, g2, d] = [parameter('gen.a'), parameter('gen.b'), parameter('disc.a')];
  const gen = new OptimWrapper({
    optimizer: new Adam([{ params: [g1], lr: 0.5 }, { params: [g2] }], { lr: 0.1, betas: [0.8, 0.99] }),
  });
  const disc = new AmpOptimWrapper({
    optimizer: new SGD([d], { lr: 0.2, momentum: 0.7 }),
    lossScale: { initScale: 8 },
  });
  return { params: [g1, g2, d] as const, gen, disc, dict: keep(new OptimWrapperDict({ gen, disc })) };
}

describe('several wrappers', () => {
  it('come by name, in order; each trains its own part', () => {
    const { dict, gen, disc, params } = setup();
    expect([...dict.wrappers]).toEqual([
      ['gen', gen],
      ['disc', disc],
    ]);
    expect(dict.get('disc')).toBe(disc);
    const { loss } = dict.get('disc').updateParams(() => sum(params[2]));
    expect(loss).toBeDefined();
    expect(params.map(({ value }) => value.dataSync()[0])).toEqual([1, 1, Math.fround(0.8)]);
  });

  it('tell rates and momenta under their names, as in MMEngine', () => {
    const { dict } = setup();
    expect(dict.getLr()).toEqual({ 'gen.baseLr': [0.1], 'gen.lr': [0.5, 0.1], 'disc.lr': [0.2] });
    expect(Object.keys(dict.getLr())).toEqual(['gen.baseLr', 'gen.lr', 'disc.lr']);
    expect(dict.getMomentum()).toEqual({ 'gen.momentum': [0.8, 0.8], 'disc.momentum': [0.7] });
  });

  it('show all groups, those of base values too', () => {
    const { dict, gen, disc } = setup();
    expect(dict.paramGroups).toEqual([...gen.paramGroups, ...disc.paramGroups]);
    expect(dict.paramGroups[0]).toBe(gen.paramGroups[0]);
  });

  it('settle together, and tell how many updates in a row were skipped', async () => {
    const { dict, disc, params } = setup();
    expect([dict.settle(), dict.skippedInRow]).toEqual([undefined, 0]);
    disc.updateParams(() => tf.mul(sum(params[2]), Number.NaN) as tf.Scalar);
    await dict.settle();
    expect([dict.settle(), dict.skippedInRow, disc.lossScale]).toEqual([undefined, 1, 4]);
    const plain = keep(new OptimWrapperDict({ one: new OptimWrapper({ optimizer: new SGD([parameter('x')], {}) }) }));
    expect(plain.skippedInRow).toBeUndefined();
  });

  it('leave counting to each: initializeCountStatus does nothing, accumulatedCount is the largest', () => {
    const [a, b] = [parameter('a'), parameter('b')];
    const wrapper = (param: ParameterLike, accumulativeCounts: number) =>
      new OptimWrapper({ optimizer: new SGD([param], {}), accumulativeCounts });
    const [one, two] = [wrapper(a, 3), wrapper(b, 2)];
    const dict = keep(new OptimWrapperDict({ one, two }));
    dict.initializeCountStatus(1, 1);
    for (let i = 0; i < 2; i++) one.updateParams(() => sum(a));
    two.updateParams(() => sum(b));
    expect([one.innerCount, dict.accumulatedCount]).toEqual([2, 2]);
  });
});

describe('the state of several wrappers', () => {
  const update = ({ gen, disc, params }: ReturnType<typeof setup>, factor: number) => {
    gen.updateParams(() => tf.mul(tf.add(sum(params[0]), sum(params[1])), factor) as tf.Scalar);
    disc.updateParams(() => tf.mul(sum(params[2]), factor) as tf.Scalar);
  };

  it('has their names before those of slots, and comes back bit for bit', async () => {
    const [straight, resumed] = [setup(), setup()];
    for (const factor of [1, 3, 2]) update(straight, factor);
    const state = await straight.dict.stateDict();
    expect([...state.tensors.keys()]).toContain('gen/expAvg/gen.b');
    expect([...state.tensors.keys()]).toContain('disc/momentumBuffer/disc.a');
    expect(state.paramGroups.map(({ wrapper }) => wrapper)).toEqual(['gen', 'gen', 'disc']);
    for (const [i, param] of resumed.params.entries()) param.value.assign(straight.params[i]?.value as tf.Tensor);
    resumed.dict.loadStateDict({
      ...state,
      values: JSON.parse(JSON.stringify(state.values)),
      paramGroups: JSON.parse(JSON.stringify(state.paramGroups)),
    });
    for (const run of [straight, resumed]) update(run, 3);
    const valuesOf = ({ params }: typeof straight) => params.map(({ value }) => [...value.dataSync()]);
    expect(valuesOf(resumed)).toEqual(valuesOf(straight));
    expect(resumed.dict.paramGroups[0]).not.toHaveProperty('wrapper');
  });

  it('may name some of them only, but no other', async () => {
    const { dict, gen } = setup();
    const state = await dict.stateDict();
    (gen.paramGroups[0] as { lr: number }).lr = 9;
    const { disc } = state.values;
    dict.loadStateDict({ ...state, values: { disc: disc as object } as typeof state.values });
    expect(gen.paramGroups[0]?.lr).toBe(9);
    const strange = { ...state, values: { ...state.values, critic: {} } };
    expect(() => dict.loadStateDict(strange)).toThrow(code('UNKNOWN_WRAPPER'));
  });
});

describe('misuse', () => {
  it('asks for the name of one with ENGINE_OPTIM_NAME_ONE', () => {
    const { dict } = setup();
    expect(() => dict.updateParams(() => tf.scalar(1))).toThrow(code('NAME_ONE'));
    expect(() => dict.updateParams(() => tf.scalar(1))).toThrow(/optimWrapper\.get\('gen'\)\.updateParams/);
    expect(() => dict.optimizer).toThrow(code('NAME_ONE'));
  });

  it('names the nearest wrapper with ENGINE_OPTIM_UNKNOWN_WRAPPER', () => {
    expect(() => setup().dict.get('dics')).toThrow(
      expect.objectContaining({ code: 'ENGINE_OPTIM_UNKNOWN_WRAPPER', action: 'write disc' }),
    );
  });

  it('refuses what is no set of wrappers with ENGINE_OPTIM_BAD_WRAPPERS', () => {
    const { dict, gen } = setup();
    const sets: object[] = [
      {},
      { gen: new SGD([parameter('p')], {}) },
      { gen: null },
      { 'a/b': gen },
      { '': gen },
      { dict },
    ];
    for (const set of sets)
      expect(() => new OptimWrapperDict(set as Record<string, OptimWrapperLike>)).toThrow(code('BAD_WRAPPERS'));
  });
});

describe('from a config', () => {
  const registry = new Registry();
  for (const entry of [SGD, Adam, OptimWrapper, AmpOptimWrapper, OptimWrapperDict]) registry.register(entry);
  const params = () => ['generator.fc.weight', 'generator2.weight', 'discriminator.bias', 'encoder.a'].map(parameter);
  const build = (config: object, { logger = silentLogger as Logger, given = params() } = {}) =>
    keep(
      registry.build('optimWrapper', { type: 'OptimWrapperDict', ...config } as never, {
        args: { params: given, backend },
        logger,
      }),
    ) as unknown as OptimWrapperDict;
  const namesOf = (dict: OptimWrapperDict) =>
    [...dict.wrappers].map(([name, { optimizer }]) => [
      name,
      ...optimizer.paramGroups.flatMap((group) => group.params.map((param) => param.name)),
    ]);

  it('each has the parameters of the module of its name; one that nobody trains is told', () => {
    const warn = vi.fn<(message: string) => void>();
    const wrappers = {
      generator: { optimizer: { type: 'SGD' } },
      discriminator: { type: 'AmpOptimWrapper', optimizer: { type: 'Adam', lr: 0.3 }, dtype: 'float32' },
    };
    const dict = build({ wrappers }, { logger: { ...silentLogger, warn } });
    expect(namesOf(dict)).toEqual([
      ['generator', 'generator.fc.weight'],
      ['discriminator', 'discriminator.bias'],
    ]);
    expect(dict.get('discriminator')).toBeInstanceOf(AmpOptimWrapper);
    expect(warn.mock.calls).toEqual([['OptimWrapperDict: no optimizer trains generator2.weight, encoder.a.']]);
  });

  it('or of the modules that are named, several or an inner one', () => {
    const wrappers = { G: { optimizer: { type: 'SGD' } }, D: { optimizer: { type: 'SGD' } } };
    const dict = build({ wrappers, modules: { G: ['generator.fc', 'generator2', 'encoder'], D: 'discriminator' } });
    expect(namesOf(dict)).toEqual([
      ['G', 'generator.fc.weight', 'generator2.weight', 'encoder.a'],
      ['D', 'discriminator.bias'],
    ]);
  });

  it('tells what is misspelt, and where', () => {
    const optimizer = { type: 'SGD' };
    expect(() => build({ wrappers: { generatr: { optimizer } } })).toThrow(
      expect.objectContaining({ code: 'ENGINE_OPTIM_NO_SUCH_MODULE', action: 'write generator' }),
    );
    expect(() => build({ wrappers: { generator: { optimizer } }, modules: { genertor: 'encoder' } })).toThrow(
      code('UNKNOWN_WRAPPER'),
    );
    expect(() => build({ wrappers: { generator: { optimizer, clipGrads: {} } } })).toThrow(
      expect.objectContaining({
        code: 'ENGINE_REGISTRY_UNKNOWN_OPTION',
        subject: expect.stringMatching(/wrappers\.generator\.clipGrads$/),
      }),
    );
  });

  it('can be checked without building anything', () => {
    const config = {
      type: 'OptimWrapperDict',
      wrappers: { generator: { optimizer: { type: 'SGD', momentm: 0.9 } }, discriminator: { type: 'AmpWrapper' } },
    };
    expect(checkThing(registry, 'optimWrapper', config).map(({ code: what, subject }) => [what, subject])).toEqual([
      ['ENGINE_REGISTRY_UNKNOWN_OPTION', 'wrappers.generator.optimizer.momentm'],
      ['ENGINE_REGISTRY_UNKNOWN_NAME', 'wrappers.discriminator.type'],
    ]);
  });
});
