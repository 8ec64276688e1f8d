import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import { EarlyStoppingHook, type Hook, NumberMonitorHook } from '@engine/hooks';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import { afterIteration, boringRuns, tensorsOf } from './testing/index.js';

const boring = boringRuns(cpu);
const last = '/runs/boring/epoch_2.safetensors';

/** No gain is enough: the second validation stops the training, after 8 of 40 iterations. */
const options = {
  trainCfg: { byEpoch: true, maxEpochs: 10 },
  defaultHooks: { checkpoint: { interval: 1, saveBest: 'auto' } },
} as const;
const hooks = (): object[] => [
  { type: EarlyStoppingHook, monitor: 'acc', minDelta: 1000, patience: 1 },
  { type: NumberMonitorHook, spikeWindow: 3, layers: false, gradients: false },
];
const die = (): never => {
  throw new Error('killed');
};

async function statesOf(storage: MemoryStorage): Promise<unknown> {
  const { sections, meta } = await readCheckpoint(storage, last);
  return [sections.get('hooks'), meta.epoch, meta.iter];
}

describe('EarlyStoppingHook in a run', () => {
  it('ends it after the hooks of the validation', async () => {
    const { runner, lines, storage } = boring({ ...options, customHooks: hooks() as never });
    await runner.train();
    expect(lines.filter((line) => line.includes('Epoch(val)'))).toHaveLength(2);
    expect(lines.some((line) => line.includes('Early stopping: acc did not get better'))).toBe(true);
    expect(await storage.exists('/runs/boring/epoch_3.safetensors')).toBe(false);
  });

  it('ends it at the same place with the same state when it is killed anywhere and resumed', async () => {
    const whole = new MemoryStorage();
    await boring({ ...options, customHooks: hooks() as never }, { storage: whole }).runner.train();
    const afterVal: Hook = {
      name: 'AfterVal',
      priority: 'LOWEST',
      afterVal: (ctx) => (ctx.epoch === 1 ? die() : undefined),
    };
    const inVal: Hook = {
      name: 'InVal',
      priority: 'LOW',
      afterValEpoch: (ctx) => (ctx.epoch === 2 ? die() : undefined),
    };
    for (const killer of [afterIteration(2, die), afterIteration(4, die), afterVal, afterIteration(7, die), inVal]) {
      const storage = new MemoryStorage();
      const killed = boring({ ...options, customHooks: [...hooks(), killer] as never }, { storage });
      await expect(killed.runner.train()).rejects.toThrow('killed');
      const resumed = boring({ ...options, customHooks: hooks() as never, resume: true }, { storage });
      await resumed.runner.train();
      expect(await storage.exists('/runs/boring/epoch_3.safetensors'), killer.name).toBe(false);
      expect(await tensorsOf(storage, last), killer.name).toEqual(await tensorsOf(whole, last));
      expect(await statesOf(storage), killer.name).toEqual(await statesOf(whole));
    }
  });

  it('ends a run at once that is resumed after it has ended', async () => {
    const storage = new MemoryStorage();
    await boring({ ...options, customHooks: hooks() as never }, { storage }).runner.train();
    const before = await tensorsOf(storage, last);
    const again = boring({ ...options, customHooks: hooks() as never, resume: true }, { storage });
    await again.runner.train();
    expect(again.lines.filter((line) => line.includes('Epoch(train)'))).toEqual([]);
    expect(await tensorsOf(storage, last)).toEqual(before);
  });
});
