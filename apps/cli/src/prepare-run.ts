import { basename, dirname, extname, join, resolve } from 'node:path';
import { type Config, customImportsOf, engineOptions } from '@engine/config';
import { createTerminal } from '@engine/logging';
import { buildRunnerWithTta, Runner } from '@engine/runner';
import type { CliIo } from './io.js';
import { loadBackend } from './load-backend.js';
import type { RunFlags } from './options.js';
import { cliPlatform } from './platform.js';
import { existing, readConfig } from './read-config.js';
import { ampOverlay, autoScaleLrOverlay } from './training-flags.js';

export interface RunRequest extends RunFlags {
  readonly resume?: string | true;
  /** Resumes with another config. */
  readonly allowChanges?: boolean;
  /** Weights to start from. */
  readonly loadFrom?: string;
  /** Mixed precision. */
  readonly amp?: boolean;
  /** Scales the learning rate by the batch size. */
  readonly autoScaleLr?: boolean;
  /** Weights to measure; then a missing test section is filled in from validation. */
  readonly checkpoint?: string;
  /** Tests with several versions of each sample. */
  readonly tta?: true;
}

/** Makes the runner of a command line: the config with the flags laid over it, logging to the terminal at hand. */
export async function prepareRun(path: string, request: RunRequest, io: CliIo): Promise<Runner> {
  const { cwd, stdout } = io;
  const { config, file, registry } = await readConfig(path, request.cfgOptions ?? [], { cwd });
  const platform = cliPlatform(cwd);
  if (request.backend !== undefined) await loadBackend(request.backend, { registry, platform, file, cwd });
  const complete = config.mergeFromDict(await overlay(config, { file, request, cwd }), {
    registry,
    from: 'the command line',
  });
  const { sink, progress } = createTerminal({
    output: stdout,
    env: (name) => platform.env(name),
    now: () => platform.monotonic(),
  });
  const runtime = { registry, platform, sinks: [sink], progress };
  return request.tta === true ? buildRunnerWithTta(complete, runtime) : Runner.fromConfig(complete, runtime);
}

interface Overlay {
  readonly file: string;
  readonly request: RunRequest;
  readonly cwd: string;
}

async function overlay(config: Config, { file, request, cwd }: Overlay): Promise<Record<string, unknown>> {
  const { options } = engineOptions(config);
  const name = basename(file, extname(file));
  const workDir = typeof options.workDir === 'string' ? options.workDir : join('work_dirs', name);
  const values: Record<string, unknown> = { workDir: inFolder(cwd, request.workDir ?? workDir) };
  const { imports, allowFailedImports } = customImportsOf(config);
  if (imports.length > 0) {
    const absolute = imports.map((specifier) => besideConfig(file, specifier));
    values.customImports = allowFailedImports ? { imports: absolute, allowFailedImports, _delete_: true } : absolute;
  }
  if (request.backend !== undefined) values.backend = { type: request.backend, _delete_: true };
  if (request.amp === true) Object.assign(values, ampOverlay(options));
  if (request.autoScaleLr === true) Object.assign(values, autoScaleLrOverlay(options));
  if (request.resume === true) values.resume = true;
  else if (request.resume !== undefined)
    values.resume = await existing(request.resume, cwd, 'a checkpoint to resume from');
  if (request.allowChanges === true) values.allowChanges = true;
  if (request.loadFrom !== undefined)
    values.loadFrom = await existing(request.loadFrom, cwd, 'a checkpoint to start from');
  if (request.checkpoint !== undefined) {
    values.loadFrom = await existing(request.checkpoint, cwd, 'a checkpoint to measure');
    Object.assign(values, testSection(options));
  }
  return values;
}

/** Relative paths are taken from the config; the copy of it in the work dir must mean the same files. */
function besideConfig(file: string, specifier: string): string {
  return /^\.{1,2}[/\\]/.test(specifier) ? resolve(dirname(file), specifier) : specifier;
}

/** Paths stay as the user wrote them, so that messages and logs show them so; what runs later starts them at the process's folder. */
function inFolder(cwd: string, path: string): string {
  return cwd === process.cwd() ? path : resolve(cwd, path);
}

/** The test section, taken from validation where the config has none. */
function testSection(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  if (options.testDataloader !== undefined || options.valDataloader === undefined) return {};
  return Object.fromEntries(['Dataloader', 'Cfg', 'Evaluator'].map((part) => [`test${part}`, options[`val${part}`]]));
}
