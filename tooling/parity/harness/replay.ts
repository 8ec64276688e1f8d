import { readFile } from 'node:fs/promises';
import type { ParityArea, ReplayOptions, ReplayResult } from './area.js';
import { elementsOf } from './elements.js';
import { oneLine } from './guarded.js';
import { type Score, score } from './score.js';

/** Replays one golden file, as far as it goes, and holds the results against everything that the file expects. */
export async function replayFile(area: ParityArea, file: string, options: ReplayOptions): Promise<Score> {
  const data: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (typeof data !== 'object' || data === null || Array.isArray(data)) throw new Error(`${file} is not a JSON object`);
  const results: ReplayResult[] = [];
  let stopped: string | undefined;
  try {
    for await (const result of area.replay(file, options)) results.push(result);
  } catch (error) {
    stopped = `the replay stopped: ${oneLine(error)}`;
  }
  return score(elementsOf(data as Record<string, unknown>, area.context), results, stopped);
}
