import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Backend } from '@engine/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ParityArea, ReplayResult } from './area.js';
import { elementsOf } from './elements.js';
import { guarded } from './guarded.js';
import { replayFile } from './replay.js';
import { closingLine, score } from './score.js';
import { replayCorrupted } from './testing.js';

/** Golden file of an area that knows how to double numbers. */
const doubled = {
  versions: { torch: '2' },
  inputs: [1, 2, 3],
  cases: [
    { id: 'one', input: 0, output: 2 },
    { id: 'two', input: 1, output: 4 },
    { input: 2, output: 6 },
  ],
  odd: { strange: { input: 0, output: 7, reference_quirk: true }, plain: { input: 0, output: 2 } },
};
type Doubled = typeof doubled;

const doubling: ParityArea = {
  name: 'doubling',
  tolerance: 'exact',
  context: ['inputs'],
  async *replay(file): AsyncGenerator<ReplayResult> {
    const { readFile } = await import('node:fs/promises');
    const data = JSON.parse(await readFile(file, 'utf8')) as Doubled;
    const compare = (id: string, item: { input: number; output: number }): ReplayResult => {
      const error = Math.abs((data.inputs[item.input] ?? Number.NaN) * 2 - item.output);
      return { id, ok: error === 0, error: `expected ${item.output}`, maxError: error };
    };
    for (const [index, item] of data.cases.entries())
      yield compare('id' in item && item.id !== undefined ? item.id : `cases[${index}]`, item);
    for (const [key, item] of Object.entries(data.odd)) yield compare(`odd.${key}`, item);
  },
};

const backend = { name: 'none' } as Backend;
let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'harness-'));
  file = join(folder, 'doubling.json');
  await writeFile(file, JSON.stringify(doubled));
});
afterAll(() => rm(folder, { recursive: true }));

async function replayOf(data: unknown) {
  const path = join(folder, 'other.json');
  await writeFile(path, JSON.stringify(data));
  return replayFile(doubling, path, { backend });
}

describe('what counts', () => {
  it('is every element of every list and map that is not context', () => {
    expect(elementsOf(doubled, ['inputs']).map(({ id }) => id)).toEqual([
      'one',
      'two',
      'cases[2]',
      'odd.strange',
      'odd.plain',
    ]);
  });

  it('leaves out a quirk that differs, and names it', async () => {
    const result = await replayFile(doubling, file, { backend });
    expect(result).toMatchObject({ passed: 4, total: 4, failures: [], quirks: ['odd.strange'] });
    expect(closingLine('doubling', result)).toBe('parity doubling: 4/4 passed, max error 5.00');
  });

  it('keeps what is said of expectations that are met, and counts them as others', () => {
    const elements = ['a', 'b'].map((id) => ({ id, section: 'cases', quirk: false }));
    const results = elements.map(({ id }) => ({ id, ok: id === 'a', error: 'differs', remark: `about ${id}` }));
    expect(score(elements, results)).toMatchObject({
      passed: 1,
      total: 2,
      remarks: [{ id: 'a', remark: 'about a' }],
      failures: [{ id: 'b', error: 'differs' }],
    });
  });

  it('counts every element of an unknown section as failed', async () => {
    const result = await replayOf({ ...doubled, surprise: [1, 2, { id: 'named' }] });
    expect(result).toMatchObject({ passed: 4, total: 7 });
    expect(result.failures.map(({ id }) => id)).toEqual(['surprise[0]', 'surprise[1]', 'named']);
  });

  it('counts a case without a result, a result without a case and an id that occurs twice as failed', () => {
    const elements = elementsOf({ cases: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] });
    const result = score(elements, [
      { id: 'a', ok: true },
      { id: 'stranger', ok: true },
    ]);
    expect(result).toMatchObject({ passed: 1, total: 4 });
    expect(result.failures.map(({ id }) => id)).toEqual(['b', 'a', 'stranger']);
  });

  it('needs all results of one id to be right', () => {
    const elements = elementsOf({ cases: [{ id: 'a' }] });
    const results = [
      { id: 'a', ok: true, maxError: 1 },
      { id: 'a', ok: false, error: 'second part', maxError: 3 },
    ];
    expect(score(elements, results)).toMatchObject({
      passed: 0,
      total: 1,
      maxError: 3,
      failures: [{ id: 'a', error: 'second part' }],
    });
  });

  it('counts what comes after a replay has thrown as failed, and says why', async () => {
    const breaking: ParityArea = {
      ...doubling,
      async *replay() {
        yield { id: 'one', ok: true };
        throw new Error('out of order\nhere');
      },
    };
    const { failures, passed } = await replayFile(breaking, file, { backend });
    expect(passed).toBe(1);
    expect(failures[0]).toEqual({ id: 'two', error: 'the replay stopped: Error: out of order here' });
  });

  it('lets a guarded case fail alone', async () => {
    const thrown = await guarded('a', () => Promise.reject(new TypeError('no\nway')));
    expect(thrown).toEqual({ id: 'a', ok: false, error: 'TypeError: no way' });
    expect(await guarded('b', () => ({ id: 'b', ok: true }))).toEqual({ id: 'b', ok: true });
  });

  it('refuses a file that is not an object', async () => {
    await expect(replayOf([1])).rejects.toThrow('is not a JSON object');
  });
});

describe('a corrupted golden file', () => {
  it('fails where it was damaged', async () => {
    const corruption = {
      file,
      backend,
      id: 'two',
      change: (data: Doubled) => {
        (data.cases[1] as { output: number }).output = 5;
      },
    };
    const result = await replayCorrupted(doubling, corruption);
    expect(result.failures).toEqual([{ id: 'two', error: 'expected 5' }]);
  });

  it('cannot be shown on a case that fails anyway', async () => {
    const path = join(folder, 'broken.json');
    await writeFile(path, JSON.stringify({ inputs: [1], cases: [{ id: 'one', input: 0, output: 9 }], odd: {} }));
    await expect(replayCorrupted(doubling, { file: path, backend, id: 'one', change: () => {} })).rejects.toThrow(
      'fails before it is damaged',
    );
  });
});

describe('the command', () => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const command = (...args: string[]): Promise<{ code: unknown; output: string }> =>
    new Promise((resolve) => {
      const node = [
        '--import',
        join(here, '../../lib/typescript.mjs'),
        '--conditions=@engine/source',
        join(here, 'main.ts'),
        ...args,
      ];
      execFile(process.execPath, node, (error, stdout, stderr) =>
        resolve({ code: error?.code ?? 0, output: stdout + stderr }),
      );
    });

  it('lists the areas of its folder for one that does not exist', async () => {
    expect(await command('astrology')).toEqual({ code: 2, output: expect.stringMatching(/areas: .*schedulers/) });
  });

  it('fails on a file that has a section nobody replays, and ends with the count', async () => {
    const path = join(folder, 'unknown.json');
    await writeFile(path, JSON.stringify({ versions: {}, cases: [], surprise: [1, 2] }));
    const { code, output } = await command('schedulers', path, '--backend', 'cpu');
    expect(output).toMatch(/failed {2}surprise\[0\]: nothing replays it[\s\S]*\nparity schedulers: 0\/2 passed\n$/);
    expect(code).toBe(1);
  });

  it('says that the file is missing', async () => {
    expect(await command('schedulers', '/nowhere.json')).toEqual({
      code: 2,
      output: expect.stringContaining('/nowhere.json'),
    });
  });
});
