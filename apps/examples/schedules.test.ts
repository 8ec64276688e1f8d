// docs/schedules.md shows the example as it is, and the example runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wasm } from '@engine/backend-wasm';
import { EMAHook } from '@engine/hooks';
import { readCheckpoint } from '@engine/runner';
import { makeBoringRun } from '@engine/runner/testing';
import { LinearLR } from '@engine/scheduler';
import { describeScheduler } from '@engine/scheduler/testing';
import { expect, it } from 'vitest';
import config from './schedules/config.js';
import { RexLR } from './schedules/rex.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/schedules.md');

describeScheduler(RexLR);

it.each(['rex.ts', 'config.ts'])('the page shows %s as it is', (name) => {
  const [, ...code] = read(`apps/examples/schedules/${name}`).split('\n'); // the first line is a remark
  expect(page).toContain(code.join('\n').trim());
});

it('the schedule runs with its warm-up and with averaged weights', async () => {
  const { runner, model, storage } = makeBoringRun(wasm({ threads: 1 }), {
    paramScheduler: [
      { type: LinearLR, startFactor: 0.1, byEpoch: false, end: 4 },
      { type: RexLR, convertToIterBased: true },
    ],
    customHooks: [{ type: EMAHook, momentum: 0.002, updateBuffers: true }],
  });
  const values = [...((await runner.schedule()).curves[0]?.values ?? [])];
  expect(Math.max(...values)).toBe(values[3]);
  expect(values.at(-1)).toBeCloseTo((0.1 * (1 - 11 / 12)) / (1 - 11 / 24), 9);
  await runner.train();
  const { tensors } = await readCheckpoint(storage, '/runs/boring/epoch_3.safetensors');
  expect(tensors.get('ema/steps')?.data).toEqual(BigInt64Array.of(12n));
  await runner.dispose();
  model.dispose();
});

it('the config is what the page says', () => {
  expect(config).toMatchObject({ workDir: 'runs/schedules', customHooks: [{ type: 'EMAHook' }] });
});
