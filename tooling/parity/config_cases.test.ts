import { fileURLToPath } from 'node:url';
import type { Backend } from '@engine/core';
import { expect, it } from 'vitest';
import { area } from './config_cases.js';
import { replayFile } from './harness/replay.js';
import { replayCorrupted } from './harness/testing.js';

const file = fileURLToPath(new URL('../golden/config/config_cases.json', import.meta.url));
const backend = { name: 'none' } as Backend;

interface Golden {
  readonly cases: { expect: Record<string, unknown> }[];
}

it('gives what the reference gives, but for one of its oddities', async () => {
  const score = await replayFile(area, file, { backend });
  expect(score.failures).toEqual([]);
  expect([score.passed, score.quirks]).toEqual([121, ['cases[46]']]);
}, 240_000);

it.each([
  ['a value', 0, { config: { net: 1 } }],
  ['a float that is no integer', 29, { config: { a: 1 } }],
  ['an error', 4, { error: { type: 'TypeError', mentions: [] } }],
  ['what an error mentions', 5, { error: { type: 'FileNotFoundError', mentions: ['elsewhere.py'] } }],
  ['a text', 93, { text: 'a = 1\n' }],
  ['something that nothing compares', 1, { colour: 'red' }],
])(
  'notices that %s is damaged',
  async (_what, index, expectation) => {
    const id = `cases[${index}]`;
    const change = (golden: Golden) => {
      golden.cases[index]!.expect = expectation;
    };
    const { failures } = await replayCorrupted(area, { file, backend, id, change });
    expect(failures.map((failure) => failure.id)).toContain(id);
  },
  240_000,
);
