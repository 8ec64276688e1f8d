import { isPlainObject, type SourceLocation } from '@engine/core/plain';
import { requireDepth } from '../depth.js';
import { madeOf } from '../extend.js';
import { joinBases, mergeNodes } from '../merge.js';
import type { ModuleTracer } from '../module-tracer.js';
import type { ConfigReader } from '../reader.js';
import { Declarations } from '../structure.js';
import { isOneValue, type MapNode, mapNode, type Node } from '../tree.js';
import type { Placed, Shape } from './shapes.js';
import { SourceModule } from './source-module.js';

/**
 * Finds the places of values in modules by parsing their source; base configs that a module imports are found in their own files, by the
 * identity of their objects. The parser is loaded by this call.
 */
export async function moduleTracer(reader: ConfigReader): Promise<ModuleTracer> {
  const { parseSync } = await import('oxc-parser');
  const tracer = new Tracer(reader, (file, text) => new SourceModule(file, text, parseSync(file, text).program));
  return { trace: (file, value) => tracer.trace(file, value) };
}

type Parse = (file: string, text: string) => SourceModule;

class Tracer {
  readonly #reader: ConfigReader;
  readonly #parse: Parse;
  readonly #modules = new Map<string, Promise<SourceModule | undefined>>();
  /** Objects that modules export, with what their source says of them. */
  readonly #shapes = new WeakMap<object, Shape>();

  constructor(reader: ConfigReader, parse: Parse) {
    this.#reader = reader;
    this.#parse = parse;
  }

  async trace(file: string, value: unknown): Promise<Node> {
    const module = await this.#module(file);
    return this.#node(value, { at: { file }, shape: module?.shapeOfExport('default') });
  }

  #module(file: string): Promise<SourceModule | undefined> {
    const known = this.#modules.get(file) ?? this.#load(file);
    this.#modules.set(file, known);
    return known;
  }

  async #load(file: string): Promise<SourceModule | undefined> {
    const text = await this.#reader.readText(file);
    if (text === undefined) return undefined;
    const module = this.#parse(file, text);
    for (const specifier of module.specifiers) {
      const target = await this.#find(specifier, file);
      const linked = target === undefined ? undefined : await this.#linked(target);
      if (linked !== undefined) module.linked.set(specifier, linked);
    }
    const exports = (await this.#reader.importModule?.(file)) ?? {};
    for (const name of module.exported) this.#remember(exports[name], module.shapeOfExport(name));
    return module;
  }

  /** A module that is being loaded already imports this one in turn; it cannot be waited for. */
  async #linked(file: string): Promise<SourceModule | undefined> {
    return this.#modules.has(file) ? Promise.race([this.#modules.get(file), nextTurn()]) : this.#module(file);
  }

  async #find(specifier: string, from: string): Promise<string | undefined> {
    const path = this.#reader.resolve(specifier, from);
    const candidates = [path, path.replace(/js$/, 'ts'), ...['.ts', '.mts', '.js', '.mjs'].map((end) => path + end)];
    for (const candidate of candidates) {
      if (!/\.m?[jt]s$/.test(candidate)) continue;
      if ((await this.#reader.readText(candidate).catch(() => undefined)) !== undefined) return candidate;
    }
    return undefined;
  }

  #remember(value: unknown, shape: Shape | undefined, depth = 0): void {
    if (shape === undefined || typeof value !== 'object' || value === null) return;
    requireDepth(depth, undefined);
    if (!this.#shapes.has(value)) this.#shapes.set(value, shape);
    if (shape.kind === 'extended') {
      const recipe = madeOf(value);
      for (const [index, base] of (recipe?.bases ?? []).entries()) this.#remember(base, shape.bases[index], depth + 1);
      this.#remember(recipe?.config, shape.patch, depth + 1);
    }
    for (const [key, { shape: below }] of placesIn(shape)) {
      this.#remember((value as Record<string, unknown>)[key], below, depth + 1);
    }
  }

  #node(value: unknown, { at, shape }: Placed, depth = 0): Node {
    requireDepth(depth, at);
    const recipe = isPlainObject(value) ? madeOf(value) : undefined;
    if (recipe !== undefined) return this.#extended(recipe, at, depth);
    if (Array.isArray(value)) {
      const items = value.map((item, index) => this.#node(item, this.#placeOf(value, index, { at, shape }), depth + 1));
      return { kind: 'list', items, at, origin: value };
    }
    if (!isPlainObject(value) || isOneValue(value))
      return { kind: 'value', value, at, note: shape === undefined ? 'computed' : undefined };
    const present = Object.entries(value).filter(([, item]) => item !== undefined);
    const entries = present.map(
      ([key, item]) => [key, this.#node(item, this.#placeOf(value, key, { at, shape }), depth + 1)] as const,
    );
    return mapNode(new Map(entries), at);
  }

  #extended(recipe: NonNullable<ReturnType<typeof madeOf>>, at: SourceLocation, depth: number): Node {
    const declarations = Declarations.of(undefined);
    const place = { at, shape: undefined };
    const bases = recipe.bases.map((base) => asMap(this.#node(base, place, depth + 1)));
    const patch = asMap(this.#node(recipe.config, place, depth + 1));
    return mergeNodes(joinBases(bases, declarations), patch, { declarations, listKeys: false });
  }

  /** Where an element of `parent` was written: as the source of the object itself says, else as the source of where it was put. */
  #placeOf(parent: object, key: string | number, at: Placed): Placed {
    const known = this.#shapes.get(parent) ?? at.shape;
    const found = known && placesIn(known).get(key);
    const rest = known?.kind === 'object' ? known.rest : undefined;
    return found ?? { at: rest ?? at.at, shape: undefined };
  }
}

function placesIn(shape: Shape): ReadonlyMap<string | number, Placed> {
  if (shape.kind === 'object') return shape.entries;
  return new Map<number, Placed>(shape.kind === 'list' ? shape.items.entries() : []);
}

function asMap(node: Node): MapNode {
  return node.kind === 'map' ? node : mapNode(new Map(), undefined);
}

async function nextTurn(): Promise<undefined> {
  await new Promise((resolve) => setTimeout(resolve));
  return undefined;
}
