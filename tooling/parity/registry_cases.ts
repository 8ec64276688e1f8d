import { readFile } from 'node:fs/promises';
import type { ParityArea, ReplayResult } from './harness/area.js';
import { describe, errorFault } from './registry_cases/errors.js';
import { Replay, type Step } from './registry_cases/replay.js';
import { resultFault } from './registry_cases/results.js';

interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Registries: registering, trees of scopes, looking up, default scopes and building. */
export const area: ParityArea = {
  name: 'registry_cases',
  tolerance: 'exact; errors by kind and by what they mention',
  context: ['reference'],
  async *replay(file) {
    const { cases } = JSON.parse(await readFile(file, 'utf8')) as { readonly cases: readonly Case[] };
    for (const [index, golden] of cases.entries()) yield replayCase(golden, `cases[${index}]`);
  },
};

function replayCase({ name, steps }: Case, id: string): ReplayResult {
  const replay = new Replay();
  for (const [index, step] of steps.entries()) {
    const fault = stepFault(replay, step);
    if (fault !== undefined) return { id, ok: false, error: `${name}, step ${index} (${step.do}): ${fault}` };
  }
  return { id, ok: true };
}

function stepFault(replay: Replay, step: Step): string | undefined {
  let result: unknown;
  try {
    result = replay.run(step);
  } catch (error) {
    return step.expect.error === undefined ? `threw ${describe(error)}` : errorFault(error, step.expect.error);
  }
  if (step.expect.error !== undefined) return `expected ${step.expect.error.type}, got ${JSON.stringify(result)}`;
  return resultFault(step, result);
}
