/** Loads a config in MMEngine's new style: bases are imported, and so are the classes that it names, which stay names. */
import { dirname, join, resolve } from 'node:path';
import { mmcompatErrors } from '../errors.js';
import { coded } from '../failure.js';
import { Interpreter } from '../run/interpreter.js';
import { Scope } from '../run/scope.js';
import type { Import, ImportFrom, Module, Spanned, Statement } from '../syntax/ast.js';
import { walk } from '../syntax/walk.js';
import { ConfigDict } from '../values/config-dict.js';
import { PyDict } from '../values/dict.js';
import { keyError } from '../values/exception.js';
import { LazyObject } from '../values/lazy.js';
import { PyTuple, type PyValue } from '../values/value.js';
import { LazyImporter } from './importers.js';
import { isBaseAssignment, isReadBase, isStandardModule, otherWith } from './is-new-style.js';
import type { ConfigLoader } from './loader.js';

export interface LazyLoaded {
  readonly dict: ConfigDict;
  readonly importedNames: ReadonlySet<string>;
}

export function loadLazy(file: string, loader: ConfigLoader, chain: readonly string[]): LazyLoaded {
  return coded(file, () => new LazyFile(file, loader, chain).load());
}

class LazyFile {
  readonly #file: string;
  readonly #loader: ConfigLoader;
  readonly #chain: readonly string[];
  readonly #module: Module;
  readonly #imported = new Set<string>();

  constructor(file: string, loader: ConfigLoader, chain: readonly string[]) {
    loader.enter(file, chain);
    this.#file = file;
    this.#loader = loader;
    this.#chain = chain;
    this.#module = loader.parse(file, chain);
  }

  load(): LazyLoaded {
    const { body, baseImports } = this.#split();
    const bases = new Map<string, LazyLoaded>();
    for (const node of baseImports) {
      const path = pathOf(node);
      if (!bases.has(path)) bases.set(path, loadLazy(this.#baseFile(node), this.#loader, [...this.#chain, this.#file]));
    }
    this.#loader.visited.add(this.#file);
    for (const { importedNames } of bases.values()) for (const name of importedNames) this.#imported.add(name);
    const globals = new Scope();
    const set = (name: string, value: PyValue) => globals.names.set(name, { value, site: undefined });
    set('__name__', 'builtins');
    set('__file__', this.#file);
    for (const node of walk({ ...this.#module, body })) {
      if (node.kind === 'ImportFrom') this.#bindFrom(node, bases.get(pathOf(node))?.dict, globals);
      else if (node.kind === 'Import') this.#checkImport(node);
    }
    for (const [name, value] of gatheredImports(body)) {
      set(name, value);
      this.#imported.add(name);
    }
    const statements = body.filter((node) => !(node.kind === 'Import' && isGathered(node)));
    new Interpreter(this.#module.source, this.#loader, new LazyImporter(this.#loader, bases)).run(
      { body: statements },
      globals,
    );
    const dict = new ConfigDict();
    for (const [name, { value, site }] of globals.names) {
      if (name.startsWith('__')) continue;
      this.#loader.budget.whole(value);
      dict.put({ key: name, value: asConfig(value), site });
    }
    return { dict, importedNames: this.#imported };
  }

  /** The statements without the first `with read_base()`, whose imports stand in its place. */
  #split(): { readonly body: readonly Statement[]; readonly baseImports: readonly ImportFrom[] } {
    const { body, source } = this.#module;
    for (const [index, node] of body.entries()) {
      if (isBaseAssignment(node)) {
        throw mmcompatErrors.MIXED_STYLES({
          subject: this.#file,
          expected: 'a new-style config, which names its bases in `with read_base():`',
          received: '`_base_ =`',
          action: 'use read_base, or import nothing but Python’s own modules',
          at: source.locate(node.start),
        });
      }
      if (node.kind !== 'With') continue;
      if (!isReadBase(node.items[0]?.context) || node.items.length > 1) throw otherWith(node, this.#module, this.#file);
      const baseImports = node.body.map((inner) => this.#baseImport(inner));
      return { body: [...body.slice(0, index), ...node.body, ...body.slice(index + 1)], baseImports };
    }
    return { body, baseImports: [] };
  }

  #baseImport(node: Statement): ImportFrom {
    if (node.kind === 'ImportFrom' && node.module !== '') return node;
    throw this.#badImport(node, 'only `from ... import ...` inside of `with read_base()`', 'write from .name import *');
  }

  #badImport(node: Spanned, expected: string, action: string): Error {
    const { source } = this.#module;
    const received = source.text.slice(node.start, node.end).split('\n', 1)[0] ?? '';
    return mmcompatErrors.BAD_IMPORT({
      subject: this.#file,
      expected,
      received,
      action,
      at: source.locate(node.start),
    });
  }

  #baseFile(node: ImportFrom): string {
    const { module, level } = node;
    const parts = module.split('.');
    const [top = '', ...rest] = parts;
    const relative =
      level > 0 ? resolve(dirname(this.#file), ...Array.from({ length: level - 1 }, () => '..'), ...parts) : undefined;
    if (relative === undefined && rest.length === 0)
      throw this.#badImport(node, 'a config inside of a package', 'write from package.configs.name import *');
    const folder = relative === undefined ? this.#loader.files.packageFolder(top, this.#file) : '';
    if (folder === undefined) {
      throw mmcompatErrors.NO_PACKAGE({
        subject: module,
        expected: `the Python package ${top} on the package path`,
        received: `${top} is not installed`,
        action: 'name the folder that holds the package with --package-path',
        at: this.#module.source.locate(node.start),
      });
    }
    const file = `${relative ?? join(folder, ...rest)}.py`;
    if (this.#loader.files.kindOf(file) === 'file') return file;
    throw this.#badImport(
      node,
      `the config ${file}, which does not exist`,
      'correct the path; one dot is the folder of this file, each more is one up',
    );
  }

  /** Binds what a base import names, and remembers what other imports name. */
  #bindFrom(node: ImportFrom, base: ConfigDict | undefined, globals: Scope): void {
    const isStandard = node.level === 0 && isStandardModule(node.module);
    for (const { name, alias } of node.names) {
      if (base !== undefined && !isStandard) this.#bindBase(base, { name, alias: alias ?? name }, globals);
      else if (name === '*')
        throw this.#badImport(
          node,
          'no `from ... import *` outside of `with read_base()`',
          'import names, or move it into `with read_base()`',
        );
      else this.#imported.add(alias ?? name);
    }
  }

  #bindBase(
    base: ConfigDict,
    { name, alias }: { readonly name: string; readonly alias: string },
    globals: Scope,
  ): void {
    const names = globals.globals.names;
    if (name === '*') for (const { key, value, site } of base.entries()) names.set(String(key), { value, site });
    else {
      const entry = base.entry(name);
      if (entry === undefined) throw keyError(`'${name}'`);
      names.set(alias, { value: entry.value, site: entry.site });
    }
  }

  #checkImport(node: Import): void {
    if (node.names.length > 1)
      throw this.#badImport(node, 'one module in an import statement', 'write a statement for each');
    for (const { alias } of node.names) if (alias !== undefined) this.#imported.add(alias);
  }
}

function pathOf({ module, level }: ImportFrom): string {
  return '.'.repeat(level) + module;
}

/** `import a.b` of something that is not Python's own. */
function isGathered({ names }: Import): boolean {
  return names.every(({ name, alias }) => alias === undefined && !isStandardModule(name));
}

/** `import a.b` and `import a.c` name one package together, at the top of the file; the last package comes first. */
function gatheredImports(body: readonly Statement[]): [string, LazyObject][] {
  const modules = new Map<string, string[]>();
  for (const node of body) {
    if (node.kind !== 'Import' || !isGathered(node)) continue;
    for (const { name } of node.names) {
      const [top = name] = name.split('.');
      modules.set(top, [...(modules.get(top) ?? []), name]);
    }
  }
  return Array.from(modules, ([top, names]): [string, LazyObject] => [
    top,
    new LazyObject(names, undefined, true),
  ]).reverse();
}

function asConfig(value: PyValue): PyValue {
  if (Array.isArray(value)) return value.map(asConfig);
  if (value instanceof PyTuple) return new PyTuple(value.items.map(asConfig));
  if (!(value instanceof PyDict)) return value;
  const dict = new ConfigDict();
  for (const entry of value.entries()) dict.put({ ...entry, value: asConfig(entry.value) });
  return dict;
}
