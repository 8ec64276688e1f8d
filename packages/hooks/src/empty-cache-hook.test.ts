import { cpu } from '@engine/backend-cpu';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { EmptyCacheHook, type EmptyCacheHookOptions } from './empty-cache-hook.js';
import { HookList } from './hook-list.js';
import { makeTestRun, runEpochs } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

let run: TestRun;
afterEach(() => run.close());

/** How often a run of two epochs of four iterations, each validated with one batch, asks the backend. */
async function asked(options: EmptyCacheHookOptions): Promise<number> {
  let times = 0;
  const plain = makeTestRun();
  const { backend } = plain;
  await plain.close();
  run = makeTestRun({ backend: { ...backend, emptyCache: () => void (times += 1) } });
  const list = new HookList();
  list.register(new EmptyCacheHook(options));
  await runEpochs(run, list, { from: 0, to: 2 });
  return times;
}

it.each<[EmptyCacheHookOptions, number]>([
  [{}, 4],
  [{ afterEpoch: false }, 0],
  [{ afterEpoch: false, beforeEpoch: true }, 4],
  [{ afterEpoch: false, afterIter: true }, 10],
  [{ beforeEpoch: true, afterIter: true }, 18],
])('EmptyCacheHook %j asks %i times', async (options, expected) => {
  expect(await asked(options)).toBe(expected);
  expect(run.logged).toEqual([]);
});

it('EmptyCacheHook says when the backend has nothing to give back', async () => {
  run = makeTestRun();
  new EmptyCacheHook().beforeRun(run);
  expect(run.logged).toEqual(['EmptyCacheHook does nothing: the backend cpu keeps no memory that it could give back.']);
});
