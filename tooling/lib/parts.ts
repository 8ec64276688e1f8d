import { readdirSync } from 'node:fs';

/** Parity areas and benchmarks are found by listing their folder: every `NAME.ts` in it is one. */
export function listParts(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .sort();
}
