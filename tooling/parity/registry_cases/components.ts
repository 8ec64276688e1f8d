/** The components that registry cases register, as entries; and how results name them. */
import { defineEntry, type Entry, type StandardSchemaV1 } from '@engine/core';
import * as z from 'zod/mini';

declare module '@engine/core' {
  interface Kinds {
    component: unknown;
  }
}

/** What `Angry` throws from its constructor: nobody may dress it up. */
export class Anger extends Error {
  override readonly name = 'Anger';
}

const anything = z.custom<string | number | object | null>((value) => value !== undefined);

function classLike(name: string): Entry<'component'> {
  const options = z.strictObject({
    depth: z._default(z.nullable(anything), 0),
    width: z._default(z.nullable(anything), 0),
  });
  return defineEntry('component', {
    name,
    options: options as StandardSchemaV1<object, Record<string, unknown>>,
    create: (args) => ({
      built: name,
      args: Object.fromEntries(Object.entries(args).filter(([, value]) => value !== 0)),
    }),
  });
}

const makePair = defineEntry('component', {
  name: 'make_pair',
  options: z.strictObject({ x: anything, y: anything }),
  create: ({ x, y }) => [x, y],
});

const angry = defineEntry('component', {
  name: 'Angry',
  options: z.strictObject({ why: z._default(anything, '') }),
  create: ({ why }) => {
    throw new Anger(String(why));
  },
});

const classes = ['Net', 'Other', 'Base', 'Shared', 'Shared2', 'Det', 'Cls', 'Deep'].map(classLike);

export const components: ReadonlyMap<string, Entry<'component'>> = new Map(
  [...classes, makePair, angry].map((entry) => [entry.name, entry]),
);

/** What a component file may register that is none: `<int>` stands for a number. */
export function componentOf(name: string): unknown {
  return components.get(name) ?? (name === '<int>' ? 3 : name);
}

/** Callables of Python's standard library: what its import system would find where a registry finds nothing. */
const importable: Readonly<Record<string, readonly string[]>> = {
  builtins: ['dict', 'list', 'set', 'tuple', 'int', 'float', 'str', 'bool', 'object'],
  collections: ['OrderedDict', 'Counter', 'ChainMap', 'UserDict', 'UserList', 'UserString', 'defaultdict', 'deque'],
  datetime: ['date', 'datetime', 'time', 'timedelta', 'timezone'],
  decimal: ['Decimal', 'Context'],
  fractions: ['Fraction'],
  io: ['BytesIO', 'StringIO'],
  logging: ['Formatter', 'Handler', 'Logger', 'StreamHandler'],
  pathlib: ['Path', 'PurePath', 'PosixPath', 'PurePosixPath'],
  queue: ['Queue', 'LifoQueue', 'PriorityQueue'],
  random: ['Random', 'SystemRandom'],
  string: ['Formatter', 'Template'],
  threading: ['Barrier', 'Condition', 'Event', 'Lock', 'Thread'],
  types: ['SimpleNamespace', 'MappingProxyType'],
  uuid: ['UUID'],
};

/** What `importlib` is to the reference's registries: dotted paths that nothing is registered under. */
export function importPath(path: string): Entry<'component'> | undefined {
  const dot = path.lastIndexOf('.');
  const name = path.slice(dot + 1);
  if (importable[path.slice(0, dot)]?.includes(name) !== true) return undefined;
  return defineEntry('component', { name, options: z.strictObject({}), create: () => ({ built: name }) });
}
