import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { ParityArea, ReplayOptions, ReplayResult } from './area.js';
import { elementsOf } from './elements.js';
import { oneLine } from './guarded.js';
import { type Score, score } from './score.js';

/** Replays one golden file, as far as it goes, and holds the results against everything that the file expects. */
export async function replayFile(area: ParityArea, file: string, options: ReplayOptions): Promise<Score> {
  const data = await readGolden(file);
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

/** The text of a golden file, unpacked where its name ends in `.gz`. */
export async function readGoldenText(file: string): Promise<string> {
  const bytes = await readFile(file);
  return (file.endsWith('.gz') ? await promisify(gunzip)(bytes) : bytes).toString('utf8');
}

/** A golden file's sections. One with a JSON value a line is a single section, `records`. */
async function readGolden(file: string): Promise<unknown> {
  const text = await readGoldenText(file);
  if (!/\.jsonl(?:\.gz)?$/.test(file)) return JSON.parse(text);
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return { records: lines.map((line) => JSON.parse(line) as unknown) };
}
