import { delimiter } from 'node:path';
import { EngineError } from '@engine/core/plain';
import { canonicalJson, nodeFiles, PythonConfig, parseDictAction, parseJson, pythonTypeOf } from '@engine/mmcompat';
import { cliErrors } from './errors.js';
import { type CliIo, exitCodes } from './io.js';

export interface PrintFlags {
  readonly json?: true;
  readonly yaml?: true;
  readonly py?: true;
  readonly ts?: true;
  readonly stdin?: true;
  readonly packagePath?: string;
  readonly cfgOptions?: readonly string[];
}

type Format = 'json' | 'yaml' | 'py' | 'ts';

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
    const format: Format = flags.json ? 'json' : flags.py ? 'py' : flags.ts ? 'ts' : 'yaml';
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
  const files = nodeFiles({
    cwd: io.cwd,
    packagePath: (flags.packagePath ?? '').split(delimiter).filter((folder) => folder !== ''),
  });
  const options = flags.cfgOptions ?? [];
  const python = (file: string): PythonConfig => {
    const config = PythonConfig.fromFile(file, { files, importCustomModules: false });
    for (const warning of config.warnings) io.stderr.write(`warning: ${warning}\n`);
    if (options.length > 0) config.mergeFromDict(parseDictAction(options));
    return config;
  };
  return async (file, format, indent) => {
    const isPython = file.endsWith('.py');
    if (isPython && format === 'json') return canonicalJson(python(file).toLazyDict(), { indent });
    if (isPython && format === 'py') return python(file).prettyText;
    const { readConfig } = await import('./read-config.js');
    const { config } = await readConfig(file, options, io.cwd);
    if (format === 'yaml') return await config.toYaml();
    if (format === 'ts') return config.toTypeScript();
    const json = config.toJson();
    if (format === 'json') return indent === 0 ? JSON.stringify(JSON.parse(json)) : json;
    return new PythonConfig(parseJson(json, file)).prettyText;
  };
}
