import type { Importer } from '../run/interpreter.js';
import { PyLibraryFunction, standardMember, standardModule } from '../run/modules.js';
import type { Import, ImportFrom } from '../syntax/ast.js';
import { PythonException } from '../values/exception.js';
import { LazyObject } from '../values/lazy.js';
import { PyOpaque, type PyValue } from '../values/value.js';
import { isStandardModule } from './is-new-style.js';
import type { ConfigLoader } from './loader.js';

/** What `mmengine.config` and `mmengine` have for configs. */
function engineMember(module: string, name: string, loader: ConfigLoader): PyValue {
  if (name === 'read_base') return new PyLibraryFunction('read_base', () => null);
  if (name === 'Config') return loader.configType();
  if (name === 'ConfigDict' || name === 'LazyObject') return new PyOpaque('type', `<class '${module}.${name}'>`);
  throw new PythonException('ImportError', `cannot import name '${name}' from '${module}' here`);
}

function member(module: string, name: string, loader: ConfigLoader): PyValue {
  return module.startsWith('mmengine')
    ? engineMember(module, name, loader)
    : standardMember(module, name, loader.files);
}

function bindModule(name: string, alias: string | undefined, loader: ConfigLoader): readonly [string, PyValue] {
  const [top = name] = name.split('.');
  if (alias !== undefined)
    return [
      alias,
      name.includes('.') && top === 'os' ? standardModule('os.path', loader.files) : standardModule(name, loader.files),
    ];
  return [top, standardModule(top, loader.files)];
}

/** The imports of a config with `_base_`: Python's own modules, as far as they are here. */
export class TextImporter implements Importer {
  readonly #loader: ConfigLoader;

  constructor(loader: ConfigLoader) {
    this.#loader = loader;
  }

  *import({ names }: Import): Iterable<readonly [string, PyValue]> {
    for (const { name, alias } of names) {
      if (!isStandardModule(name)) throw notHere(name);
      yield bindModule(name, alias, this.#loader);
    }
  }

  *from({ module, level, names }: ImportFrom): Iterable<readonly [string, PyValue]> {
    if (level > 0) throw new PythonException('ImportError', 'attempted relative import with no known parent package');
    if (!isStandardModule(module) && module !== 'mmengine') throw notHere(module);
    for (const { name, alias } of names) {
      if (name === '*') yield* new Map(standardModule(module, this.#loader.files).members);
      else yield [alias ?? name, member(module, name, this.#loader)];
    }
  }
}

function notHere(module: string): Error {
  return new PythonException('ModuleNotFoundError', `No module named '${module}'`);
}

/** The imports of a new-style config: what is not Python's own is only named, never imported. */
export class LazyImporter implements Importer {
  readonly #loader: ConfigLoader;
  /** Modules that are bases, whose names are bound before anything runs. */
  readonly #bases: ReadonlyMap<string, unknown>;

  constructor(loader: ConfigLoader, bases: ReadonlyMap<string, unknown>) {
    this.#loader = loader;
    this.#bases = bases;
  }

  *import({ names }: Import): Iterable<readonly [string, PyValue]> {
    for (const { name, alias } of names) {
      if (isStandardModule(name)) yield bindModule(name, alias, this.#loader);
      else if (alias === undefined) throw notHere(name);
      else yield [alias, new LazyObject([name])];
    }
  }

  *from({ module, level, names }: ImportFrom): Iterable<readonly [string, PyValue]> {
    const path = '.'.repeat(level) + module;
    if (this.#bases.has(path)) return;
    for (const { name, alias } of names) {
      const bound = alias ?? name;
      if (level === 0 && isStandardModule(module)) yield [bound, member(module, name, this.#loader)];
      else yield [bound, new LazyObject([path], name)];
    }
  }
}
