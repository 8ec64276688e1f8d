import { delimiter } from 'node:path';
import { dumpToml, dumpYaml, toData, toJson, toTypeScript, withoutMarkers } from '@engine/config/tree';
import { EngineError } from '@engine/core/plain';
import {
  canonicalJson,
  nodeFiles,
  PythonConfig,
  parseDictAction,
  parseJson,
  pythonTypeOf,
  treeOf,
} from '@engine/mmcompat';
import { cliErrors } from './errors.js';
import { type CliIo, exitCodes } from './io.js';

export interface PrintFlags {
  readonly json?: true;
  readonly yaml?: true;
  readonly py?: true;
  readonly ts?: true;
  readonly toml?: true;
  readonly stdin?: true;
  readonly packagePath?: string;
  readonly cfgOptions?: readonly string[];
}

type Format = 'json' | 'yaml' | 'py' | 'ts' | 'toml';

const FORMATS = ['json', 'py', 'ts', 'toml'] as const;

/** One config as it is printed; `indent` only matters to JSON. */
type Print = (file: string, format: Format, indent: number) => Promise<string>;

/** Prints one config, or a line of JSON for each of several; resolves with the exit code. @throws `ENGINE_CLI_NO_CONFIG` */
export async function printConfigs(named: readonly string[], flags: PrintFlags, io: CliIo): Promise<number> {
  const files = flags.stdin === true ? [...named, ...(await linesOf(io))] : named;
  const print = printer(flags, io);
  const [only] = files;
  if (only === undefined && flags.stdin !== true) {
    throw cliErrors.NO_CONFIG({
      expected: 'the name of a config file',
      received: 'none',
      action: 'engine config print config.py',
    });
  }
  if (only !== undefined && files.length === 1 && flags.stdin !== true) {
    const format: Format = FORMATS.find((each) => flags[each] === true) ?? 'yaml';
    io.stdout.write(ended(await print(only, format, 2)));
    return exitCodes.done;
  }
  let code: number = exitCodes.done;
  for (const file of files) {
    const line = await print(file, 'json', 0).then(
      (config) => `{"path":${JSON.stringify(file)},"config":${config}}`,
      (error: unknown) => {
        code = error instanceof EngineError ? Math.max(code, error.exitCode) : exitCodes.failed;
        return JSON.stringify({ path: file, error: described(error) });
      },
    );
    io.stdout.write(`${line}\n`);
  }
  return code;
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

async function linesOf({ stdin }: CliIo): Promise<string[]> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of stdin ?? [])
    text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function described(error: unknown): object {
  if (!(error instanceof EngineError))
    return { type: 'Error', message: error instanceof Error ? error.message : String(error) };
  return { type: pythonTypeOf(error), code: error.code, message: error.message };
}

function printer(flags: PrintFlags, io: CliIo): Print {
  const packagePath = (flags.packagePath ?? '').split(delimiter).filter((folder) => folder !== '');
  const files = nodeFiles({ cwd: io.cwd, packagePath });
  const options = flags.cfgOptions ?? [];
  const python = (file: string): PythonConfig => {
    const config = PythonConfig.fromFile(file, { files, importCustomModules: false });
    for (const warning of config.warnings) io.stderr.write(`warning: ${warning}\n`);
    if (options.length > 0) config.mergeFromDict(parseDictAction(options));
    return config;
  };
  // overrides may be in either spelling, which the registry tells apart; it takes longer to load than most configs
  const read = async (file: string): Promise<unknown> => {
    const { readConfig } = await import('./read-config.js');
    return (await readConfig(file, options, { cwd: io.cwd, packagePath })).config.data;
  };
  return async (file, format, indent) => {
    const isPython = file.endsWith('.py');
    if (isPython && format === 'json') return canonicalJson(python(file).toLazyDict(), { indent });
    if (isPython && format === 'py') return python(file).prettyText;
    const data = isPython && options.length === 0 ? plainData(python(file), file) : await read(file);
    if (format === 'ts') return toTypeScript(data);
    if (format === 'yaml') return dumpYaml(data);
    if (format === 'toml') return dumpToml(data);
    const json = toJson(data);
    if (format === 'json') return indent === 0 ? JSON.stringify(JSON.parse(json)) : json;
    return new PythonConfig(parseJson(json, file)).prettyText;
  };
}

/** A Python config as the engine reads it. */
function plainData(config: PythonConfig, file: string): unknown {
  return toData(withoutMarkers(treeOf(config, file)));
}
