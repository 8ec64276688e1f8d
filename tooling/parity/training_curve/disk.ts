import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { nodeStorage } from '@engine/fileio';
import { readCheckpoint } from '@engine/runner';
import type { RecordedCheckpoint, RecordedFiles } from './recording.js';

/** Where a run was. */
export interface RunPlace {
  readonly workDir: string;
  /** The run's own folder in it. */
  readonly logDir: string;
  readonly timestamp: string;
}

const FIRST_LINE = /Checkpoints will be saved to /;
/** Lines that only we write. */
const OURS = / - (done in |The run failed at )/;

/** Everything in a work dir, told without times and absolute paths. */
export async function readDisk({ workDir, logDir, timestamp }: RunPlace): Promise<RecordedFiles> {
  const paths = await pathsIn(workDir);
  const stamps = paths.filter((path) => /^\d{8}_\d{6}(_\d+)?\/$/.test(path)).map((path) => path.slice(0, -1));
  const hideStamps = (text: string): string =>
    stamps
      .toSorted((a, b) => b.length - a.length)
      .reduce((hidden, stamp) => hidden.replaceAll(stamp, `STAMP${stamps.indexOf(stamp) + 1}`), text);
  const log = await readFile(join(logDir, `${timestamp}.log`), 'utf8');
  const lines = log.trimEnd().split('\n');
  const first = lines.findIndex((line) => FIRST_LINE.test(line));
  return {
    logLines: lines
      .slice(first)
      .filter((line) => !OURS.test(line))
      .map((line) => plainLine(line, { workDir, timestamp })),
    scalars: (await readFile(join(logDir, 'vis_data', 'scalars.json'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>),
    files: paths.map(hideStamps).toSorted(),
    lastCheckpoint: await readFile(join(workDir, 'last_checkpoint'), 'utf8'),
    checkpoints: await readCheckpoints(workDir, paths),
  };
}

/** A line without what differs from one run to another. */
function plainLine(line: string, { workDir, timestamp }: { workDir: string; timestamp: string }): string {
  return line
    .replace(/^\S+ \S+ - /, 'T - ')
    .replaceAll(workDir, 'WORK')
    .replaceAll(timestamp, 'STAMP')
    .replace(/\beta: (?:\d+ days?, )?\d+:\d\d:\d\d/, 'eta: T')
    .replace(/\b(time|data_time): \d+\.\d{4}/g, '$1: T');
}

async function pathsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)) + (entry.isDirectory() ? '/' : ''))
    .toSorted();
}

async function readCheckpoints(workDir: string, paths: readonly string[]): Promise<Map<string, RecordedCheckpoint>> {
  const checkpoints = new Map<string, RecordedCheckpoint>();
  for (const path of paths.filter((candidate) => candidate.endsWith('.safetensors'))) {
    const { meta, tensors, sections, config } = await readCheckpoint(nodeStorage(), join(workDir, path));
    checkpoints.set(path, { meta, tensorNames: [...tensors.keys()], sections, config });
  }
  return checkpoints;
}
