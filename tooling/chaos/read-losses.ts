import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Losses {
  /** Every loss logged for an iteration, over all sessions of a work dir: text as written, so that bits are compared. */
  readonly byIter: ReadonlyMap<number, readonly string[]>;
  /** Rows in all. */
  readonly rows: number;
}

/** Reads the scalar rows of all sessions. A last line that a kill cut short is left out; any other unreadable line is an error. */
export function readLosses(workDir: string): Losses {
  const byIter = new Map<number, string[]>();
  let rows = 0;
  for (const stamp of readdirSync(workDir)) {
    const file = join(workDir, stamp, 'vis_data', 'scalars.json');
    if (!existsSync(file)) continue;
    const text = readFileSync(file, 'utf8');
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    for (const line of lines) {
      if (line === '') continue;
      const row = JSON.parse(line) as { iter?: number; loss?: number; lr?: number };
      if (row.iter === undefined || row.loss === undefined || row.lr === undefined) continue;
      rows += 1;
      byIter.set(row.iter, [...(byIter.get(row.iter) ?? []), String(row.loss)]);
    }
  }
  return { byIter, rows };
}
