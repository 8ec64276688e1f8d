import { type Config, engineOptions, importCustom } from '@engine/config';
import type { Logger } from '@engine/core';
import { DataLoader, type DataLoaderLike, type DatasetMeta } from '@engine/dataset';
import { type Registry, toCamelCase } from '@engine/registry';
import { cliErrors } from '../errors.js';
import type { CliIo } from '../io.js';
import { cliPlatform } from '../platform.js';
import { readConfig } from '../read-config.js';
import { type PipelineBuilder, StepLog } from './step-log.js';

export const SPLITS = ['train', 'val', 'test'] as const;
export type Split = (typeof SPLITS)[number];

export interface DataRequest {
  readonly split: Split;
  readonly cfgOptions: readonly string[];
}

/** The data of one section of a config, ready to be read; every step of its pipeline is watched. */
export interface OpenedData {
  readonly loader: DataLoaderLike;
  readonly steps: StepLog;
  readonly meta: DatasetMeta;
  readonly seed: number;
}

/** Options of a data loader that say how batches are made in threads; samples are looked at here. */
const OF_THREADS = new Set(['numWorkers', 'prefetchFactor', 'persistentWorkers', 'timeout', 'workerInitFn']);

/**
 * Builds the data loader of a config and prepares its dataset.
 * @throws `ENGINE_CLI_NO_SECTION`, those of reading a config, of building, and of the dataset's `init()`
 */
export async function openData(file: string, request: DataRequest, io: CliIo): Promise<OpenedData> {
  const read = await readConfig(file, request.cfgOptions, { cwd: io.cwd });
  const { registry } = read;
  const platform = cliPlatform(io.cwd);
  const config = await importCustom(read.config, {
    registry,
    importModule: (specifier, from) => platform.import(specifier, from),
  });
  const { options, pathOf } = engineOptions(config);
  const option = `${request.split}Dataloader` as const;
  const path = pathOf(option);
  const section = options[option];
  if (typeof section !== 'object' || section === null) throw noSection(file, request.split, options);
  const scope = typeof options.defaultScope === 'string' ? options.defaultScope : undefined;
  const common = { locate: config.locate, logger: loggerOf(io), scope };
  const steps = new StepLog();
  const pipelines: PipelineBuilder = (transform, at) => registry.build('transform', transform, { ...common, path: at });
  const watched = isBuilt(section) ? section : steps.watched(withoutThreads(section), { path, build: pipelines });
  const seed = seedOf(config);
  const loader = buildLoader(registry, watched, { ...common, path, args: { seed }, defaults: { type: DataLoader } });
  await loader.init();
  return { loader, steps, meta: loader.dataset.metainfo, seed };
}

function buildLoader(
  registry: Registry,
  section: object,
  options: Parameters<Registry['build']>[2] & object,
): DataLoaderLike {
  const build = registry.build.bind(registry) as (kind: 'dataLoader', config: unknown, rest: object) => DataLoaderLike;
  return build('dataLoader', section, options);
}

const isBuilt = (section: object): boolean => 'batches' in section && typeof section.batches === 'function';

function withoutThreads(section: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(section).filter(([key]) => !OF_THREADS.has(toCamelCase(key))));
}

function seedOf(config: Config): number {
  const seed: unknown = config.get('randomness.seed');
  return typeof seed === 'number' ? seed : 0;
}

function loggerOf({ stderr }: CliIo): Logger {
  const write = (text: string): void => void stderr.write(`${text}\n`);
  return { debug() {}, info: write, warn: write, error: write };
}

function noSection(file: string, split: Split, options: Readonly<Record<string, unknown>>): Error {
  const there = SPLITS.filter(
    (each) => options[`${each}Dataloader`] !== undefined && options[`${each}Dataloader`] !== null,
  );
  return cliErrors.NO_SECTION({
    subject: file,
    expected: `${split}Dataloader, the data to look at`,
    received: there.length === 0 ? 'no data at all' : `only ${there.map((each) => `${each}Dataloader`).join(' and ')}`,
    action: there.length === 0 ? 'add trainDataloader to the config' : `choose another with --split ${there[0]}`,
  });
}
