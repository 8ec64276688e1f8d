/** The lookup of names in a tree of scopes, against its rules written down a second time. */
import { defineEntry, type Entry } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Registry } from './registry.js';

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
