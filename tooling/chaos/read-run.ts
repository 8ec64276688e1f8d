/** Everything that a run leaves in its work dir and that does not depend on the clock, as text, so that bits are compared. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '@engine/fileio';

/** By name, as text. */
export type Facts = ReadonlyMap<string, string>;

export interface RunRecord {
  /** Every row of `scalars.json` over all sessions: `train 12` and all that was ever written for it. */
  readonly rows: ReadonlyMap<string, readonly string[]>;
  /** What is in each checkpoint that was kept, by the file's name. */
  readonly checkpoints: ReadonlyMap<string, Facts>;
  /** What `last_checkpoint` says. */
  readonly last: string;
  /** Lines of warnings and errors, without their time. */
  readonly complaints: ReadonlySet<string>;
}

/** What depends on the clock or on the memory of the process. */
const MEASURED = new Set(['time', 'data_time', 'eta', 'memory', 'samplesPerSec', 'tensors', 'tensorMb']);
/** What says where and when a run was. */
const OF_THE_SESSION = /^(config|configHash|meta\.(time|experimentName)|messageHub\.infos\.(cfg|experimentName))(\.|$)/;
const LEVELS = / - (WARNING|ERROR|CRITICAL) - /;
export const CHECKPOINT = '.safetensors';

export function readRun(workDir: string): RunRecord {
  const files = readdirSync(workDir).filter((name) => name.endsWith(CHECKPOINT));
  return {
    rows: readRows(workDir),
    checkpoints: new Map(files.sort().map((name) => [name, readCheckpoint(join(workDir, name))])),
    last: readFileSync(join(workDir, 'last_checkpoint'), 'utf8'),
    complaints: readComplaints(workDir),
  };
}

function readRows(workDir: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const line of linesOf(workDir, () => join('vis_data', 'scalars.json'))) {
    const row = JSON.parse(line) as Record<string, unknown>;
    const key = `${'lr' in row ? 'train' : 'val'} ${String(row.step)}`;
    const values = Object.entries(row).filter(([name]) => !MEASURED.has(name));
    rows.set(key, [...(rows.get(key) ?? []), JSON.stringify(Object.fromEntries(values))]);
  }
  return rows;
}

function readComplaints(workDir: string): Set<string> {
  const lines = linesOf(workDir, (stamp) => `${stamp}.log`).filter((line) => LEVELS.test(line));
  return new Set(lines.map((line) => line.slice(LEVELS.exec(line)?.index ?? 0).replace(/^ - /, '')));
}

/** Lines of a file of every session. A last line that a kill cut short is left out. */
function linesOf(workDir: string, name: (stamp: string) => string): string[] {
  return readdirSync(workDir)
    .sort()
    .map((stamp) => join(workDir, stamp, name(stamp)))
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n').slice(0, -1));
}

/** Tensors and the leaves of the header. */
function readCheckpoint(path: string): Facts {
  const { tensors, metadata } = readSafetensors(readFileSync(path));
  const facts = new Map<string, string>();
  for (const [name, { dtype, shape, data }] of tensors) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    facts.set(`tensor ${name}`, `${dtype} (${shape.join(', ')}) ${hash}`);
  }
  for (const [name, value] of leaves('', JSON.parse(metadata.engine ?? '{}'))) facts.set(name, JSON.stringify(value));
  return facts;
}

function leaves(path: string, value: unknown): [string, unknown][] {
  if (OF_THE_SESSION.test(path) || MEASURED.has(path.split(/[./]/).at(-1) as string)) return [];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, item]) => leaves(path === '' ? key : `${path}.${key}`, item));
}
