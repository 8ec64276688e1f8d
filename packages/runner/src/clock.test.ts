import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import { EarlyStoppingHook, EMAHook, ThroughputHook } from '@engine/hooks';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BoringDataset, boringRuns, ManualPlatform, tensorsOf } from './testing/index.js';

const boring = boringRuns(cpu);
const final = '/runs/boring/epoch_3.safetensors';

/** A wall clock that somebody sets back by a day at every look. */
class BackwardsPlatform extends ManualPlatform {
  #now = Date.UTC(2026, 5, 1, 12);
  override now(): number {
    this.#now -= 24 * 3600 * 1000;
    return this.#now;
  }
}

describe('a clock that goes backwards', () => {
  const customHooks = [
    { type: EMAHook, momentum: 0.1 },
    { type: EarlyStoppingHook, monitor: 'acc' },
    { type: ThroughputHook, interval: 2, warmup: 1, estimateAfter: 2 },
  ];

  it('changes no weight, and a run resumes from what was written "later"', async () => {
    const expected = boring({ customHooks });
    await expected.runner.train();
    const storage = new MemoryStorage();
    const platform = new BackwardsPlatform();
    await boring({ customHooks, trainCfg: { byEpoch: true, maxEpochs: 2 } }, { storage, platform }).runner.train();
    const again = boring({ customHooks, resume: true }, { storage, platform });
    await again.runner.train();
    expect(await tensorsOf(storage, final)).toEqual(await tensorsOf(expected.storage, final));
    expect(again.lines.join('\n')).not.toMatch(/NaN|Infinity|: -\d/);
  });

  it('moves away what an earlier run has written, although its folder has a later name', async () => {
    const storage = new MemoryStorage();
    const platform = new BackwardsPlatform();
    await boring({}, { storage, platform }).runner.train();
    const second = boring({}, { storage, platform });
    await second.runner.train();
    const [folder] = (await storage.list('/runs/boring')).filter((name) => /^\d{8}_\d{6}$/.test(name)).slice(-1);
    expect(await storage.list(`/runs/boring/${folder}`)).toContain('epoch_3.safetensors');
    expect(second.lines.some((line) => line.includes('checkpoints of an earlier run'))).toBe(true);
  });
});

describe('a last_checkpoint with anything in it', () => {
  it('is passed over, and the run goes on from the furthest whole checkpoint', async () => {
    const storage = new MemoryStorage();
    const data = { dataset: new BoringDataset(6), batchSize: 3 };
    const options = { trainDataloader: data, trainCfg: { byEpoch: true, maxEpochs: 2 } } as const;
    await boring(options, { storage }).runner.train();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
        await storage.put('/runs/boring/last_checkpoint', bytes);
        const resumed = boring({ ...options, resume: true }, { storage });
        await resumed.runner.train();
        expect(resumed.lines).toContain('INFO resumed epoch: 2, iter: 4, from /runs/boring/epoch_2.safetensors');
      }),
      {
        numRuns: 12,
        examples: [[Uint8Array.of(0)], [new TextEncoder().encode('../..')], [new TextEncoder().encode('.')]],
      },
    );
  });
});
