import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** The file to replay: the one named, else the area's committed golden file; `undefined` where it does not exist. */
export function goldenFile(tooling: string, area: string, named: string | undefined): string | undefined {
  const own = ['numerics', 'config'].map((kind) => join(tooling, 'golden', kind, area));
  const candidates = named === undefined ? own.flatMap((path) => [`${path}.json`, `${path}.jsonl`]) : [named];
  return candidates.find((candidate) => existsSync(candidate));
}
