/** Whether a run may be resumed with the config at hand. */
import { formatLocation, type JsonObject, type Logger } from '@engine/core';
import type { HookList, LoadedCheckpoint } from '@engine/hooks';
import { type Locate, type Registry, show } from '@engine/registry';
import { type ConfigDifference, configDifferences, type DifferenceKind, kindOf } from './config-differences.js';
import { runnerErrors } from './errors.js';
import { type HookStates, hasState, hookStates, unmatchedStates, withoutNumber } from './hook-differences.js';

/** The run that is about to go on. */
export interface Resuming {
  /** As it is recorded in checkpoints. */
  readonly config: JsonObject;
  readonly hooks: HookList;
  readonly registry: Registry;
  /** Finds file and line of a path in the config. */
  readonly locate: Locate | undefined;
  readonly allowChanges: boolean;
  /** How paths are shown. */
  show(path: string): string;
  readonly logger: Logger;
}

/**
 * Compares the config in a checkpoint with the present one. What would make another run of it is refused, or with `allowChanges` told in a
 * warning; what leaves its steps alone is told in a line; the rest is nobody's business.
 * @throws `ENGINE_RUNNER_CONFIG_CHANGED`
 */
export function checkChanges(run: Resuming, checkpoint: LoadedCheckpoint): void {
  const { breaking, told } = sortedDifferences(run, checkpoint);
  const [path, list] = [run.show(checkpoint.path), lines(run, breaking)];
  if (told.length > 0) run.logger.info(`Changed since ${path} was saved:${lines(run, told)}`);
  if (breaking.length === 0) return;
  if (!run.allowChanges) throw configChanged(path, list, breaking.length);
  run.logger.warn(
    `${path} is resumed with another config, as allowChanges says:${list}\n` +
      'What the checkpoint holds goes on all the same: weights, optimizer state and groups (lr, momentum, ...), schedules, states of hooks, seed.',
  );
}

function sortedDifferences(
  run: Resuming,
  checkpoint: LoadedCheckpoint,
): Readonly<Record<'breaking' | 'told', readonly ConfigDifference[]>> {
  const states = hookStates(checkpoint, run.hooks);
  const { seeds } = checkpoint.meta;
  const inConfigs = configDifferences(checkpoint.config, run.config, { registry: run.registry }).flatMap((each) =>
    each.path === 'randomness.seed' ? seedDifference(each, seeds.run) : [each],
  );
  const of = (kind: DifferenceKind): ConfigDifference[] =>
    inConfigs.filter((difference) => kindOf(difference, (type) => hasState(type, states)) === kind);
  const breaking = of('breaking');
  return { breaking: [...breaking, ...stateDifferences(states, breaking)], told: of('told') };
}

/** The seed in use is what counts: it may have been drawn. One that is not given any more is taken from the checkpoint. */
function seedDifference(difference: ConfigDifference, used: number): ConfigDifference[] {
  const { now = null } = difference;
  return now === null || now === used ? [] : [{ ...difference, saved: used }];
}

/** States that one side lacks, of hooks whose types in the config do not tell it. */
function stateDifferences(states: HookStates, found: readonly ConfigDifference[]): ConfigDifference[] {
  const told = new Set(found.map(({ hook }) => hook));
  return unmatchedStates(states)
    .filter(({ key }) => !told.has(withoutNumber(key)))
    .map(({ key, isSaved }) => {
      const state = `<the state of ${key}>`;
      return { path: 'customHooks', saved: isSaved ? state : undefined, now: isSaved ? undefined : state };
    });
}

function lines({ locate }: Resuming, differences: readonly ConfigDifference[]): string {
  return differences.map((each) => `\n              ${lineOf(each, locate)}`).join('');
}

function lineOf({ path, saved, now }: ConfigDifference, locate: Resuming['locate']): string {
  const [before, after] = shown(saved, now);
  const at = now === undefined ? undefined : locate?.(path);
  return `${path}: ${before} → ${after}${at === undefined ? '' : `   at ${formatLocation(at)}`}`;
}

/** What a config cannot hold is in its JSON as `<what it is>`. */
function short(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' && /^<.+>$/.test(value) ? value : show(value);
}

/** In full where short forms would look the same. */
function shown(saved: unknown, now: unknown): readonly [string, string] {
  const [before, after] = [saved, now].map(short);
  if (before !== undefined && after !== undefined && before !== after) return [before, after];
  return [JSON.stringify(saved), JSON.stringify(now)];
}

function configChanged(path: string, list: string, count: number): Error {
  return runnerErrors.CONFIG_CHANGED({
    subject: path,
    expected: 'the config that it was saved with, in everything that decides what is computed',
    received: `${count === 1 ? 'a change' : `${count} changes`}, saved → now:${list}`,
    action:
      'take them back (the config of that run is STAMP.json in its work dir); or resume all the same: --allow-changes, allowChanges: true; or start a new run with its weights: loadFrom without resume',
  });
}
