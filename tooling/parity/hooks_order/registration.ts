import { EngineError } from '@engine/core';
import { type Hook, HookList, type HookPoint, priorityValue } from '@engine/hooks';
import { toCamelCase } from '@engine/registry';
import type { ReplayResult } from '../harness/area.js';
import { Comparison } from './comparison.js';
import { type HookConfig, hooksOf, noOp } from './hook-lists.js';

export interface RegistrationCase {
  readonly id: string;
  readonly default_hooks: Readonly<Record<string, HookConfig | null>>;
  readonly custom_hooks: readonly HookConfig[];
  readonly sequence: readonly { readonly hook: string; readonly priority: string; readonly numeric: number }[];
  readonly hooks_info: string;
}

export interface PriorityCase {
  readonly priority: string | number;
  readonly value?: number;
  readonly raises: { readonly type: string } | null;
}

/** The points that hooks of the golden file have, by class. */
export type Stages = Readonly<Record<string, readonly string[]>>;

/** Points at which a hook of ours acts and the reference's does not. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  EMAHook: ['after_val', 'after_test', 'after_run', 'on_exception'],
  ParamSchedulerHook: ['before_train'],
  CheckpointHook: ['on_exception', 'after_run'],
};

/** Hooks of a runner: their order and priorities, and the text that lists them by point. */
export async function replayRegistration(golden: RegistrationCase, stages: Stages): Promise<ReplayResult> {
  const compare = new Comparison(golden.id);
  const { hooks, listing } = await hooksOf(
    { default_hooks: golden.default_hooks, custom_hooks: golden.custom_hooks },
    stages,
  );
  const sequence = hooks.map(({ hook, priority, given }) => ({
    hook: hook.name,
    priority: String(given),
    numeric: priority,
  }));
  compare.check('sequence', sequence, golden.sequence);
  compare.check('hooks_info', withoutAdded(listing).split('\n'), golden.hooks_info.split('\n'));
  const added = hooks.flatMap(({ hook: { name } }) => (ADDED[name] ?? []).map((point) => `${name} at ${point}`));
  return compare.result(added.length === 0 ? undefined : `acts besides: ${[...new Set(added)].join(', ')}`);
}

/** A hook with these methods is listed at exactly these points. */
export function replayStages(id: string, stages: readonly string[]): ReplayResult {
  const [compare, list] = [new Comparison(id), new HookList()];
  list.register({ name: 'Subject', ...Object.fromEntries(stages.map((stage) => [toCamelCase(stage), noOp])) } as Hook);
  const listed = blocksOf(snakePoints(list.describe())).map(([point]) => point);
  compare.check('stages', listed.toSorted(), stages.toSorted());
  return compare.result();
}

/** Python's exception classes are kinds of errors here. */
const KINDS: Readonly<Record<string, string>> = { ValueError: 'value', KeyError: 'key', TypeError: 'type' };

export function replayPriority(id: string, { priority, value, raises }: PriorityCase): ReplayResult {
  const compare = new Comparison(id);
  try {
    compare.check('value', priorityValue(priority), value);
    compare.check('raises', null, raises);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    compare.check('raises', error.kind, raises === null ? null : KINDS[raises.type]);
  }
  return compare.result();
}

/** Our listing without the lines of what we added. */
function withoutAdded(listing: string): string {
  const added = ([point, lines]: Block): Block => [
    point,
    lines.filter((line) => !ADDED[line.slice(15).trim()]?.includes(point)),
  ];
  const kept = blocksOf(snakePoints(listing))
    .map(added)
    .filter(([, lines]) => lines.length > 0);
  return kept.map(([point, lines]) => `${point}:\n${lines.join('\n')}${END}`).join('\n');
}

type Block = readonly [point: string, lines: readonly string[]];
const END = '\n -------------------- ';

function blocksOf(listing: string): Block[] {
  return listing.split(END).flatMap((block): Block[] => {
    const [head = '', ...lines] = block.trimStart().split('\n');
    return head === '' ? [] : [[head.slice(0, -1), lines]];
  });
}

/** The names of points as the reference spells them. */
function snakePoints(listing: string): string {
  return listing.replace(/^[a-zA-Z]+:$/gm, (point) =>
    (point as HookPoint).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  );
}
