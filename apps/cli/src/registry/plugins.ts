import { join } from 'node:path';
import { engineOptions } from '@engine/config';
import type { Registry } from '@engine/registry';
import { cliPlatform } from '../platform.js';
import { readConfig } from '../read-config.js';

export interface PluginFlags {
  readonly config?: string;
  readonly import?: readonly string[];
}

/** A registry with every first-party entry, those of the packages named and those that a config imports. */
export async function registryWith(flags: PluginFlags, cwd: string): Promise<Registry> {
  const platform = cliPlatform(cwd);
  const { registry, imports, file } = await ofConfig(flags.config, cwd);
  for (const specifier of imports) registry.registerExports(await platform.import(specifier, file));
  for (const specifier of flags.import ?? [])
    registry.registerExports(await platform.import(specifier, join(cwd, 'package.json')));
  return registry;
}

async function ofConfig(
  path: string | undefined,
  cwd: string,
): Promise<{ registry: Registry; imports: readonly string[]; file: string | undefined }> {
  if (path === undefined) {
    const { createRegistry } = await import('@engine/standard');
    return { registry: createRegistry(), imports: [], file: undefined };
  }
  const { config, registry, file } = await readConfig(path, [], { cwd });
  const { customImports } = engineOptions(config).options;
  return { registry, imports: Array.isArray(customImports) ? customImports.map(String) : [], file };
}
