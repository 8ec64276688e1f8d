import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ConfigDict,
  nodeFiles,
  PyDict,
  PythonConfig,
  type PythonConfigOptions,
  type PyValue,
  parseDictAction,
} from '@engine/mmcompat';
import { decoded } from './encoding.js';
import type { Outcome } from './expectation.js';
import { follow, store } from './steps.js';

export interface Place {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
}

type Operation = (action: PyDict, place: Place) => Outcome;

/** Carries out the action of a case. */
export function runCase(action: PyDict, place: Place): Outcome {
  const name = String(action.get('op'));
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  return operation === undefined ? { fault: `no replay for ${name}` } : operation(action, place);
}

function optionsOf(action: PyDict, { root, env }: Place): PythonConfigOptions {
  const flag = (name: string): boolean | undefined => {
    const value = action.get(name);
    return typeof value === 'boolean' ? value : undefined;
  };
  const path = action.get('package_path');
  const packagePath = (Array.isArray(path) ? path : []).map((folder) => join(root, String(folder)));
  const lazyImport = flag('lazy_import');
  return {
    files: nodeFiles({ cwd: root, env, packagePath }),
    usePredefinedVariables: flag('use_predefined_variables') ?? true,
    useEnvironmentVariables: flag('use_environment_variables') ?? true,
    importCustomModules: flag('import_custom_modules') ?? true,
    ...(lazyImport === undefined ? {} : { lazyImport }),
  };
}

function load(action: PyDict, place: Place, key = 'file'): PythonConfig {
  return PythonConfig.fromFile(join(place.root, String(action.get(key))), optionsOf(action, place));
}

function result(config: PythonConfig): Outcome {
  return { config: config.toLazyDict(), warnings: config.warnings };
}

function dictOf(value: PyValue | undefined): PyDict {
  const dict = decoded(value ?? null);
  return dict instanceof PyDict ? dict : new PyDict();
}

function argvOf(action: PyDict): string[] {
  const argv = action.get('argv');
  return (Array.isArray(argv) ? argv : []).map(String);
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  load: (action, place) => result(load(action, place)),
  merge: (action, place) => {
    const config = load(action, place);
    config.mergeFromDict(dictOf(action.get('options')), action.get('allow_list_keys') !== false);
    return result(config);
  },
  parse_options: (action) => ({ value: parseDictAction(argvOf(action)) }),
  load_options: (action, place) => {
    const config = load(action, place);
    config.mergeFromDict(parseDictAction(argvOf(action)));
    return result(config);
  },
  get: (action, place) => ({ value: follow(load(action, place), action.get('steps')) }),
  set: (action, place) => {
    const config = load(action, place);
    store(config, action.get('steps'));
    return result(config);
  },
  construct: (action) => result(new PythonConfig(decoded(action.get('value') ?? null))),
  cd_update: (action) => {
    const dict = ConfigDict.of(dictOf(action.get('base')));
    dict.update(dictOf(action.get('other')));
    return { value: dict };
  },
  cd_merge: (action) => {
    const config = new PythonConfig(dictOf(action.get('base')));
    config.merge(dictOf(action.get('other')));
    return { value: config.values };
  },
  fromstring: (action, place) =>
    result(PythonConfig.fromString(String(action.get('text')), String(action.get('format')), optionsOf(action, place))),
  pretty: (action, place) => ({ text: load(action, place).prettyText }),
  text: (action, place) => ({ text: load(action, place).text }),
  repr: (action, place) => ({ text: String(load(action, place)) }),
  dump: (action, place) => ({ text: load(action, place).dump(extension(action)) }),
  dump_string: (action, place) => ({ text: load(action, place).dump() }),
  roundtrip: (action, place) => {
    const file = join(place.root, String(action.get('to')));
    writeFileSync(file, load(action, place).dump(extension(action)));
    return result(PythonConfig.fromFile(file, optionsOf(action, place)));
  },
  diff: (action, place) => ({ text: PythonConfig.diff(load(action, place, 'a'), load(action, place, 'b')) }),
  to_dict: (action, place) => ({
    value: load(action, place).toDict({ keepImported: action.get('keep_imported') === true }),
  }),
  env_variables: (action, place) => {
    const dict = new PyDict();
    for (const [name, value] of load(action, place).envVariables) dict.set(name, value);
    return { value: dict };
  },
  is_lazy: (action, place) => ({
    value: PythonConfig.isNewStyle(join(place.root, String(action.get('file'))), optionsOf(action, place)),
  }),
};

function extension(action: PyDict): string {
  return String(action.get('to')).split('.').at(-1) ?? '';
}
