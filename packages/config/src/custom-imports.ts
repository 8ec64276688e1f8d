import { isPlainObject } from '@engine/core/plain';
import { type Registry, show } from '@engine/registry';
import type { Config } from './config.js';
import { engineOptions } from './engine-options.js';
import { configErrors } from './errors.js';
import type { ConfigWarning } from './load.js';

/** What `customImports` says. */
export interface CustomImports {
  /** Packages, or files relative to the config. */
  readonly imports: readonly string[];
  /** A module that cannot be imported is a warning, not an error; default false. */
  readonly allowFailedImports: boolean;
}

/** Reads `customImports`: one name, a list of names, or `{ imports, allowFailedImports }`. @throws `ENGINE_CONFIG_BAD_IMPORTS` */
export function customImportsOf(config: Config): CustomImports {
  const { options, pathOf } = engineOptions(config);
  const given = options.customImports ?? [];
  const { imports, allowFailedImports = false, ...others } = isPlainObject(given) ? given : { imports: given };
  const names = typeof imports === 'string' ? [imports] : imports;
  const isRead =
    Array.isArray(names) &&
    names.every((name) => typeof name === 'string' && name !== '') &&
    typeof allowFailedImports === 'boolean' &&
    Object.keys(others).length === 0;
  if (isRead) return { imports: names as string[], allowFailedImports };
  const path = pathOf('customImports');
  throw configErrors.BAD_IMPORTS({
    subject: path,
    expected: 'the name of a package or file, a list of names, or { imports, allowFailedImports }',
    received: `${path} = ${show(given)}`,
    action: `write ${path}: ['their-package', './my-parts.ts']`,
    at: config.locate(path),
  });
}

export interface ImportOptions {
  /** Gets every entry among the exports. */
  readonly registry: Registry;
  /** Imports a module as seen from the file `from`. */
  readonly importModule: (specifier: string, from: string | undefined) => Promise<Readonly<Record<string, unknown>>>;
}

/**
 * Imports what `customImports` names, relative to the config's own file, so that its entries can be used by name. Resolves with the config,
 * which has a warning more for every module that failed and was allowed to.
 *
 * @throws `ENGINE_CONFIG_BAD_IMPORTS`, and what `importModule` throws
 */
export async function importCustom(config: Config, { registry, importModule }: ImportOptions): Promise<Config> {
  const { imports, allowFailedImports } = customImportsOf(config);
  const warnings: ConfigWarning[] = [];
  for (const specifier of imports) {
    try {
      registry.registerExports(await importModule(specifier, config.files.at(-1)));
    } catch (error) {
      if (!allowFailedImports) throw error;
      const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      warnings.push({ message: `${specifier} could not be imported: ${reason}`, at: config.locate('customImports') });
    }
  }
  return warnings.length === 0 ? config : config.withWarnings(warnings);
}
