/** What a kill inside a save leaves in a work dir. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKPOINT } from './read-run.ts';

/** A file that is half-written, a whole one that is not named in `last_checkpoint` yet, or more files than are kept. */
export const leftovers = ['half', 'unnamed', 'surplus'] as const;
export type Leftover = (typeof leftovers)[number];

/** Names of half-written checkpoints. */
export function halfWritten(workDir: string): Set<string> {
  if (!existsSync(workDir)) return new Set();
  return new Set(readdirSync(workDir).filter((name) => name.includes(CHECKPOINT) && name.endsWith('.engine-tmp')));
}

/** `before`: half-written ones that earlier kills left; `kept`: the most checkpoints that lie there between two saves. */
export function leftBehind(
  workDir: string,
  { before, kept }: { readonly before: ReadonlySet<string>; readonly kept: number },
): Leftover | undefined {
  if ([...halfWritten(workDir)].some((name) => !before.has(name))) return 'half';
  const checkpoints = readdirSync(workDir).filter((name) => name.endsWith(CHECKPOINT));
  const newest = Math.max(...checkpoints.map((name) => Number(/^iter_(\d+)/.exec(name)?.[1] ?? 0)));
  const last = join(workDir, 'last_checkpoint');
  const named = existsSync(last) ? Number(/\d+/.exec(readFileSync(last, 'utf8'))?.[0]) : 0;
  if (newest > named) return 'unnamed';
  return checkpoints.length > kept ? 'surplus' : undefined;
}
