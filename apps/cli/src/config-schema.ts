import { editorSchema, importCustom } from '@engine/config';
import { createRegistry } from '@engine/standard';
import { cliPlatform } from './platform.js';
import { readConfig } from './read-config.js';

/** The schema of everything that a config may name: what comes with the engine, and what the config imports. */
export async function configSchema(file: string | undefined, cwd: string): Promise<object> {
  if (file === undefined) return editorSchema(createRegistry());
  const { config, registry } = await readConfig(file, [], { cwd });
  const platform = cliPlatform(cwd);
  await importCustom(config, { registry, importModule: (specifier, from) => platform.import(specifier, from) });
  return editorSchema(registry);
}
