import { basename, extname, resolve } from 'node:path';
import type { Config } from '@engine/config';
import { nodePlatform } from '@engine/fileio';
import { createTerminal } from '@engine/logging';
import { Runner } from '@engine/runner';
import { loadBackend } from './load-backend.js';
import type { CliIo } from './io.js';
import type { RunFlags } from './options.js';
import { existing, readConfig } from './read-config.js';

export interface RunRequest extends RunFlags {
  readonly resume?: string | true;
  /** Weights to measure; then a missing test section is filled in from validation. */
  readonly checkpoint?: string;
}

/** Makes the runner of a command line: the config with the flags laid over it, logging to the terminal at hand. */
export async function prepareRun(path: string, request: RunRequest, io: CliIo): Promise<Runner> {
  const { config, file, registry } = await readConfig(path, request.cfgOptions ?? [], io.cwd);
  if (request.backend !== undefined) await loadBackend(request.backend, registry, file);
  const complete = config.mergeFromDict(await overlay(config, { file, request, cwd: io.cwd }), { registry, from: 'the command line' });
  const terminal = createTerminal({
    output: io.stdout,
    env: (name) => nodePlatform.env(name),
    now: () => nodePlatform.monotonic(),
  });
  return Runner.fromConfig(complete, { registry, sinks: [terminal.sink], progress: terminal.progress });
}

interface Overlay {
  readonly file: string;
  readonly request: RunRequest;
  readonly cwd: string;
}

async function overlay(config: Config, { file, request, cwd }: Overlay): Promise<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  if (request.workDir !== undefined) values.workDir = resolve(cwd, request.workDir);
  else if (config.get('workDir') === undefined) values.workDir = resolve(cwd, 'work_dirs', basename(file, extname(file)));
  if (request.backend !== undefined) values.backend = { type: request.backend, _delete_: true };
  if (request.resume === true) values.resume = true;
  else if (request.resume !== undefined) values.resume = await existing(request.resume, cwd, 'a checkpoint to resume from');
  if (request.checkpoint !== undefined) {
    values.loadFrom = await existing(request.checkpoint, cwd, 'a checkpoint to measure');
    Object.assign(values, testSection(config));
  }
  return values;
}

/** The test section, taken from validation where the config has none. */
function testSection(config: Config): Record<string, unknown> {
  if (config.get('testDataloader') !== undefined || config.get('valDataloader') === undefined) return {};
  return Object.fromEntries(['Dataloader', 'Cfg', 'Evaluator'].map((part) => [`test${part}`, config.get(`val${part}`)]));
}
