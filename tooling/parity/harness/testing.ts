import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ParityArea, ReplayOptions } from './area.js';
import { replayFile } from './replay.js';
import type { Score } from './score.js';

export interface Corruption<Data> extends ReplayOptions {
  readonly file: string;
  /** Damages the parsed golden data in place: one expectation becomes wrong. */
  change(data: Data): void;
  /** The element whose expectation `change` damages. */
  readonly id: string;
}

/**
 * Replays a damaged copy of a golden file. An area's test calls it for each kind of expectation and demands that `id` is
 * among the failures; that the sound file passes `id` is checked here, so that the test cannot succeed by accident.
 */
export async function replayCorrupted<Data>(area: ParityArea, corruption: Corruption<Data>): Promise<Score> {
  const { file, ...options } = corruption;
  const sound = await replayFile(area, file, options);
  const before = sound.failures.find((failure) => failure.id === corruption.id);
  if (before !== undefined) throw new Error(`${corruption.id} fails before it is damaged: ${before.error}`);
  const folder = await mkdtemp(join(tmpdir(), 'parity-'));
  try {
    const data: unknown = JSON.parse(await readFile(file, 'utf8'));
    corruption.change(data as Data);
    const damaged = join(folder, 'damaged.json');
    await writeFile(damaged, JSON.stringify(data));
    return await replayFile(area, damaged, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}
