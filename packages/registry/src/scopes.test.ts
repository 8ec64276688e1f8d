/** The lookup of names in a tree of scopes, against its rules written down a second time. */
import { defineEntry, EngineError, type Entry, silentLogger } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { Builder } from './build.js';
import { Registry } from './registry.js';
import { splitScope } from './scope.js';

declare module '@engine/core' {
  interface Kinds {
    scoped: string;
  }
}

interface Plan {
  readonly scope: string;
  readonly names: readonly string[];
  readonly children: readonly Plan[];
}

const entries = new Map<string, Entry>();
function entryFor(scope: string, name: string): Entry {
  const key = `${scope}/${name}`;
  const known = entries.get(key);
  const entry = known ?? defineEntry('scoped', { name, options: z.strictObject({}), create: () => key });
  entries.set(key, entry);
  return entry;
}

function grow(plan: Plan, parent?: Registry): Map<Plan, Registry> {
  const registry = new Registry(parent === undefined ? { scope: plan.scope } : { scope: plan.scope, parent });
  for (const name of plan.names) registry.register(entryFor(plan.scope, name));
  return new Map([[plan, registry], ...plan.children.flatMap((child) => [...grow(child, registry)])]);
}

/** Plans from the root down to one of them. */
type Line = readonly Plan[];

function lookUp(line: Line, name: string): string | undefined {
  const [root] = line;
  const own = line.at(-1);
  if (root === undefined || own === undefined) return undefined;
  const [scope, ...rest] = name.split('.');
  if (rest.length === 0) {
    const holder = line.findLast((plan) => plan.names.includes(name));
    return holder === undefined ? undefined : `${holder.scope}/${name}`;
  }
  if (scope === own.scope) return own.names.includes(rest.join('.')) ? `${own.scope}/${rest.join('.')}` : undefined;
  const child = own.children.find((plan) => plan.scope === scope);
  if (child !== undefined) return lookUp([...line, child], rest.join('.'));
  return line.length === 1 ? undefined : lookUp([root], name);
}

function linesOf(plan: Plan, above: Line = []): Line[] {
  const line = [...above, plan];
  return [line, ...plan.children.flatMap((child) => linesOf(child, line))];
}

const name = fc.constantFrom('Net', 'Head', 'Neck');
const leaf = (scope: string): fc.Arbitrary<Plan> =>
  fc.record({ scope: fc.constant(scope), names: fc.uniqueArray(name), children: fc.constant([]) });
const branch = (scope: string, children: readonly fc.Arbitrary<Plan>[]): fc.Arbitrary<Plan> =>
  fc.record({
    scope: fc.constant(scope),
    names: fc.uniqueArray(name),
    children: fc.tuple(...children).chain((all) => fc.subarray(all)),
  });
const tree = branch('core', [branch('det', [leaf('det3d'), leaf('tiny')]), branch('cls', [leaf('tiny')])]);
const wanted = fc
  .tuple(fc.subarray(['core', 'det', 'cls', 'det3d', 'tiny', 'nowhere'], { maxLength: 2 }), name)
  .map(([scopes, last]) => [...scopes, last].join('.'));

describe('a tree of registries', () => {
  it('finds what the rules say, from every place', () => {
    fc.assert(
      fc.property(tree, wanted, (plan, key) => {
        const registries = grow(plan);
        for (const line of linesOf(plan)) {
          const registry = registries.get(line.at(-1) as Plan);
          const found = registry?.get('scoped', key);
          const expected = lookUp(line, key);
          expect(found).toBe(expected === undefined ? undefined : entries.get(expected));
          expect(registry?.has('scoped', key)).toBe(expected !== undefined);
        }
      }),
    );
  });

  it('lists exactly what plain names reach, nearest first', () => {
    fc.assert(
      fc.property(tree, (plan) => {
        const registries = grow(plan);
        for (const line of linesOf(plan)) {
          const listed = registries.get(line.at(-1) as Plan)?.list('scoped') ?? [];
          const reachable = ['Head', 'Neck', 'Net'].flatMap((each) => lookUp(line, each) ?? []);
          expect(listed.map((info) => `${info.scope}/${info.name}`)).toEqual(reachable);
        }
      }),
    );
  });

  it('builds in the scope that is asked for, from anywhere in the tree', () => {
    const root = new Registry({ scope: 'core' });
    const det = new Registry({ scope: 'det', parent: root });
    const cls = new Registry({ scope: 'cls', parent: root });
    det.register(entryFor('det', 'Net'));
    for (const registry of [root, det, cls]) {
      expect(registry.build('scoped', { type: 'Net' }, { scope: 'det' })).toBe('det/Net');
      expect(registry.build('scoped', { type: 'Net', _scope_: 'det' }, { scope: 'cls' })).toBe('det/Net');
      expect(registry.build('scoped', { type: 'det.Net' })).toBe('det/Net');
    }
    expect(() => det.build('scoped', { type: 'Net' }, { scope: 'cls' })).toThrow('ENGINE_REGISTRY_UNKNOWN_NAME');
  });
});

describe('names of scopes', () => {
  it.each([
    ['Net', undefined, 'Net'],
    ['det.Net', 'det', 'Net'],
    ['a.b.Net', 'a', 'b.Net'],
    ['.Net', '', 'Net'],
  ])('%s', (written, scope, rest) => {
    expect(splitScope(written)).toEqual({ scope, name: rest });
  });

  it('may be several for one scope, and no sibling may have any of them', () => {
    const root = new Registry({ scope: 'core', aliases: ['old'] });
    const det = new Registry({ scope: 'det', aliases: ['detection'], parent: root });
    root.register(entryFor('core', 'Net'));
    expect(det.get('scoped', 'old.Net')).toBe(entryFor('core', 'Net'));
    expect(root.find('detection')).toBe(det);
    expect(det.inScope('old')).toBe(root);
    expect(() => new Registry({ scope: 'detection', parent: root })).toThrow('ENGINE_REGISTRY_DUPLICATE_SCOPE');
    expect(() => new Registry({ scope: 'x', aliases: ['det'], parent: root })).toThrow(
      'ENGINE_REGISTRY_DUPLICATE_SCOPE',
    );
  });

  it('come from the packages that claim them', () => {
    const root = new Registry({ scope: 'core' });
    const exports = { registryScope: 'det', Net: entryFor('det', 'Net') };
    expect(root.registerExports(exports)).toEqual([exports.Net]);
    expect(root.registerExports(exports)).toEqual([]);
    expect(root.get('scoped', 'Net')).toBeUndefined();
    expect(root.get('scoped', 'det.Net')).toBe(exports.Net);
    expect(root.build('scoped', { type: 'Net' }, { scope: 'det' })).toBe('det/Net');
    expect(root.listAll('scoped').map((info) => `${info.scope}: ${info.name}`)).toEqual(['det: det.Net']);
    root.registerExports({ registryScope: 'core', Neck: entryFor('core', 'Neck') });
    expect(root.get('scoped', 'Neck')).toBe(entryFor('core', 'Neck'));
  });
});

describe('a scope that is nowhere', () => {
  it('is warned of once for a whole tree, and then looked up in the registry itself', () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
    const root = new Registry({ scope: 'core' });
    const det = new Registry({ scope: 'det', parent: root });
    expect([root, det, det].map((registry) => registry.inScope('x', logger).scope)).toEqual(['core', 'det', 'det']);
    expect(det.inScope(undefined, logger)).toBe(det);
    expect(warnings).toEqual(['There is no registry of the scope x; names are looked up in core.']);
  });
});

describe('paths of another language', () => {
  it('are asked for last, of the root, and only for names with a dot', () => {
    const asked: string[] = [];
    const resolve = (kind: string, path: string) => {
      asked.push(`${kind} ${path}`);
      return path === 'torch.optim.Net' ? entryFor('torch', 'Net') : undefined;
    };
    const root = new Registry({ scope: 'core', resolve });
    const det = new Registry({ scope: 'det', parent: root });
    det.register(entryFor('det', 'Net'));
    expect(det.get('scoped', 'det.Net')).toBe(entryFor('det', 'Net'));
    expect(det.get('scoped', 'Head')).toBeUndefined();
    expect(asked).toEqual([]);
    expect(det.build('scoped', { type: 'torch.optim.Net' })).toBe('torch/Net');
    expect(det.has('scoped', 'torch.optim.Gone')).toBe(false);
    expect(asked).toEqual(['scoped torch.optim.Net', 'scoped torch.optim.Gone']);
  });
});

describe('a builder of a kind', () => {
  const list: Builder<'scoped'> = (config, { build }) =>
    Array.isArray(config) ? config.map((item) => build(item)).join('+') : build(config);

  it('is asked instead of the entry, by children too, unless they have their own', () => {
    const root = new Registry({ scope: 'core', builders: { scoped: list } });
    const det = new Registry({ scope: 'det', parent: root });
    const plain = new Registry({
      scope: 'plain',
      parent: root,
      builders: { scoped: (config, { build }) => build(config) },
    });
    for (const registry of [root, det]) registry.register(entryFor(registry.scope, 'Net'));
    expect(det.build('scoped', [{ type: 'Net' }, { type: 'core.Net' }])).toBe('det/Net+core/Net');
    expect(root.build('scoped', [{ type: 'Net' }], { scope: 'det' })).toBe('det/Net');
    expect(() => plain.build('scoped', [{ type: 'Net' }])).toThrow('ENGINE_REGISTRY_BAD_CONFIG');
    expect(plain.build('scoped', { type: 'Net' })).toBe('core/Net');
  });

  it('is told which registry was asked, and with which options', () => {
    const seen: unknown[] = [];
    const spy: Builder<'scoped'> = (config, { registry, options, build }) => {
      seen.push([registry.scope, options.path]);
      return build(config, { ...options, defaults: { type: 'Net' } });
    };
    const root = new Registry({ scope: 'core', builders: { scoped: spy } });
    const det = new Registry({ scope: 'det', parent: root });
    det.register(entryFor('det', 'Net'));
    expect(det.build('scoped', {}, { path: 'model', scope: 'det' })).toBe('det/Net');
    expect(seen).toEqual([['det', 'model']]);
  });
});

describe('a name that is nowhere', () => {
  const grown = (): Registry => {
    const root = new Registry();
    const det = new Registry({ scope: 'mmdet', parent: root });
    for (const each of ['Net', 'Neck']) root.register(entryFor('core', each));
    det.register(entryFor('det', 'Detector'));
    return det;
  };
  const failure = (registry: Registry, type: string): EngineError => {
    try {
      registry.build('scoped', { type });
    } catch (error) {
      if (error instanceof EngineError) return error;
    }
    throw new Error('no coded error');
  };

  it.each([
    [
      'Nck',
      'one of the scoped entries in the scopes mmdet, engine: Neck, Net, Detector',
      /^write Neck, or name the package that has Nck in customImports/,
    ],
    ['engine.Detector', 'one of the scoped entries in the scope engine: Neck, Net', /^write mmdet\.Detector, or /],
    [
      'mmdet.Detectr',
      'one of the scoped entries in the scope mmdet: Detector',
      /^write mmdet\.Detector, or name a package with the entries of mmdet, which itself is Python/,
    ],
    [
      'mmpose.Pose',
      'a registered scoped; none is registered in the scope mmpose',
      /^register mmpose\.Pose, name a package with the entries of mmpose/,
    ],
    ['their.Thing', 'a registered scoped; none is registered in the scope their', /customImports: \['their-package'\]/],
  ])('%s: tells the scopes that were searched, near names and where it may come from', (type, expected, action) => {
    const error = failure(grown(), type);
    expect(error.code).toBe('ENGINE_REGISTRY_UNKNOWN_NAME');
    expect(error.expected).toBe(expected);
    expect(error.action).toMatch(action);
    if (/^(mmpose|their)/.test(type))
      expect(error.received).toContain(`no registry of the scope ${splitScope(type).scope}`);
  });

  it('among many is shown with the nearest dozen', () => {
    const registry = new Registry();
    for (let i = 0; i < 40; i += 1) registry.register(entryFor('core', `Block${i}`));
    expect(failure(registry, 'Blok7').expected).toMatch(/: Block7, .*, and 28 more$/);
  });
});
