/** Formats whose writers are loaded when they are used. */

export async function dumpYaml(data: unknown): Promise<string> {
  const { toYaml } = await import('./dump-yaml.js');
  return toYaml(data);
}

/** @throws `ENGINE_CONFIG_NOT_IN_TOML` for data that holds null */
export async function dumpToml(data: unknown): Promise<string> {
  const { toToml } = await import('./dump-toml.js');
  return toToml(data);
}
