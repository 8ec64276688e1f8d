import { defineEntry, EngineError, type Entry, type Logger, type StandardSchemaV1 } from '@engine/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Registry } from './registry.js';

interface Cutter {
  readonly blade: string;
  readonly inner?: unknown;
}

declare module '@engine/core' {
  interface Kinds {
    cutter: Cutter;
    handle: { readonly wood: string };
  }
  interface BuildArgs {
    handle: { readonly length: number };
  }
}

const sawOptions = z.strictObject({
  blade: z._default(z.string(), 'steel'),
  toothCount: z._default(z.int().check(z.positive()), 20),
  mode: z._default(z.enum(['rip', 'cross']), 'rip'),
  grip: z.optional(z.strictObject({ softPad: z.boolean() })),
  customKeys: z.optional(z.record(z.string(), z.number())),
  inner: z.optional(z.unknown()),
});
interface SawOptions extends z.input<typeof sawOptions> {}

class Saw implements Cutter {
  static readonly entry: Entry<'cutter', 'Saw', SawOptions> = defineEntry('cutter', {
    name: 'Saw',
    options: sawOptions,
    create: (options, ctx) =>
      new Saw(options, options.inner === undefined ? undefined : ctx.build('cutter', options.inner, { key: 'inner' })),
    module: '@tools/saw',
    doc: 'Cuts with teeth.',
  });
  readonly blade: string;
  constructor(
    readonly options: z.output<typeof sawOptions>,
    readonly inner?: Cutter,
  ) {
    this.blade = options.blade;
  }
}

class BandSaw extends Saw {}

const Laser = defineEntry('cutter', {
  name: 'Laser',
  options: z.strictObject({ power: z.number() }),
  create: ({ power }) => ({ blade: `light ${power}` }),
  doc: 'Cuts with light.',
});

const Oak = defineEntry('handle', {
  name: 'Oak',
  options: z.strictObject({}),
  create: (_options, { args }) => ({ wood: 'o'.repeat(args.length) }),
  doc: 'A handle.',
});

function tools(): Registry {
  const registry = new Registry();
  for (const item of [Saw, Laser, Oak]) registry.register(item);
  return registry;
}

function failure(run: () => unknown): EngineError {
  try {
    run();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const locate = (path: string) => ({ file: 'cfg.yaml', line: path.length, column: 1 });

describe('building', () => {
  it('finds the entry by name, by class and by entry', () => {
    const registry = tools();
    expect(registry.build('cutter', { type: 'Saw', blade: 'gold' })).toMatchObject({
      blade: 'gold',
      options: { toothCount: 20 },
    });
    expect(registry.build('cutter', { type: Saw })).toBeInstanceOf(Saw);
    expect(new Registry().build('cutter', { type: Laser, power: 3 })).toEqual({ blade: 'light 3' });
  });

  it('gives back what is built already, the same object', () => {
    const saw = new Saw(z.parse(sawOptions, {}));
    const literal = { blade: 'x', cut: () => 1 };
    const collate = () => 1;
    expect(tools().build('cutter', saw)).toBe(saw);
    expect(tools().build('cutter', literal)).toBe(literal);
    expect(tools().build('cutter', collate)).toBe(collate);
  });

  it('hands over args, logger and communicator, and fills in defaults below the config', () => {
    expect(tools().build('handle', { type: 'Oak' }, { args: { length: 3 } })).toEqual({ wood: 'ooo' });
    const built = tools().build(
      'cutter',
      { blade: 'own' },
      { defaults: { type: 'Saw', blade: 'default', toothCount: 4 } },
    );
    expect(built).toMatchObject({ options: { blade: 'own', toothCount: 4 } });
  });

  it('does not change the config', () => {
    const config = Object.freeze({ type: 'Saw', tooth_count: 3, grip: Object.freeze({ soft_pad: true }) });
    expect(tools().build('cutter', config)).toMatchObject({ options: { toothCount: 3, grip: { softPad: true } } });
  });

  it('builds nested configs under their path, as it was written', () => {
    const config = { type: 'Saw', inner: { type: 'Saw', inner: { type: 'Saw', tooth_count: -1 } } };
    expect(tools().build('cutter', { ...config, inner: { type: 'Laser', power: 1 } })).toMatchObject({
      inner: { blade: 'light 1' },
    });
    const error = failure(() => tools().build('cutter', config, { path: 'model.cutter', locate }));
    expect(error.subject).toBe('model.cutter.inner.inner.tooth_count');
    expect(error.at).toEqual(locate('model.cutter.inner.inner.tooth_count'));
  });

  it('lets errors of create through', () => {
    const boom = defineEntry('cutter', {
      name: 'Boom',
      options: z.strictObject({}),
      create: () => {
        throw new RangeError('too sharp');
      },
    });
    expect(() => new Registry().build('cutter', { type: boom })).toThrow(new RangeError('too sharp'));
  });
});

describe('errors of a config', () => {
  it.each([
    [{ type: 'Saw', toothCont: 3 }, 'ENGINE_REGISTRY_UNKNOWN_OPTION', 'toothCont = 3', 'rename it to toothCount'],
    [{ type: 'Saw', colour: 'red' }, 'ENGINE_REGISTRY_UNKNOWN_OPTION', 'colour = "red"', 'remove it'],
    [
      { type: 'Saw', grip: { softpad: true } },
      'ENGINE_REGISTRY_UNKNOWN_OPTION',
      'softpad = true',
      'rename it to softPad',
    ],
    [{ type: 'Laser' }, 'ENGINE_REGISTRY_MISSING_OPTION', 'no power', 'add power'],
    [{ type: 'Laser', power: '9' }, 'ENGINE_REGISTRY_BAD_OPTION_TYPE', 'power = "9"', 'give power a number'],
    [
      { type: 'Saw', toothCount: 0 },
      'ENGINE_REGISTRY_BAD_OPTION_VALUE',
      'toothCount = 0',
      'give toothCount a number > 0',
    ],
    [
      { type: 'Saw', toothCount: 1.5 },
      'ENGINE_REGISTRY_BAD_OPTION_VALUE',
      'toothCount = 1.5',
      'give toothCount an integer',
    ],
    [{ type: 'Saw', mode: 'cros' }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE', 'mode = "cros"', 'write "cross"'],
    [
      { type: 'Saw', tooth_count: 1, toothCount: 1 },
      'ENGINE_REGISTRY_BOTH_SPELLINGS',
      'both toothCount and tooth_count',
      'remove tooth_count',
    ],
    [
      { type: 'Swa' },
      'ENGINE_REGISTRY_UNKNOWN_NAME',
      'type = "Swa"',
      "write Saw, or name the package that has Swa in customImports: ['their-package']",
    ],
    [
      { type: 'Oak' },
      'ENGINE_REGISTRY_UNKNOWN_NAME',
      'type = "Oak"',
      "register Oak, name the package that has Oak in customImports: ['their-package'], or pass the class itself as type",
    ],
    [{ type: Oak }, 'ENGINE_REGISTRY_WRONG_KIND', 'type = Oak, which is a handle', 'put a cutter here'],
    [
      { type: 3 },
      'ENGINE_REGISTRY_NOT_AN_ENTRY',
      '3',
      'give the class its own `static entry = defineEntry(...)`, or pass a built object',
    ],
    [
      { blade: 'x' },
      'ENGINE_REGISTRY_MISSING_TYPE',
      '{ blade: "x" }',
      'add type: the name of a registered entry, its class or the entry itself',
    ],
    ['Saw', 'ENGINE_REGISTRY_BAD_CONFIG', 'cutter = "Saw"', 'write it as { type: ... } with its options'],
    [Saw, 'ENGINE_REGISTRY_BAD_CONFIG', 'cutter = the class Saw', 'write it as { type: ... } with its options'],
    [Laser, 'ENGINE_REGISTRY_BAD_CONFIG', 'cutter = the entry Laser', 'write it as { type: ... } with its options'],
    [null, 'ENGINE_REGISTRY_BAD_CONFIG', 'cutter = null', 'give a cutter'],
    [[{ type: 'Saw' }], 'ENGINE_REGISTRY_BAD_CONFIG', 'cutter = [{ type: "Saw" }]', 'give a cutter'],
  ])('%o gives %s', (config, code, received, action) => {
    const error = failure(() => tools().build('cutter', config));
    expect({ code: error.code, action: error.action }).toEqual({ code, action });
    expect(error.received).toBe(received);
    expect(error.exitCode).toBe(2);
  });

  it('says expected, received and what to do, with the place in the file', () => {
    const error = failure(() =>
      tools().build('cutter', { type: 'Saw', toothCont: 3 }, { path: 'model.cutter', locate }),
    );
    expect(error.message).toBe(
      [
        'ENGINE_REGISTRY_UNKNOWN_OPTION  model.cutter.toothCont',
        '  expected  one of the options of Saw (@tools/saw): blade, toothCount, mode, grip, customKeys, inner',
        '  received  toothCont = 3   at cfg.yaml:22:1',
        '  do        rename it to toothCount',
      ].join('\n'),
    );
  });

  it('explains a missing option by the misspelt one beside it', () => {
    expect(failure(() => tools().build('cutter', { type: 'Laser', powr: 1 }))).toMatchObject({
      code: 'ENGINE_REGISTRY_UNKNOWN_OPTION',
      action: 'rename it to power',
    });
  });

  it('does not take the entry of a parent class for that of its child', () => {
    expect(failure(() => tools().build('cutter', { type: BandSaw }))).toMatchObject({
      code: 'ENGINE_REGISTRY_NOT_AN_ENTRY',
      received: 'the class BandSaw, which only inherits the entry of its parent',
    });
  });
});

describe('registering', () => {
  it('refuses a second entry under a name, and says whose it is', () => {
    const other = defineEntry('cutter', {
      name: 'Saw',
      options: z.strictObject({}),
      create: () => ({ blade: '' }),
      module: 'elsewhere',
    });
    const error = failure(() => tools().register(other));
    expect(error).toMatchObject({
      code: 'ENGINE_REGISTRY_DUPLICATE',
      received: 'Saw (elsewhere), but the name belongs to Saw (@tools/saw)',
    });
    const registry = tools();
    expect(registry.register(other, { force: true })).toBe(other);
    expect(registry.get('cutter', 'Saw')).toBe(other);
  });

  it('keeps kinds apart', () => {
    const saw = defineEntry('handle', { name: 'Saw', options: z.strictObject({}), create: () => ({ wood: 'w' }) });
    expect(tools().register(saw)).toBe(saw);
  });

  it.each([
    ['an object that strips', z.object({ lr: z.number() }), 'a schema that accepted the unknown key thisKeyIsUnknown'],
    ['a loose object', z.looseObject({}), 'a schema that accepted the unknown key thisKeyIsUnknown'],
    ['a record', z.record(z.string(), z.number()), 'a schema that accepted the unknown key thisKeyIsUnknown'],
    [
      'a nested object that strips',
      z.strictObject({ a: z.array(z.object({ b: z.number() })) }),
      'a schema whose a[] drops unknown keys',
    ],
  ])('refuses %s', (_name, options, received) => {
    const entry = defineEntry('cutter', {
      name: 'Open',
      options: options as StandardSchemaV1<object, object>,
      create: () => ({ blade: '' }),
    });
    expect(failure(() => new Registry().register(entry))).toMatchObject({
      code: 'ENGINE_REGISTRY_OPEN_SCHEMA',
      received,
    });
  });

  it('refuses what is not an entry', () => {
    for (const item of [class Plain {}, BandSaw, {}, 3, null])
      expect(failure(() => new Registry().register(item)).code).toBe('ENGINE_REGISTRY_NOT_AN_ENTRY');
  });

  it('registers the entries among the exports of a module, once', () => {
    const registry = new Registry();
    const module = { Saw, sawEntry: Saw.entry, BandSaw, Laser, helper: () => 1, version: '1', nothing: undefined };
    expect(registry.registerExports(module)).toEqual([Saw.entry, Laser]);
    expect(registry.registerExports(module)).toEqual([]);
    expect(registry.list('cutter').map((info) => info.name)).toEqual(['Laser', 'Saw']);
  });
});

describe('listing', () => {
  it('shows documentation and options, parents included', () => {
    const registry = new Registry({ scope: 'mine', parent: tools() });
    const [laser, saw] = registry.list('cutter');
    expect(laser).toMatchObject({ name: 'Laser', scope: 'engine', doc: 'Cuts with light.', module: undefined });
    expect(saw?.options?.properties?.toothCount).toMatchObject({ type: 'integer', default: 20 });
    expect(registry.list().map((info) => `${info.kind}/${info.name}`)).toEqual([
      'cutter/Laser',
      'cutter/Saw',
      'handle/Oak',
    ]);
  });
});

describe('scopes', () => {
  it('refuses two children of one scope', () => {
    const parent = new Registry();
    expect(new Registry({ scope: 'a', parent }).root).toBe(parent);
    expect(failure(() => new Registry({ scope: 'a', parent })).code).toBe('ENGINE_REGISTRY_DUPLICATE_SCOPE');
    expect(parent.children.map((child) => child.scope)).toEqual(['a']);
  });

  it('warns when the wanted scope does not exist, and looks up where it is', () => {
    const warnings: string[] = [];
    const logger: Logger = { debug() {}, info() {}, warn: (message) => warnings.push(message), error() {} };
    expect(tools().build('cutter', { type: 'Saw' }, { scope: 'nowhere', logger })).toBeInstanceOf(Saw);
    expect(warnings).toEqual(['There is no registry of the scope nowhere; names are looked up in engine.']);
  });

  it('stays in the scope of a config while its parts are built', () => {
    const root = tools();
    const child = new Registry({ scope: 'det', parent: root });
    child.register(Laser, { names: ['Saw2'] });
    const config = { type: 'Saw', inner: { type: 'Saw2', power: 2 } };
    expect(root.build('cutter', { ...config, _scope_: 'det' })).toMatchObject({ inner: { blade: 'light 2' } });
    expect(failure(() => root.build('cutter', config)).code).toBe('ENGINE_REGISTRY_UNKNOWN_NAME');
  });
});
