import type { Compose, SampleContext } from '@engine/dataset';
import { branch } from './nested.js';

type Fields = Record<string, unknown>;

/** The sample through each pipeline; a list for each key. */
export async function versions(sample: Fields, ways: readonly Transform[], ctx: SampleContext): Promise<Fields | null> {
  const results: Fields[] = [];
  for (const [i, way] of ways.entries()) {
    const result = await way.transform(sample, branch(ctx, i));
    if (result === null) return null;
    results.push(result);
  }
  const keys = Object.keys(results[0] ?? {});
  return Object.fromEntries(keys.map((key) => [key, results.map((result) => result[key])]));
}
