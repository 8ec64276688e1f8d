import { join } from 'node:path';
import { mmcompatErrors } from '../errors.js';
import { truth } from '../values/compare.js';
import { PyDict } from '../values/dict.js';
import { typeError } from '../values/exception.js';
import { PyTuple, type PyValue, typeName } from '../values/value.js';
import type { Files } from './files.js';
import { isStandardModule } from './is-new-style.js';

interface Importing {
  readonly files: Files;
  /** The config that names the modules. */
  readonly from: string;
  readonly warnings: string[];
}

/**
 * Checks that the modules of `custom_imports` exist. They are Python: nothing of them is run.
 *
 * @throws `ENGINE_MMCOMPAT_CUSTOM_IMPORT_FAILED`, TypeError (Python's)
 */
export function importCustomModules(value: PyValue, importing: Importing): void {
  if (!truth(value)) return;
  if (!(value instanceof PyDict)) throw typeError(`custom_imports must be a dict, but got ${typeName(value)}`);
  const unknown = value.keys().find((key) => key !== 'imports' && key !== 'allow_failed_imports');
  if (unknown !== undefined) throw typeError(`custom_imports got an unexpected key '${String(unknown)}'`);
  const imports = value.get('imports') ?? null;
  if (!truth(imports)) return;
  const names =
    typeof imports === 'string'
      ? [imports]
      : Array.isArray(imports)
        ? imports
        : imports instanceof PyTuple
          ? imports.items
          : undefined;
  if (names === undefined || !Array.isArray(names))
    throw typeError(`custom_imports must be a list but got type ${typeName(imports)}`);
  const isLenient = truth(value.get('allow_failed_imports') ?? false);
  for (const name of names) {
    if (typeof name !== 'string')
      throw typeError(`${String(name)} is of type ${typeName(name)} and cannot be imported.`);
    if (exists(name, importing)) continue;
    if (!isLenient) throw failed(name, value, importing.from);
    importing.warnings.push(`${name} failed to import and is ignored.`);
  }
}

function exists(name: string, { files, from }: Importing): boolean {
  if (isStandardModule(name)) return true;
  const [top = '', ...rest] = name.split('.');
  const folder = files.packageFolder(top, from);
  const path = folder === undefined ? files.resolve(join(top, ...rest)) : join(folder, ...rest);
  return files.kindOf(path) !== undefined || files.kindOf(`${path}.py`) === 'file';
}

function failed(name: string, value: PyDict, file: string): Error {
  const site = value.entry('imports')?.site;
  return mmcompatErrors.CUSTOM_IMPORT_FAILED({
    subject: 'custom_imports',
    expected: 'modules that exist on the package path',
    received: `${name}, which does not`,
    action: 'name the folder that holds the module with --package-path, or set allow_failed_imports=True',
    at: site === undefined ? { file } : site.source.locate(site.start),
  });
}
