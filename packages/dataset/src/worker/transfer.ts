/** How the parts of a loader travel to another thread: as module, export and options, from which they are built again there. */
import { type Entry, entryOf, isPlainObject, type Kind, type Recipe } from '@engine/core/plain';
import { toCamelCase } from '@engine/registry';
import { datasetErrors } from '../errors.js';

/** Something that a module exports: an entry, a class with one, a function that makes the thing from `options`, or the thing itself. */
export interface ModuleSource {
  /** File URL (`import.meta.url`), absolute path, or package. */
  readonly module: string | URL;
  readonly export: string;
  /** Plain data. Default: none. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

interface ExportRef {
  readonly module: string;
  readonly export: string;
}

/** A recipe as plain data. */
export interface Wire extends ExportRef {
  readonly options: Readonly<Record<string, unknown>>;
  /** Configs inside the options: where each stands, and what its `type` is. */
  readonly inside: readonly (ExportRef & { readonly path: readonly string[] })[];
}

/** What travels, and what to call it in messages. */
export interface Subject {
  readonly kind: Kind;
  /** The option that holds it, `dataset`. */
  readonly option: string;
  readonly name: string;
}

/**
 * Plain data from which a worker makes the thing again.
 * @throws `ENGINE_DATASET_NOT_TRANSFERABLE` with the path of what cannot travel
 */
export function wireOf(source: Recipe | ModuleSource | undefined, subject: Subject): Wire {
  if (source === undefined) throw notTransferable(subject, 'an object that is built already');
  const wire = 'entry' in source ? new Packer(subject, source).wire() : new Packer(subject).wireOfModule(source);
  try {
    structuredClone(wire);
  } catch (cause) {
    throw notTransferable(subject, cause instanceof Error ? cause.message : String(cause));
  }
  return wire;
}

class Packer {
  readonly #subject: Subject;
  readonly #recipe: Recipe | undefined;
  /** By path, in camelCase: what was built from the config there. */
  readonly #built = new Map<string, Recipe>();
  readonly #inside: (ExportRef & { readonly path: readonly string[] })[] = [];

  constructor(subject: Subject, recipe?: Recipe) {
    this.#subject = subject;
    this.#recipe = recipe;
    if (recipe !== undefined) this.#collect(recipe, []);
  }

  wire(): Wire {
    const recipe = this.#recipe as Recipe;
    const options = this.#fields(recipe.options, []);
    return { ...this.#ref(recipe.entry, []), options, inside: this.#inside };
  }

  wireOfModule({ module, export: name, options = {} }: ModuleSource): Wire {
    return { module: String(module), export: name, options: this.#fields(options, []), inside: this.#inside };
  }

  #collect({ nested }: Recipe, path: readonly string[]): void {
    for (const [key, recipe] of nested) {
      const below = [...path, ...key.split('.')];
      this.#built.set(keyOf(below), recipe);
      this.#collect(recipe, below);
    }
  }

  #value(value: unknown, path: readonly string[]): unknown {
    if (typeof value === 'function' || typeof value === 'symbol')
      throw notTransferable(this.#subject, `a ${typeof value} at ${path.join('.')}`, path);
    if (typeof value !== 'object' || value === null || isData(value)) return value;
    if (Array.isArray(value)) return value.map((item, i) => this.#value(item, [...path, String(i)]));
    if (!isPlainObject(value))
      throw notTransferable(this.#subject, `a built ${value.constructor?.name ?? 'object'} at ${path.join('.')}`, path);
    const entry = this.#built.get(keyOf(path))?.entry ?? entryOf(value.type);
    if (entry === undefined) return this.#fields(value, path);
    this.#inside.push({ path, ...this.#ref(entry, path) });
    const { type: _type, _scope_, ...rest } = value;
    return this.#fields(rest, path);
  }

  #fields(fields: Readonly<Record<string, unknown>>, path: readonly string[]): Record<string, unknown> {
    return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, this.#value(value, [...path, key])]));
  }

  #ref(entry: Entry, path: readonly string[]): ExportRef {
    if (entry.module !== undefined) return { module: entry.module, export: entry.export };
    const at = path.length === 0 ? '' : ` at ${path.join('.')}`;
    throw datasetErrors.NOT_TRANSFERABLE({
      subject: `${this.#subject.option}${path.map((part) => `.${part}`).join('')}: ${entry.name}`,
      expected: 'an entry that says which module exports it, so that worker threads can import it',
      received: `the ${entry.kind} ${entry.name}${at} without \`module\``,
      action: `export it and add \`module: import.meta.url, export: '${entry.name}'\` where it is defined, or set numWorkers: 0`,
    });
  }
}

function keyOf(path: readonly string[]): string {
  return path.map(toCamelCase).join('.');
}

/** What structured clones copy whole. */
function isData(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer ||
    value instanceof SharedArrayBuffer ||
    value instanceof Date ||
    value instanceof RegExp ||
    value instanceof Map ||
    value instanceof Set
  );
}

function notTransferable({ kind, option, name }: Subject, received: string, path: readonly string[] = []): Error {
  const inner = path.length > 0;
  return datasetErrors.NOT_TRANSFERABLE({
    subject: `${option}${path.map((part) => `.${part}`).join('')}: ${name}`,
    expected: `a ${kind} that worker threads can build again: { type: ${exampleName(name)}, ... } whose entry names its module and export`,
    received,
    action: inner
      ? 'write it as a config, { type: ..., ... }, not as a built object or a function; or set numWorkers: 0'
      : `give the config instead of the object (export \`${exampleName(name)}\` with an entry that has \`module: import.meta.url\`); without a config pass \`rebuild: { ${option}: { module: import.meta.url, export: '${exampleName(name)}', options: {} } }\`; or set numWorkers: 0`,
  });
}

function exampleName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : 'MyDataset';
}
