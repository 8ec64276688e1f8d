import { TorchGenerator } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Buffer, Linear, Module, NormalInit, Parameter, uniform } from './index.js';

/** A module whose fields are given: what `this.name = ...` in a constructor does. */
class Holder extends Module {
  constructor(fields: Readonly<Record<string, unknown>>) {
    super();
    Object.assign(this, fields);
  }
  forward(): void {}
}

type Shape =
  | { readonly kind: 'parameter' | 'buffer' | 'number' }
  | { readonly kind: 'module' | 'list' | 'record'; readonly items: readonly Shape[] };

/** Networks of any nesting: modules, lists and object literals in each other, with tensors anywhere. */
const { network } = fc.letrec<{ network: Shape; item: Shape }>((tie) => ({
  network: fc.record({
    kind: fc.constant('module' as const),
    items: fc.array(tie('item'), { maxLength: 4 }),
  }) as fc.Arbitrary<Shape>,
  item: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.record({ kind: fc.constantFrom('parameter' as const, 'buffer' as const, 'number' as const) }),
    fc.record({
      kind: fc.constantFrom('module' as const, 'list' as const, 'record' as const),
      items: fc.array(tie('item'), { maxLength: 4 }),
    }) as fc.Arbitrary<Shape>,
  ),
}));

/** Builds what is drawn; `names` are those a state must have, a module's own tensors before its children's. */
function build(
  shape: Shape,
  path: string,
): { readonly value: unknown; readonly own: string[]; readonly inner: string[] } {
  if (shape.kind === 'parameter') return { value: new Parameter([2], uniform()), own: [path], inner: [] };
  if (shape.kind === 'buffer') return { value: new Buffer([1]), own: [path], inner: [] };
  if (shape.kind === 'number') return { value: 3, own: [], inner: [] };
  const { kind, items } = shape as Extract<Shape, { items: readonly Shape[] }>;
  const key = (i: number) => (kind === 'list' ? `${i}` : `f${i}`);
  const built = items.map((item, i) => build(item, path === '' ? key(i) : `${path}.${key(i)}`));
  const fields = Object.fromEntries(built.map(({ value }, i) => [key(i), value]));
  const [own, inner] = [built.flatMap((part) => part.own), built.flatMap((part) => part.inner)];
  if (kind === 'list') return { value: built.map(({ value }) => value), own, inner };
  if (kind === 'record') return { value: fields, own, inner };
  return { value: new Holder(fields), own: [], inner: [...own, ...inner] };
}

describe('names', () => {
  it('are the paths to the fields, own tensors before those of children, in any nesting', async () => {
    await fc.assert(
      fc.asyncProperty(network, async (shape) => {
        const { value, inner } = build(shape, '');
        const module = value as Module;
        expect([...(await module.stateDict()).keys()]).toEqual(inner);
        for (const [name, tensor] of [...module.namedParameters(), ...module.namedBuffers()])
          expect(tensor.name).toBe(name);
        for (const [path, each] of module.namedModules()) expect(each.path).toBe(path);
        module.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it('of an inner module do not change when it is walked by itself', () => {
    const inner = new Holder({ weight: new Parameter([1], uniform()) });
    const outer = new Holder({ left: inner, right: [new Holder({ bias: new Parameter([1], uniform()) })] });
    expect([...outer.namedParameters().keys()]).toEqual(['left.weight', 'right.0.bias']);
    expect([...inner.namedParameters().keys()]).toEqual(['weight']);
    const [parameter] = inner.parameters();
    expect([parameter?.name, inner.path]).toEqual(['left.weight', 'left']);
  });

  it('follow a module that moves into another', () => {
    const inner = new Holder({ weight: new Parameter([1], uniform()) });
    expect(inner.parameters()[0]?.name).toBe('weight');
    const outer = new Holder({ head: inner });
    outer.namedModules();
    expect([inner.path, inner.parameters()[0]?.name]).toEqual(['head', 'head.weight']);
  });

  it('count a shared module once, under the first path, and survive cycles', () => {
    const shared = new Holder({ weight: new Parameter([1], uniform()) });
    const outer = new Holder({ first: shared, second: shared });
    Object.assign(shared, { parent: outer });
    expect([...outer.namedParameters().keys()]).toEqual(['first.weight']);
    expect([...outer.namedModules().keys()]).toEqual(['', 'first']);
    const list: unknown[] = [];
    list.push(list, shared);
    expect([...new Holder({ list }).namedModules().keys()].slice(0, 2)).toEqual(['', 'list.1']);
  });

  it('that two tensors would share are refused with ENGINE_MODEL_NAME_CLASH', () => {
    const clash = new Holder({
      mean: new Buffer([1], { stateName: 'running' }),
      variance: new Buffer([1], { stateName: 'running' }),
    });
    expect(() => clash.namedBuffers()).toThrow(expect.objectContaining({ code: 'ENGINE_MODEL_NAME_CLASH' }));
    const dotted = new Holder({ 'a.b': new Parameter([1], uniform()), a: { b: new Parameter([1], uniform()) } });
    expect(() => dotted.namedParameters()).toThrow(expect.objectContaining({ code: 'ENGINE_MODEL_NAME_CLASH' }));
  });
});

describe('initial values', () => {
  it('are drawn field by field, a child where it stands, once for what is shared', async () => {
    const child = new Holder({ weight: new Parameter([3], uniform()) });
    const module = new Holder({
      before: new Parameter([2], uniform()),
      child,
      list: [child, new Parameter([1], uniform())],
      after: new Parameter([2], uniform()),
    });
    module.initWeights(5);
    const stream = new TorchGenerator(5);
    const expected = [2, 3, 1, 2].map((size) => [...stream.uniform(size, 0, 1)]);
    const state = await module.stateDict();
    const names = ['before', 'child.weight', 'list.1', 'after'];
    expect(names.map((name) => [...((state.get(name)?.data ?? []) as Float32Array)])).toEqual(expected);
    module.dispose();
  });

  it('leave the stream to others between what constructors draw and what initCfg says', async () => {
    const [generator, stream] = [new TorchGenerator(5), new TorchGenerator(5)];
    const linear = new Linear(2, 1);
    linear.initCfg = { type: NormalInit, std: 1, layer: 'Linear' };
    linear.initWeights(generator, { afterConstruction: () => void generator.randomInt64() });
    const twin = new Linear(2, 1);
    twin.initWeights(stream);
    stream.randomInt64();
    const expected = [...stream.normal(2, 0, 1)];
    expect([...((await linear.stateDict()).get('weight')?.data ?? [])]).toEqual(expected);
    for (const module of [linear, twin]) module.dispose();
  });

  it('do not depend on whether names were asked for before', async () => {
    const make = () => new Holder({ a: new Parameter([4], uniform()), b: { c: new Parameter([2], uniform()) } });
    const [asked, fresh] = [make(), make()];
    asked.visit(() => {});
    for (const module of [asked, fresh]) module.initWeights(1);
    expect(await asked.stateDict()).toEqual(await fresh.stateDict());
  });
});

describe('places of parameters', () => {
  it('are the names, each once, where nothing is shared', () => {
    fc.assert(
      fc.property(network, (shape) => {
        const module = build(shape, '').value as Module;
        const places = module.parameterPlaces();
        expect(places.map(({ name }) => name)).toEqual([...module.namedParameters().keys()]);
        expect(places.map(({ parameter }) => parameter.name)).toEqual(places.map(({ name }) => name));
      }),
      { numRuns: 50 },
    );
  });

  it('are several for what modules share, and one for what a module holds twice', () => {
    const weight = new Parameter([2], uniform());
    const [left, right] = [new Holder({ weight, again: weight }), new Holder({ weight })];
    const root = new Holder({ list: [left, right], alias: right, back: left });
    Object.assign(right, { root }); // a circle ends where it closes
    const places = root.parameterPlaces();
    expect(places.map(({ name }) => name)).toEqual(['list.0.weight', 'list.1.weight']);
    expect(places.map(({ module, parent }) => [module, parent])).toEqual([
      [left, root],
      [right, root],
    ]);
    const shared = new Holder({ weight: new Parameter([2], uniform()) });
    const twice = new Holder({ first: new Holder({ shared }), second: new Holder({ shared }) });
    expect(twice.parameterPlaces().map(({ name, parameter }) => [name, parameter.name])).toEqual([
      ['first.shared.weight', 'first.shared.weight'],
      ['second.shared.weight', 'first.shared.weight'],
    ]);
  });
});
