import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Config, type ConfigFormat, type ModuleTracer } from '@engine/config';
import { moduleTracer, nodeReader } from '@engine/config/node';
import type { Registry } from '@engine/registry';
import { createRegistry } from '@engine/standard';
import { cliErrors } from './errors.js';

export interface ReadConfig {
  readonly config: Config;
  /** Absolute path of the file. */
  readonly file: string;
  /** Every first-party entry; the run's own. */
  readonly registry: Registry;
}

/** Where relative paths start, and where the packages of `package::path` bases lie. */
export interface Whereabouts {
  readonly cwd: string;
  readonly packagePath?: readonly string[];
}

/** Loads a config named on the command line and lays `--cfg-options` over it. @throws `ENGINE_CLI_FILE_NOT_FOUND` and those of `Config` */
export async function readConfig(path: string, cfgOptions: readonly string[], where: Whereabouts): Promise<ReadConfig> {
  const { cwd } = where;
  const file = await existing(path, cwd, 'a config file');
  const registry = createRegistry();
  const config = await Config.fromFile(file, { reader: nodeReader({ cwd }), registry, formats: [lazyPython(where)] });
  return { config: withOptions(config, cfgOptions, registry), file, registry };
}

/** As {@link readConfig}, with the place of every value: TypeScript and JavaScript files are parsed for it too. */
export async function traceConfig(path: string, cfgOptions: readonly string[], cwd: string): Promise<Config> {
  const file = await existing(path, cwd, 'a config file');
  const reader = nodeReader({ cwd });
  const registry = createRegistry();
  const tracer = lazyTracer(() => moduleTracer(reader));
  const config = await Config.fromFile(file, { reader, registry, tracer, formats: [lazyPython({ cwd })] });
  return withOptions(config, cfgOptions, registry);
}

/** The parser is loaded when the first module is met, which may be a base of something else. */
function lazyTracer(make: () => Promise<ModuleTracer>): ModuleTracer {
  let made: Promise<ModuleTracer> | undefined;
  return {
    trace: async (file, value) => {
      made ??= make();
      return (await made).trace(file, value);
    },
  };
}

function withOptions(config: Config, cfgOptions: readonly string[], registry: Registry): Config {
  return cfgOptions.length === 0 ? config : config.mergeCfgOptions(cfgOptions, { registry });
}

/** `.py` configs, whose interpreter is loaded when one is read. */
function lazyPython(where: Whereabouts): ConfigFormat {
  return {
    extensions: ['.py'],
    load: async (path, options, chain) => {
      const { nodeFiles, pythonFormat } = await import('@engine/mmcompat');
      return pythonFormat({ files: nodeFiles(where) }).load(path, options, chain);
    },
  };
}

/** The absolute path of a file that the user named; a URI as it is. @throws `ENGINE_CLI_FILE_NOT_FOUND` */
export async function existing(path: string, cwd: string, what: string): Promise<string> {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path)) return path;
  const file = resolve(cwd, path);
  const found = await stat(file).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (found) return file;
  throw cliErrors.FILE_NOT_FOUND({
    subject: path,
    expected: what,
    received: `no file at ${file}`,
    action: 'check the path; it is taken from the folder you are in',
  });
}
