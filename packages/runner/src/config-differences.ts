/** What differs between the config in a checkpoint and the present one, and what each difference means for resuming. */
import { Config, engineKeys } from '@engine/config';
import type { JsonObject } from '@engine/core';
import { type Registry, toCamelCase } from '@engine/registry';
import { alignHooks, keyOf } from './hook-differences.js';

/**
 * - `free`: without any influence on what is computed: work dir, logging, intervals of logs and checkpoints, `numWorkers`, testing, and
 *   variables of the user's own, whose users are compared themselves;
 * - `told`: training goes on exactly from where it was, and the log says what is different from there: length, validation, backend,
 *   hooks without a state;
 * - `breaking`: the run would be another one: everything else.
 */
export type DifferenceKind = 'free' | 'told' | 'breaking';

/** One place at which two configs differ. */
export interface ConfigDifference {
  /** As the present config spells it where it has the key. */
  readonly path: string;
  /** Undefined where the key is not there. */
  readonly saved: unknown;
  readonly now: unknown;
  /** Type of the hook of the user's at this place. */
  readonly hook?: string | undefined;
}

/** Sections that are compared key by key although one side may not have them. */
const SECTIONS = ['randomness', 'trainCfg', 'trainDataloader', 'valDataloader', 'defaultHooks'];

/** Every single value that differs. The order of keys counts for nothing, nor does their spelling; hooks are compared with those of their type. */
export function configDifferences(
  saved: JsonObject,
  now: JsonObject,
  options: { readonly registry?: Registry | undefined } = {},
): ConfigDifference[] {
  const aligned = alignHooks(saved, now);
  const before = Config.fromData(withSections(aligned.saved));
  const after = Config.fromData(withSections(aligned.now));
  // the present config first: it is its spelling that can be located
  return Config.diff(after, before, options).map((change) => {
    const place = aligned.placeOf(change.path);
    const path = place?.path ?? change.path;
    return { path, saved: change.after, now: change.before, ...(place !== undefined && { hook: place.type }) };
  });
}

function withSections(config: JsonObject): JsonObject {
  const missing = SECTIONS.map((name) => keyOf(config, name)).filter((key) => (config[key] ?? null) === null);
  return { ...config, ...Object.fromEntries(missing.map((key) => [key, {}])) };
}

const FREE = [
  'workDir',
  'storages',
  'visualizer',
  'visBackends',
  'logProcessor',
  'logLevel',
  'loadFrom',
  'resume',
  'allowChanges',
  'experimentName',
  'customImports',
  'launcher',
  'envCfg',
  'testDataloader',
  'testCfg',
  'testEvaluator',
];
const TOLD = ['backend', 'compile', 'valDataloader', 'valCfg', 'valEvaluator'];

const LOADER = /^(train|val)Dataloader\.(numWorkers|prefetch|prefetchFactor|persistentWorkers|timeout)$/;
const PARTS: readonly (readonly [RegExp, DifferenceKind])[] = [
  [LOADER, 'free'],
  [/^randomness\.deterministic$/, 'free'],
  [/^model\.(.*\.)?initCfg(\.|$)/, 'free'], // weights come from the checkpoint
  [/^defaultHooks\.(runtimeInfo|timer|logger|checkpoint)(\.|$)/, 'free'],
  [/^trainCfg\.(maxEpochs|maxIters|valInterval|valBegin|dynamicIntervals)(\.|$)/, 'told'],
];

/** `isStateful` tells of which types hooks have a state. */
export function kindOf({ path, hook }: ConfigDifference, isStateful: (type: string) => boolean): DifferenceKind {
  if (hook !== undefined) return isStateful(hook) ? 'breaking' : 'told';
  const camel = path.split('.').map(toCamelCase).join('.');
  const [top = ''] = camel.split('.');
  if (FREE.includes(top) || !engineKeys.includes(top)) return 'free';
  const part = PARTS.find(([pattern]) => pattern.test(camel));
  return part?.[1] ?? (TOLD.includes(top) ? 'told' : 'breaking');
}
