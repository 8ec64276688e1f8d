import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import type { Hook } from '@engine/hooks';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import { SIGNAL_EXIT_CODES } from './index.js';
import type { RunnerOptions } from './options.js';
import { afterIteration, type BoringRun, boringRuns, LossTrace, ManualPlatform, tensorsOf } from './testing/index.js';

const boring = boringRuns(cpu);
const make = (
  hooks: readonly Hook[],
  options: Partial<RunnerOptions> = {},
  given: { storage?: MemoryStorage; platform?: ManualPlatform } = {},
): BoringRun => boring({ customHooks: hooks, ...options }, given);

const EPOCH_3 = '/runs/boring/epoch_3.safetensors';

describe('a signal', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    '%s finishes the iteration, saves inside the epoch and says how to go on',
    async (signal) => {
      const storage = new MemoryStorage();
      const platform = new ManualPlatform();
      const trace = new LossTrace();
      const { runner, lines } = make(
        [trace, afterIteration(6, () => platform.send(signal))],
        {},
        { storage, platform },
      );
      const result = await runner.train();
      expect(result).toMatchObject({ stoppedBy: signal, checkpoint: '/runs/boring/iter_6.safetensors' });
      expect([runner.stoppedBy, SIGNAL_EXIT_CODES[signal]]).toEqual([signal, signal === 'SIGINT' ? 130 : 143]);
      expect(lines.at(-1)).toBe(
        `INFO stopped by ${signal} after saving /runs/boring/iter_6.safetensors; continue with --resume`,
      );
      expect((await readCheckpoint(storage, '/runs/boring/iter_6.safetensors')).meta).toMatchObject({
        epoch: 1,
        iter: 6,
        batchInEpoch: 2,
      });
      expect([...trace.losses.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
      expect(platform.exitCodes).toEqual([]);

      const whole = make([]);
      await whole.runner.train();
      await make([], { resume: true }, { storage }).runner.train();
      expect(await tensorsOf(storage, EPOCH_3)).toEqual(await tensorsOf(whole.storage, EPOCH_3));
    },
  );

  it('in validation leaves it, and the resumed run repeats it', async () => {
    const storage = new MemoryStorage();
    const platform = new ManualPlatform();
    const hook: Hook = {
      name: 'Sender',
      afterValIter: (ctx, { batchIdx }) => (ctx.epoch === 2 && batchIdx === 0 ? platform.send('SIGINT') : undefined),
    };
    const first = make([hook], {}, { storage, platform });
    expect(await first.runner.train()).toMatchObject({
      stoppedBy: 'SIGINT',
      checkpoint: '/runs/boring/epoch_2.safetensors',
    });
    const second = make([], { resume: true }, { storage });
    await second.runner.train();
    expect(second.lines.filter((line) => line.includes('Epoch(val)')).map((line) => line.slice(5, 18))).toEqual([
      'Epoch(val) [2',
      'Epoch(val) [3',
    ]);
  });

  it('in val() alone gives no metrics', async () => {
    const platform = new ManualPlatform();
    const { runner, lines } = make(
      [{ name: 'Sender', beforeValIter: () => platform.send('SIGTERM') }],
      {},
      { platform },
    );
    expect(await runner.val()).toEqual({});
    expect(lines.at(-1)).toBe('INFO stopped by SIGTERM');
  });

  it('that comes twice ends the process at once', async () => {
    const platform = new ManualPlatform();
    const twice = (): void => {
      platform.send('SIGINT');
      platform.send('SIGTERM');
    };
    await make([afterIteration(3, twice)], {}, { platform }).runner.train();
    expect(platform.exitCodes).toEqual([143]);
  });

  it('is not listened for outside of a call', async () => {
    const { runner, platform } = make([]);
    expect(platform.listeners).toBe(0);
    await runner.train();
    expect(platform.listeners).toBe(0);
  });

  it('arrives while training goes on, because the event loop gets its turn', async () => {
    let turns = 0;
    const platform = new ManualPlatform(async () => {
      turns += 1;
      if (turns === 2) platform.send('SIGINT');
    });
    const result = await make([], { trainCfg: { byEpoch: true, maxEpochs: 50 } }, { platform }).runner.train();
    expect(result.stoppedBy).toBe('SIGINT');
    expect(turns).toBeGreaterThanOrEqual(2);
  });
});

describe('requestStop', () => {
  it('inside an epoch leaves it after the iteration and saves', async () => {
    const { runner, storage } = make([afterIteration(6, (ctx) => ctx.requestStop('enough'))]);
    expect(await runner.train()).toMatchObject({ stoppedBy: undefined, checkpoint: '/runs/boring/iter_6.safetensors' });
    expect((await readCheckpoint(storage, '/runs/boring/iter_6.safetensors')).meta).toMatchObject({
      epoch: 1,
      batchInEpoch: 2,
    });
  });

  it('after validation ends the training there, as MMEngine does', async () => {
    const events: string[] = [];
    const hook: Hook = {
      name: 'Stopper',
      afterValEpoch: (ctx) => (ctx.epoch === 2 ? ctx.requestStop('good enough') : undefined),
      afterVal: () => void events.push('afterVal'),
      afterTrain: () => void events.push('afterTrain'),
      afterRun: () => void events.push('afterRun'),
    };
    const { runner, storage } = make([hook]);
    expect(await runner.train()).toMatchObject({ checkpoint: '/runs/boring/epoch_2.safetensors' });
    expect(events).toEqual(['afterVal', 'afterVal', 'afterTrain', 'afterRun']);
    expect((await storage.list('/runs/boring')).filter((name) => name.startsWith('iter'))).toEqual([]);
  });
});

describe('a failing run', () => {
  it('still calls afterRun, frees the work dir and says where the last good checkpoint is', async () => {
    const ended: string[] = [];
    const hook: Hook = { name: 'Witness', afterRun: () => void ended.push('afterRun') };
    const { runner, lines, storage, platform } = make([
      hook,
      afterIteration(6, (ctx) => void throwing(ctx.fail('the data went bad', { action: 'mend the data' }))),
    ]);
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_HOOK_STOPPED',
      received: 'the data went bad, at epoch 1, iter 5',
      action: 'mend the data',
    });
    expect(ended).toEqual(['afterRun']);
    expect(lines.at(-1)).toBe(
      'ERROR The run failed at epoch 1, iter 5: ENGINE_RUNNER_HOOK_STOPPED; the last good checkpoint is /runs/boring/epoch_1.safetensors; continue with --resume.',
    );
    expect(platform.listeners).toBe(0);
    await (await storage.lock('/runs/boring/run'))();
  });

  it('tells the first error when closing fails too', async () => {
    const { runner, lines } = make([
      { name: 'Bad', beforeTrain: () => throwing(new Error('first')), afterRun: () => throwing(new Error('second')) },
    ]);
    await expect(runner.train()).rejects.toThrow('first');
    expect(lines.filter((line) => line.startsWith('ERROR'))).toEqual([
      'ERROR The run failed at epoch 0, iter 0: ENGINE_HOOKS_FAILED; no checkpoint was saved.',
      expect.stringContaining('second'),
    ]);
  });
});

function throwing(error: Error): never {
  throw error;
}
