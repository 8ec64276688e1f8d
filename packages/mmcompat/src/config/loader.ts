/** Loads a config with everything it extends, in MMEngine's text mode: `_base_` names the bases. */
import { dirname, extname, resolve } from 'node:path';
import type { SourceLocation } from '@engine/core';
import { mmcompatErrors } from '../errors.js';
import { coded } from '../failure.js';
import { bind, textArgument } from '../run/bind.js';
import { Budget, type Limits } from '../run/budget.js';
import { PyFunction } from '../run/function.js';
import { Interpreter, type Session } from '../run/interpreter.js';
import { PyLibraryFunction } from '../run/modules.js';
import { Scope } from '../run/scope.js';
import type { Module } from '../syntax/ast.js';
import type { PythonSource } from '../syntax/source.js';
import { ConfigDict } from '../values/config-dict.js';
import { PyDict } from '../values/dict.js';
import { PyModule, PyNative, PyType, type PyValue, typeName } from '../values/value.js';
import type { Files } from './files.js';
import { TextImporter } from './importers.js';
import { isBaseAssignment, isNewStyle } from './is-new-style.js';
import { parseJson } from './json.js';
import { loadLazy } from './lazy-mode.js';
import { mergeInto } from './merge.js';
import { externalBase, withScope } from './packages.js';
import { parsedModule } from './parse-cache.js';
import { resolveReferences } from './references.js';
import { type FilledText, fillVariables, type VariableOptions } from './variables.js';
import { parseYaml } from './yaml.js';

export interface LoadOptions extends VariableOptions {
  /** Whether a `.py` file is new-style (`with read_base()`); default: told from its content. */
  readonly lazyImport?: boolean;
  readonly limits?: Limits;
}

/** A config with its bases merged in. */
export interface Loaded {
  readonly dict: ConfigDict;
  /** The files' texts, bases first, each after its path. */
  readonly text: string;
  readonly environment: ReadonlyMap<string, string>;
  /** Names that a new-style config imports; they are in the dict but are not printed. */
  readonly importedNames: ReadonlySet<string>;
  readonly isLazy: boolean;
  /** Every file that went in, bases first. */
  readonly files: readonly string[];
}

interface Part {
  readonly dict: PyDict;
  readonly text: string;
  readonly environment: ReadonlyMap<string, string>;
}

const FORMATS = new Set(['.py', '.json', '.yaml', '.yml']);

export class ConfigLoader implements Session {
  readonly budget: Budget;
  readonly files: Files;
  readonly warnings: string[];
  readonly visited = new Set<string>();
  readonly #options: LoadOptions;

  constructor(files: Files, options: LoadOptions, warnings: string[], budget = new Budget(options.limits)) {
    this.files = files;
    this.budget = budget;
    this.warnings = warnings;
    this.#options = options;
  }

  env(name: string): string | undefined {
    return this.files.env(name);
  }

  /** `Config` of MMEngine, for configs that read another one: `Config.fromfile(path)`. */
  configType(): PyType {
    const fromFile = new PyNative('fromfile', (call) => {
      const path = textArgument('fromfile', bind('fromfile', call, ['filename'])[0]);
      return new ConfigLoader(this.files, this.#options, this.warnings, this.budget).load(path).dict;
    });
    return new PyType('mmengine.config.config.Config', undefined, new Map([['fromfile', fromFile]]));
  }

  load(path: string): Loaded {
    const file = this.files.resolve(path);
    return coded(file, () => {
      const isLazy = this.#options.lazyImport ?? (extname(file) === '.py' && isNewStyle(this.parse(file, []), file));
      if (isLazy) {
        const { dict, importedNames } = loadLazy(file, this, []);
        return {
          dict,
          text: this.read(file, []),
          environment: new Map(),
          importedNames,
          isLazy,
          files: [...this.visited],
        };
      }
      const part = this.#part(file, []);
      return {
        dict: ConfigDict.of(part.dict),
        text: part.text,
        environment: part.environment,
        importedNames: new Set(),
        isLazy,
        files: [...this.visited],
      };
    });
  }

  /** @throws `ENGINE_MMCOMPAT_FILE_NOT_FOUND` and those of {@link Files.read} */
  read(file: string, chain: readonly string[], at?: SourceLocation): string {
    const text = this.files.read(file, this.budget.fileBytes);
    if (text !== undefined) return text;
    const from = chain.at(-1);
    throw mmcompatErrors.FILE_NOT_FOUND({
      subject: file,
      expected: 'an existing config file',
      received:
        from === undefined
          ? 'no such file'
          : `no such file; it is extended by ${[...chain].reverse().join(', extended by ')}`,
      action:
        from === undefined
          ? 'check the path'
          : 'correct the base; its path starts at the folder of the file that names it',
      at: at ?? (from === undefined ? undefined : { file: from }),
    });
  }

  /** The syntax tree of a new-style config, whose text is taken as it is. */
  parse(file: string, chain: readonly string[]): Module {
    return parsedModule(this.#filled(this.read(file, chain), file).source);
  }

  /** Accounts for a file that is about to be loaded. @throws `ENGINE_MMCOMPAT_CIRCULAR_BASE` */
  enter(file: string, chain: readonly string[]): void {
    this.budget.file();
    if (chain.includes(file)) {
      throw mmcompatErrors.CIRCULAR_BASE({
        subject: '_base_',
        expected: 'a config that does not extend itself',
        received: [...chain.slice(chain.indexOf(file)), file].join(' → '),
        action: 'take one of these files out of the bases',
        at: { file: chain.at(-1) ?? file },
      });
    }
    if (chain.length > 100)
      throw mmcompatErrors.TOO_DEEP({
        subject: file,
        expected: 'bases that nest less deeply',
        received: 'more than 100 levels',
        action: 'let configs extend each other less deeply',
      });
  }

  #filled(text: string, file: string): FilledText {
    return fillVariables(text, file, { ...this.#options, env: (name) => this.env(name) });
  }

  #part(file: string, chain: readonly string[], at?: SourceLocation): Part {
    return coded(file, () => this.#load(file, chain, at));
  }

  #load(file: string, chain: readonly string[], at?: SourceLocation): Part {
    this.enter(file, chain);
    const extension = extname(file);
    const original = this.read(file, chain, at);
    if (!FORMATS.has(extension)) throw unknownFormat(file, extension);
    const filled = this.#filled(original, file);
    const read = extension === '.py' ? this.#python(filled.source, chain) : this.#data(filled.source, extension);
    const environment = new Map(filled.environment);
    const texts: string[] = [];
    const base = new ConfigDict();
    for (const asked of read.bases) {
      const part = this.#base(asked, file, [...chain, file]);
      texts.push(part.text);
      for (const [name, value] of part.environment) environment.set(name, value);
      for (const entry of part.dict.entries()) {
        const taken = base.entry(entry.key);
        if (taken !== undefined)
          throw duplicateKey(
            String(entry.key),
            [taken, entry].map(({ site }) => site?.source.locate(site.start)),
            file,
          );
        base.put(entry);
      }
    }
    this.visited.add(file);
    const own = read.evaluate(base);
    this.budget.whole(own);
    this.#deprecation(own, file);
    own.delete('_base_');
    const resolved = resolveReferences(own, filled.references, base, this);
    const merged = mergeInto(resolved, base);
    for (const key of merged.keys()) if (typeof key === 'string' && key.startsWith('__')) merged.delete(key);
    return { dict: merged, text: [...texts, `${file}\n${original}`].join('\n'), environment };
  }

  #base(
    { path, at }: { readonly path: string; readonly at: SourceLocation | undefined },
    file: string,
    chain: readonly string[],
  ): Part {
    const external = path.includes('::') ? externalBase({ path, from: file, at }, this.files) : undefined;
    const part = this.#part(external?.file ?? resolve(dirname(file), path), chain, at);
    return { ...part, dict: withScope(part.dict, external?.scope) };
  }

  #data(source: PythonSource, extension: string): Read {
    const value =
      extension === '.json' ? parseJson(source.text, source.file, source) : parseYaml(source.text, source.file, source);
    if (!(value instanceof PyDict)) throw notAMapping(source.file, value);
    const base = value.get('_base_');
    const at = value.entry('_base_')?.site;
    return { bases: base === undefined ? [] : basePaths(base, at?.source.locate(at.start)), evaluate: () => value };
  }

  #python(source: PythonSource, chain: readonly string[]): Read {
    const module = parsedModule(source);
    if (this.#options.lazyImport === undefined && chain.length > 0 && isNewStyle(module, source.file)) {
      throw mmcompatErrors.MIXED_STYLES({
        subject: source.file,
        expected: 'bases of the same style as the config',
        received: '`with read_base()` or imports of other packages in a base of a config with `_base_`',
        action: 'write both configs in one style; see read_base in the docs',
        at: { file: source.file },
      });
    }
    const interpreter = new Interpreter(source, this, new TextImporter(this));
    const assign = module.body.find(isBaseAssignment);
    const bases =
      assign === undefined
        ? []
        : basePaths(interpreter.evaluate(assign.value, new Scope()), source.locate(assign.start));
    return { bases, evaluate: (base) => runFile(module, interpreter, base) };
  }

  #deprecation(dict: PyDict, file: string): void {
    const notice = dict.get('_deprecation_');
    if (notice === undefined) return;
    dict.delete('_deprecation_');
    const about = (key: string) => (notice instanceof PyDict ? notice.get(key) : undefined);
    const [expected, reference] = [about('expected'), about('reference')];
    const parts = [`The config file ${file} will be deprecated in the future.`];
    if (expected !== undefined) parts.push(`Please use ${String(expected)} instead.`);
    if (reference !== undefined) parts.push(`More information can be found at ${String(reference)}`);
    this.warnings.push(parts.join(' '));
  }
}

interface Read {
  readonly bases: readonly { readonly path: string; readonly at: SourceLocation | undefined }[];
  /** The file's own values, given those of its bases. */
  evaluate(base: ConfigDict): PyDict;
}

function runFile(module: Module, interpreter: Interpreter, base: ConfigDict): PyDict {
  const globals = new Scope();
  globals.names.set('__name__', { value: 'builtins', site: undefined });
  globals.names.set('_base_', { value: base, site: undefined });
  interpreter.run({ body: module.body.filter((statement) => !isBaseAssignment(statement)) }, globals);
  const dict = new PyDict();
  for (const [name, { value, site }] of globals.names) {
    if (!name.startsWith('__') && name !== '_base_' && !isDropped(value)) dict.set(name, value, site);
  }
  return dict;
}

/** Functions and modules of a file are no values of the config. */
function isDropped(value: PyValue): boolean {
  return value instanceof PyFunction || value instanceof PyModule || value instanceof PyLibraryFunction;
}

function basePaths(value: PyValue, at: SourceLocation | undefined): Read['bases'] {
  const items = Array.isArray(value) ? value : [value];
  return items.map((item) => {
    if (typeof item === 'string') return { path: item, at };
    throw mmcompatErrors.BAD_BASE({
      subject: '_base_',
      expected: 'a path, or a list of paths',
      received: `a ${typeName(item)}`,
      action: "write _base_ = './base.py' or _base_ = ['./a.py', './b.py']",
      at,
    });
  });
}

function duplicateKey(key: string, [first, second]: readonly (SourceLocation | undefined)[], file: string): Error {
  const place = (at: SourceLocation | undefined) =>
    at === undefined ? 'one base' : `${at.file}:${at.line}:${at.column}`;
  return mmcompatErrors.DUPLICATE_KEY({
    subject: key,
    expected: `bases of ${file} that define different top-level keys`,
    received: `${key} at ${place(first)} and at ${place(second)}`,
    action: `leave ${key} in one of them, or let one base extend the other`,
    at: second,
  });
}

export function unknownFormat(file: string, extension: string): Error {
  return mmcompatErrors.UNKNOWN_FORMAT({
    subject: file,
    expected: 'a file that ends in .py, .json, .yaml or .yml',
    received: extension === '' ? 'no extension' : extension,
    action: 'rename or convert the file',
  });
}

function notAMapping(file: string, value: PyValue): Error {
  return mmcompatErrors.NOT_A_MAPPING({
    subject: file,
    expected: 'keys with values at the top of the config',
    received: `a ${typeName(value)}`,
    action: 'write key: value pairs',
    at: { file },
  });
}
