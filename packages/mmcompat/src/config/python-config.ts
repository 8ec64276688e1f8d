import { mmcompatErrors } from '../errors.js';
import { coded } from '../failure.js';
import { dumpJson, dumpYaml } from '../print/dump.js';
import { formatPython } from '../print/layout.js';
import { pythonSource } from '../print/source.js';
import { configDiff } from '../print/unified-diff.js';
import { Budget } from '../run/budget.js';
import { mergeConfigDict } from '../run/merge-method.js';
import { ConfigDict } from '../values/config-dict.js';
import { deepCopy } from '../values/copy.js';
import { PyDict } from '../values/dict.js';
import { LazyAttr, LazyObject } from '../values/lazy.js';
import { repr } from '../values/repr.js';
import { PyTuple, type PyValue, typeName } from '../values/value.js';
import { importCustomModules } from './custom-imports.js';
import { type Files, nodeFiles } from './files.js';
import { isNewStyle } from './is-new-style.js';
import { ConfigLoader, type LoadOptions, unknownFormat } from './loader.js';
import { expandDotted, mergeInto } from './merge.js';

export interface PythonConfigOptions extends LoadOptions {
  /** Default the files of this machine. */
  readonly files?: Files;
  /** Whether the modules of `custom_imports` must exist; default true. Nothing is ever run of them. */
  readonly importCustomModules?: boolean;
}

/** What a config is made of besides its values. */
interface Parts {
  readonly text?: string;
  readonly fileName?: string | undefined;
  readonly environment?: ReadonlyMap<string, string>;
  readonly importedNames?: ReadonlySet<string>;
  readonly warnings?: readonly string[];
  readonly sources?: readonly string[];
}

/** Top-level keys that MMEngine's `Config` has as properties. */
const RESERVED = ['filename', 'text', 'pretty_text', 'env_variables'];

/** MMEngine's `Config`: a `.py`, `.json` or `.yaml` file with what it extends, holding Python's values. */
export class PythonConfig {
  readonly fileName: string | undefined;
  /** The files' texts, bases first. */
  readonly text: string;
  /** The variables that came from the environment. */
  readonly envVariables: ReadonlyMap<string, string>;
  /** Names that a new-style config imports: they can be read, but are not printed. */
  readonly importedNames: ReadonlySet<string>;
  /** Deprecations, missing custom imports. */
  readonly warnings: readonly string[];
  /** Every file that went in, bases first. */
  readonly sources: readonly string[];
  #values: ConfigDict;

  /** @throws `ENGINE_MMCOMPAT_NOT_A_MAPPING`, `ENGINE_MMCOMPAT_RESERVED_KEY` */
  constructor(values: PyValue = new PyDict(), parts: Parts = {}) {
    const {
      fileName,
      text = '',
      environment = new Map(),
      importedNames = new Set(),
      warnings = [],
      sources = [],
    } = parts;
    if (!(values instanceof PyDict)) {
      throw mmcompatErrors.NOT_A_MAPPING({
        expected: 'a dict with the keys of a config',
        received: `a ${typeName(values)}`,
        action: 'pass a dict',
      });
    }
    for (const { key, site } of values.entries()) {
      if (typeof key !== 'string' || !RESERVED.includes(key)) continue;
      throw mmcompatErrors.RESERVED_KEY({
        subject: key,
        expected: 'top-level keys that are not reserved',
        received: `${key}, which is reserved for what the config itself says`,
        action: 'give the key another name',
        at: site?.source.locate(site.start),
      });
    }
    this.#values = values instanceof ConfigDict ? values : ConfigDict.of(values);
    this.fileName = fileName;
    this.text = text;
    this.envVariables = environment;
    this.importedNames = importedNames;
    this.warnings = warnings;
    this.sources = sources;
  }

  /** Reads a file with everything that it extends. Nothing of it is executed by anything but the interpreter of this package. */
  static fromFile(path: string, options: PythonConfigOptions = {}): PythonConfig {
    const { files = nodeFiles(), importCustomModules: isImporting = true, ...rest } = options;
    const warnings: string[] = [];
    const {
      dict,
      text,
      environment,
      importedNames,
      isLazy,
      files: sources,
    } = new ConfigLoader(files, rest, warnings).load(path);
    const imports = dict.get('custom_imports');
    if (isImporting && !isLazy && imports !== undefined)
      coded(path, () => importCustomModules(imports, { files, from: files.resolve(path), warnings }));
    return new PythonConfig(dict, { text, fileName: path, environment, importedNames, warnings, sources });
  }

  /** As {@link fromFile}, for text; `format` is `.py`, `.json`, `.yaml` or `.yml`. */
  static fromString(text: string, format: string, options: PythonConfigOptions = {}): PythonConfig {
    const { files = nodeFiles() } = options;
    if (!['.py', '.json', '.yaml', '.yml'].includes(format)) throw unknownFormat(`text${format}`, format);
    const file = files.resolve(`text${format}`);
    const own: Files = { ...files, read: (path, most) => (path === file ? text : files.read(path, most)) };
    const config = PythonConfig.fromFile(file, { ...options, files: own });
    if (format === '.py' || !text.includes('dict(')) return config;
    return new PythonConfig(config.#values, {
      ...config.#parts(),
      warnings: [...config.warnings, 'Please check "file_format", the file format may be .py'],
    });
  }

  /** Whether a `.py` file is a new-style config, by its imports. */
  static isNewStyle(path: string, options: PythonConfigOptions = {}): boolean {
    const { files = nodeFiles(), ...rest } = options;
    const file = files.resolve(path);
    return (
      file.endsWith('.py') && coded(file, () => isNewStyle(new ConfigLoader(files, rest, []).parse(file, []), file))
    );
  }

  /** The values; changing them changes the config. */
  get values(): ConfigDict {
    return this.#values;
  }

  /** Lays `{'a.b': 1, 'list.0.c': 2}` over the config. @throws `ENGINE_MMCOMPAT_MERGE_TYPE`, `ENGINE_MMCOMPAT_BAD_INDEX` */
  mergeFromDict(options: PyDict, allowListKeys = true): void {
    coded(this.fileName ?? 'options', () => {
      this.#values = mergeInto(expandDotted(options), this.#values, allowListKeys);
    });
  }

  /** `config.merge(other)` of MMEngine. */
  merge(other: PyDict): void {
    coded(this.fileName ?? 'options', () => mergeConfigDict(this.#values, other, new Budget()));
  }

  copy(): PythonConfig {
    return new PythonConfig(deepCopy(this.#values, new Budget()), this.#parts());
  }

  /** Plain dicts; imported objects as their dotted names. */
  toDict(options: { readonly keepImported?: boolean } = {}): PyDict {
    return this.#plain(options.keepImported ?? false, (lazy) => lazy.dotted);
  }

  /** As {@link toDict}, with imported objects as they are. */
  toLazyDict(options: { readonly keepImported?: boolean } = {}): PyDict {
    return this.#plain(options.keepImported ?? false, (lazy) => lazy);
  }

  /** The config as Python source, before it is laid out. */
  get source(): string {
    return this.#coded(() => pythonSource(this.toDict()));
  }

  /** The config as Python source: sorted keys, laid out as MMEngine's `pretty_text` is. */
  get prettyText(): string {
    return this.#coded(() => formatPython(this.toDict()));
  }

  /** The config in a format: `py`, `json`, `yaml` or `yml`; default that of its file. @throws `ENGINE_MMCOMPAT_UNKNOWN_FORMAT` */
  dump(format = this.fileName === undefined ? 'py' : this.fileName.slice(this.fileName.lastIndexOf('.') + 1)): string {
    if (format === 'py') return this.prettyText;
    if (format === 'json') return this.#coded(() => dumpJson(this.toDict()));
    if (format === 'yaml' || format === 'yml') return this.#coded(() => dumpYaml(this.toDict()));
    throw unknownFormat(`dump.${format}`, `.${format}`);
  }

  /** The difference of two configs as text, as `Config.diff` of MMEngine gives it; the order of keys does not matter. */
  static diff(left: PythonConfig, right: PythonConfig): string {
    return configDiff(left.prettyText, right.prettyText);
  }

  /** `Config (path: ...): {...}` */
  toString(): string {
    return `Config (path: ${this.fileName ?? 'None'}): ${repr(this.#values)}`;
  }

  #parts(): Parts {
    const { text, fileName, envVariables: environment, importedNames, warnings, sources } = this;
    return { text, fileName, environment, importedNames, warnings, sources };
  }

  #coded<T>(run: () => T): T {
    return coded(this.fileName ?? 'config', run);
  }

  #plain(keepImported: boolean, lazy: (value: LazyObject | LazyAttr) => PyValue): PyDict {
    return this.#coded(() => {
      const dict = new PyDict();
      for (const entry of this.#values.entries()) {
        if (keepImported || typeof entry.key !== 'string' || !this.importedNames.has(entry.key))
          dict.put({ ...entry, value: plain(entry.value, lazy, new Budget()) });
      }
      return dict;
    });
  }
}

function plain(value: PyValue, lazy: (value: LazyObject | LazyAttr) => PyValue, budget: Budget): PyValue {
  budget.enter();
  budget.step();
  let result = value;
  if (Array.isArray(value)) result = value.map((item) => plain(item, lazy, budget));
  else if (value instanceof PyTuple) result = new PyTuple(value.items.map((item) => plain(item, lazy, budget)));
  else if (value instanceof LazyObject || value instanceof LazyAttr) result = lazy(value);
  else if (value instanceof PyDict) {
    const dict = new PyDict();
    for (const entry of value.entries()) dict.put({ ...entry, value: plain(entry.value, lazy, budget) });
    result = dict;
  }
  budget.leave();
  return result;
}
