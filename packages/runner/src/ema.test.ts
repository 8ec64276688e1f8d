/** Averaged weights in whole runs: what is evaluated, what is saved, and that resuming is exact. */
import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import { EMAHook, type Hook } from '@engine/hooks';
import { MomentumAnnealingEMA } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import type { RunnerOptions } from './options.js';
import { afterIteration, type BoringRun, boringRuns, LossTrace, ManualPlatform, tensorsOf } from './testing/index.js';

const boring = boringRuns(cpu);
const average = { type: EMAHook, emaType: MomentumAnnealingEMA, gamma: 2, updateBuffers: true };
const make = (
  hooks: readonly Hook[] = [],
  options: Partial<RunnerOptions> = {},
  given: { storage?: MemoryStorage; platform?: ManualPlatform } = {},
): BoringRun => boring({ customHooks: [average, ...hooks], ...options }, given);

const LAST = '/runs/boring/epoch_3.safetensors';
const die = (): never => {
  throw new Error('killed');
};

describe('a run with averaged weights', () => {
  it('trains as one without, and evaluates and saves the averages', async () => {
    const [plain, averaged] = [new LossTrace(), new LossTrace()];
    const without = boring({ customHooks: [plain] });
    await without.runner.train();
    const run = make([averaged]);
    const { metrics } = await run.runner.train();
    expect([...averaged.losses]).toEqual([...plain.losses]);

    const { tensors } = await readCheckpoint(run.storage, LAST);
    const raw = await run.model.stateDict();
    expect(tensors.get('ema/head.weight')).toEqual(raw.get('head.weight'));
    expect(tensors.get('ema/bn.running_mean')).toEqual(raw.get('bn.running_mean'));
    expect(tensors.get('model/head.weight')).not.toEqual(raw.get('head.weight'));
    expect(tensors.get('ema/steps')?.data).toEqual(BigInt64Array.of(12n));
    expect(raw).toEqual(await without.model.stateDict());

    const deployed = boring({ loadFrom: LAST }, { storage: run.storage });
    expect(await deployed.runner.val()).toEqual(metrics);
    expect(await run.runner.val()).toEqual(metrics);
    expect(await run.model.stateDict()).toEqual(raw);
  });

  it.each([1, 3, 4, 7, 11])('is resumed bit for bit when killed after iteration %i', async (k) => {
    const whole = make([new LossTrace()]);
    await whole.runner.train();
    const storage = new MemoryStorage();
    const everyIteration = { defaultHooks: { checkpoint: { byEpoch: false, interval: 1 } } };
    const killed = make([afterIteration(k, die)], everyIteration, { storage });
    await expect(killed.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
    await make([], { resume: true }, { storage }).runner.train();
    expect(await tensorsOf(storage, LAST)).toEqual(await tensorsOf(whole.storage, LAST));
  });

  it('is not said to leave tensors when it is resumed, nor when it saves before it averages', async () => {
    const storage = new MemoryStorage();
    const late = { ...average, beginEpoch: 2 };
    const killed = boring({ customHooks: [late, afterIteration(6, die)] }, { storage });
    await expect(killed.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
    const whole = boring({ customHooks: [late] });
    await whole.runner.train();
    const resumed = boring({ customHooks: [late], resume: true }, { storage });
    await resumed.runner.train();
    expect(resumed.lines).toContainEqual(expect.stringContaining('resumed epoch: 1'));
    const told = [killed, whole, resumed].flatMap(({ lines }) =>
      lines.filter((line) => line.includes('on the device')),
    );
    expect(told).toEqual([]);
  });

  it('saves the trained weights also when a signal ends it inside a validation', async () => {
    const whole = make();
    await whole.runner.train();
    const storage = new MemoryStorage();
    const platform = new ManualPlatform();
    const send: Hook = {
      name: 'Sender',
      afterValIter: (ctx) => (ctx.epoch === 2 ? platform.send('SIGINT') : undefined),
    };
    await make([send], {}, { storage, platform }).runner.train();
    await make([], { resume: true }, { storage }).runner.train();
    expect(await tensorsOf(storage, LAST)).toEqual(await tensorsOf(whole.storage, LAST));
  });

  it('fine-tunes from a checkpoint with its averages in both places', async () => {
    const first = make();
    await first.runner.train();
    const averages = (await readCheckpoint(first.storage, LAST)).tensors.get('model/head.weight');
    let seen: unknown;
    const look: Hook = {
      name: 'Look',
      beforeTrainEpoch: async ({ model, epoch }) => {
        if (epoch === 0) seen = (await model.stateDict()).get('head.weight');
      },
    };
    const second = make(
      [look],
      { loadFrom: LAST, workDir: '/runs/tuned' },
      { storage: first.storage as MemoryStorage },
    );
    await second.runner.train();
    expect(seen).toEqual(averages);
    const { tensors } = await readCheckpoint(second.storage, '/runs/tuned/epoch_3.safetensors');
    expect(tensors.get('ema/steps')?.data).toEqual(BigInt64Array.of(12n));
  });

  it('warns when it is resumed without its hook', async () => {
    const storage = new MemoryStorage();
    await make([], { trainCfg: { byEpoch: true, maxEpochs: 1 } }, { storage }).runner.train();
    const { runner, lines } = boring({ resume: true, allowChanges: true }, { storage });
    await runner.train();
    expect(lines).toContainEqual(expect.stringMatching(/^WARNING .*no EMAHook takes them/));
  });

  it('frees its averages with the runner', async () => {
    const before = tf.engine().state.numTensors;
    const run = boring({ customHooks: [average] });
    await run.runner.train();
    await run.runner.dispose();
    run.model.dispose();
    expect(tf.engine().state.numTensors).toBe(before);
    expect(run.lines.filter((line) => line.includes('tensors on the device'))).toEqual([]);
  });
});
