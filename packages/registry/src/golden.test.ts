/** The recorded registry behaviour of the reference, as far as it has a meaning for a registry of entries. */
import { readFileSync } from 'node:fs';
import { defineEntry, EngineError, type Entry } from '@engine/core';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { Registry } from './registry.js';

interface Built {
  readonly built: string;
  readonly args: Record<string, number>;
}

declare module '@engine/core' {
  interface Kinds {
    goldenNet: Built | readonly number[];
  }
}

interface Step {
  readonly do: string;
  readonly id?: string;
  readonly scope?: string;
  readonly parent?: string;
  readonly registry?: string;
  readonly component?: string;
  readonly names?: unknown;
  readonly force?: unknown;
  readonly key?: string;
  readonly cfg?: unknown;
  readonly default_args?: Record<string, unknown>;
  readonly expect: { readonly result?: unknown; readonly error?: { readonly type: string } };
}

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

const file = new URL('../../../tooling/golden/config/registry_cases.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: readonly Case[] };

/** Why a case has no counterpart here; a case that no rule names must pass. */
function notApplicable({ name, steps }: Case): string | undefined {
  if (steps.some((step) => step.force === 1 || step.names === 5))
    return 'a wrong argument type, which the compiler refuses';
  if (name === 'custom_build_func_inherited')
    return "how a kind is built is its entries' `create`; there is no build function of a registry";
  if (name === 'infer_scope') return 'a scope is given, never guessed from the call stack';
  if (name === 'build_full_dotted_name') return 'Python import paths belong to the reader of .py configs';
  return undefined;
}

const kind = 'goldenNet';

function classLike(name: string): Entry<typeof kind> {
  const options = z.strictObject({ depth: z._default(z.number(), 0), width: z._default(z.number(), 0) });
  const create = (args: Record<string, number>) => ({
    built: name,
    args: Object.fromEntries(Object.entries(args).filter(([, value]) => value !== 0)),
  });
  return defineEntry(kind, { name, options, create });
}

const makePair = defineEntry(kind, {
  name: 'make_pair',
  options: z.strictObject({ x: z.number(), y: z.number() }),
  create: ({ x, y }) => [x, y],
});
const components = new Map<string, unknown>([
  ...['Net', 'Other', 'Base', 'Shared', 'Shared2', 'Det', 'Cls', 'Deep'].map(
    (name) => [name, classLike(name)] as const,
  ),
  ['make_pair', makePair],
  ['<int>', 3],
]);

const codes: Readonly<Record<string, readonly string[]>> = {
  KeyError: ['ENGINE_REGISTRY_DUPLICATE', 'ENGINE_REGISTRY_MISSING_TYPE', 'ENGINE_REGISTRY_UNKNOWN_NAME'],
  TypeError: ['ENGINE_REGISTRY_NOT_AN_ENTRY', 'ENGINE_REGISTRY_BAD_CONFIG', 'ENGINE_REGISTRY_UNKNOWN_OPTION'],
  AssertionError: ['ENGINE_REGISTRY_DUPLICATE_SCOPE'],
};

class Replay {
  readonly #registries = new Map<string, Registry>();
  #defaultScope: string | undefined;

  run(step: Step): unknown {
    const registry = this.#registries.get(step.registry ?? '') ?? new Registry();
    switch (step.do) {
      case 'registry':
        return this.#make(step);
      case 'register':
        return this.#component(registry.register(components.get(step.component ?? ''), this.#registerOptions(step)));
      case 'get':
        return this.#component(registry.get(kind, step.key ?? ''));
      case 'contains':
        return registry.has(kind, step.key ?? '');
      case 'build':
        return registry.build(kind, this.#config(step.cfg), {
          defaults: step.default_args ?? {},
          scope: this.#defaultScope,
        });
      case 'build_keep':
        registry.build(kind, step.cfg);
        return step.cfg;
      case 'default_scope':
        this.#defaultScope = step.scope;
        return 'ok';
      case 'info':
        return this.#info(registry);
      default:
        throw new Error(`no replay for ${step.do}`);
    }
  }

  #make({ id = '', scope = '', parent }: Step): string {
    const above = this.#registries.get(parent ?? '');
    this.#registries.set(id, new Registry(above === undefined ? { scope } : { scope, parent: above }));
    return 'ok';
  }

  #registerOptions({ names, force }: Step): { names?: string[]; force?: boolean } {
    return {
      ...(names === undefined ? {} : { names: [names].flat() as string[] }),
      ...(force === true ? { force } : {}),
    };
  }

  #component(found: unknown): unknown {
    const name = [...components].find(([, entry]) => entry === found)?.[0];
    return name === undefined ? null : { component: name };
  }

  #config(config: unknown): unknown {
    if (typeof config !== 'object' || config === null || !('type' in config)) return config;
    const component = /^<class (\w+)>$/.exec(String(config.type))?.[1];
    return component === undefined ? config : { ...config, type: components.get(component) };
  }

  /** The reference's registries are named after the one kind that they hold (and `parent` was recorded as null throughout). */
  #info(registry: Registry): object {
    const names = registry.list(kind).filter((info) => info.scope === registry.scope);
    return {
      scope: registry.scope,
      size: names.length,
      names: names.map((info) => info.name),
      children: registry.children.map((child) => child.scope).sort(),
      root: registry.root.scope,
    };
  }
}

function outcome(run: () => unknown): { result: unknown } | { error: string } {
  try {
    return { result: run() };
  } catch (error) {
    if (error instanceof EngineError) return { error: error.code };
    throw error;
  }
}

describe('recorded registry cases', () => {
  const applicable = cases.filter((each) => notApplicable(each) === undefined);

  it('cover nearly everything', () => {
    expect(cases.length).toBe(33);
    expect(cases.filter((each) => notApplicable(each) !== undefined).map((each) => each.name)).toEqual([
      'register_force_not_bool',
      'register_name_not_str',
      'infer_scope',
      'custom_build_func_inherited',
      'build_full_dotted_name',
    ]);
  });

  it.each(applicable)('$name', ({ steps }) => {
    const replay = new Replay();
    for (const step of steps) {
      const got = outcome(() => replay.run(step));
      if (step.expect.error !== undefined) {
        expect(got).toHaveProperty('error');
        expect(codes[step.expect.error.type]).toContain((got as { error: string }).error);
      } else if (step.do === 'info') {
        const { name: _name, parent: _parent, ...expected } = step.expect.result as Record<string, unknown>;
        expect(got).toEqual({ result: expected });
      } else {
        expect(got).toEqual({ result: step.expect.result });
      }
    }
  });
});
