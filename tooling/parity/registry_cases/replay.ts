/** Carries the steps of one registry case out on real registries. Only what is Python's own shape is adapted here. */
import { entryOf } from '@engine/core';
import { type Builder, Registry, splitScope } from '@engine/registry';
import { componentOf, components, importPath } from './components.js';
import { type ExpectedError, RefusedByCompiler } from './errors.js';

export interface Step {
  readonly do: string;
  readonly id?: string;
  readonly name?: string;
  readonly scope?: unknown;
  readonly scopes?: readonly (string | null)[];
  readonly inner?: string | null;
  readonly parent?: string | null;
  readonly build_func?: string | null;
  readonly registry?: string;
  readonly component?: string;
  readonly names?: unknown;
  readonly force?: unknown;
  readonly key?: unknown;
  readonly cfg?: unknown;
  readonly default_args?: unknown;
  readonly module?: string;
  readonly expect: { readonly result?: unknown; readonly error?: ExpectedError };
}

/** A registry as a case knows it. */
interface Known {
  readonly id: string;
  readonly name: string;
  readonly registry: Registry;
}

/** What is current inside a scope switch. */
export interface Current {
  readonly defaultScope: string | undefined;
  readonly id: string;
  readonly name: string;
  readonly scope: string;
}

const KIND = 'component';

export class Replay {
  readonly #known: Known[] = [];
  #defaultScope: string | undefined;

  run(step: Step): unknown {
    switch (step.do) {
      case 'registry':
        return this.#make(step);
      case 'register':
        return this.#register(step);
      case 'get':
        return nameOf(this.#registry(step).get(KIND, text(step.key)));
      case 'contains':
        return this.#registry(step).has(KIND, text(step.key));
      case 'build':
        return this.#build(step);
      case 'build_keep':
        this.#build(step);
        return step.cfg;
      case 'default_scope':
        this.#defaultScope = text(step.scope);
        return 'ok';
      case 'switch_scope':
        return this.#switch(this.#registry(step), step.scope).current;
      case 'switch_nested':
        return this.#switchNested(step);
      case 'info':
        return this.#info(this.#registry(step));
      case 'infer_scope':
        return splitScope(step.module ?? '').scope ?? step.module;
      case 'split':
        return scopeAndName(text(step.key));
      default:
        throw new Error(`nothing replays the step ${step.do}`);
    }
  }

  #registry({ registry }: Step): Registry {
    const known = this.#known.find(({ id }) => id === registry);
    if (known === undefined) throw new Error(`the case has no registry ${registry}`);
    return known.registry;
  }

  #make({ id = '', name = id, scope, parent, build_func }: Step): string {
    if (scope !== undefined && scope !== null && typeof scope !== 'string')
      throw new RefusedByCompiler('AssertionError', `scope should be a text, got ${JSON.stringify(scope)}`);
    const above = this.#known.find((known) => known.id === parent)?.registry;
    const builders = builderNamed(build_func, (registry) => this.#nameOf(registry));
    const registry = new Registry({
      ...(typeof scope === 'string' && { scope }),
      ...(above !== undefined && { parent: above }),
      ...(builders !== undefined && { builders: { [KIND]: builders } }),
      resolve: (_kind, path) => importPath(path),
    });
    this.#known.push({ id, name, registry });
    return 'ok';
  }

  #nameOf(registry: Registry): string {
    return this.#known.find((known) => known.registry === registry)?.name ?? registry.scope;
  }

  #register(step: Step): unknown {
    const { names, force, component = '' } = step;
    if (force !== undefined && typeof force !== 'boolean')
      throw new RefusedByCompiler('TypeError', `force must be a boolean, but got ${JSON.stringify(force)}`);
    if (!isNames(names))
      throw new RefusedByCompiler('TypeError', `name must be a text or texts, but got ${String(names)}`);
    const item = this.#registry(step).register(componentOf(component), {
      ...(names !== undefined && names !== null && { names: [names].flat() }),
      ...(force !== undefined && { force }),
    });
    return nameOf(item);
  }

  #build(step: Step): unknown {
    const { default_args: defaults } = step;
    if (defaults !== undefined && defaults !== null && (typeof defaults !== 'object' || Array.isArray(defaults)))
      throw new RefusedByCompiler('TypeError', `default_args should be a dict, but got ${JSON.stringify(defaults)}`);
    return this.#registry(step).build(KIND, withClass(step.cfg), {
      defaults: withClass(defaults ?? {}) as Record<string, unknown>,
      scope: this.#defaultScope,
    });
  }

  /** `switch_scope_and_registry`: the default scope that holds inside, and where names are looked up. */
  #switch(from: Registry, scope: unknown, outside = this.#defaultScope): { registry: Registry; current: Current } {
    const defaultScope = typeof scope === 'string' ? scope : outside;
    const registry = from.inScope(defaultScope);
    const known = this.#known.find((each) => each.registry === registry);
    return {
      registry,
      current: { defaultScope, id: known?.id ?? '', name: known?.name ?? '', scope: registry.scope },
    };
  }

  /** What is current in the outer switch, in the inner one, in the outer one again, and after both. */
  #switchNested(step: Step): Current[] {
    const from = this.#registry(step);
    const scopes = step.scopes ?? [step.scope, step.inner];
    const entered: Current[] = [];
    let outside = this.#defaultScope;
    for (const scope of scopes) {
      const { current } = this.#switch(from, scope, outside);
      entered.push(current);
      outside = current.defaultScope;
    }
    return [...entered, ...entered.slice(0, -1).toReversed(), this.#switch(from, undefined).current];
  }

  /** The reference's registries hold one kind and are named after it; a registry here holds all kinds. */
  #info(registry: Registry): object {
    const names = registry.list(KIND).filter((info) => info.scope === registry.scope);
    return {
      name: this.#nameOf(registry),
      scope: registry.scope,
      size: names.length,
      names: names.map((info) => info.name),
      children: registry.children.map((child) => child.scope).sort(),
      parent: registry.parent === undefined ? null : this.#nameOf(registry.parent),
      root: registry.root.scope,
    };
  }
}

function builderNamed(
  name: string | null | undefined,
  labelOf: (registry: Registry) => string,
): Builder<typeof KIND> | undefined {
  if (name === undefined || name === null) return undefined;
  if (name === 'plain') return (config, { build }) => build(config);
  if (name !== 'upper') throw new Error(`nothing stands for the build function ${name}`);
  return (config, { registry }) => ['upper', (config as { type?: unknown }).type, labelOf(registry)];
}

/** `"<class Net>"` stands for the class itself. */
function withClass(config: unknown): unknown {
  if (typeof config !== 'object' || config === null || !('type' in config)) return config;
  const name = /^<(?:class|function) (\w+)>$/.exec(String(config.type))?.[1];
  return name === undefined ? config : { ...config, type: components.get(name) ?? config.type };
}

function nameOf(found: unknown): unknown {
  const entry = entryOf(found);
  return entry === undefined ? null : { component: entry.name };
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new RefusedByCompiler('TypeError', `expected a text, got ${JSON.stringify(value)}`);
}

function isNames(names: unknown): names is string | readonly string[] | null | undefined {
  return names === undefined || names === null || [names].flat().every((name) => typeof name === 'string');
}

function scopeAndName(key: string): [string | null, string] {
  const { scope, name } = splitScope(key);
  return [scope ?? null, name];
}
