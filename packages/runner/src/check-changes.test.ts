/** Whole runs that are resumed with another config. */
import { cpu } from '@engine/backend-cpu';
import { Config } from '@engine/config';
import { MemoryStorage } from '@engine/fileio';
import { EarlyStoppingHook, EMAHook, type Hook } from '@engine/hooks';
import { SGD } from '@engine/optim';
import { LinearLR } from '@engine/scheduler';
import { describe, expect, it } from 'vitest';
import type { RunnerOptions } from './options.js';
import { afterIteration, BoringDataset, type BoringRun, boringRuns, LossTrace } from './testing/index.js';

const boring = boringRuns(cpu);
const CHECKPOINT = '/runs/boring/iter_6.safetensors';
const everyIteration = { checkpoint: { byEpoch: false, interval: 1 } };

/** Killed in the middle of the second of three epochs. */
async function killed(options: Partial<RunnerOptions> = {}): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const die = afterIteration(6, () => {
    throw new Error('killed');
  });
  const customHooks = [...(options.customHooks ?? []), die];
  const run = boring({ defaultHooks: everyIteration, ...options, customHooks }, { storage });
  await expect(run.runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
  return storage;
}

const resumed = (storage: MemoryStorage, options: Partial<RunnerOptions> = {}): BoringRun =>
  boring({ defaultHooks: everyIteration, resume: true, ...options }, { storage });

/** The lines of the refusal. */
async function refusal(storage: MemoryStorage, options: Partial<RunnerOptions>): Promise<string[]> {
  const run = resumed(storage, options);
  const error = await run.runner.train().catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: 'ENGINE_RUNNER_CONFIG_CHANGED',
    subject: CHECKPOINT,
    action: expect.stringMatching(/--allow-changes, allowChanges: true.*loadFrom/),
    exitCode: 2,
  });
  expect(run.lines.at(-1)).toMatch(/ENGINE_RUNNER_CONFIG_CHANGED; \S*iter_6.safetensors is as it was\.$/);
  const [count, ...lines] = (error as { received: string }).received.split('\n');
  expect(count).toBe(`${lines.length === 1 ? 'a change' : `${lines.length} changes`}, saved → now:`);
  return lines.map((line) => line.trim());
}

const configOf = (text: string, file: string): Promise<Config> => Config.fromString(text, '.yaml', { file });

describe('resuming with another config', () => {
  it('is refused before anything is read, with every difference that breaks the run', async () => {
    const storage = await killed();
    const before = await storage.list('/runs/boring');
    class Unread extends BoringDataset {
      override init(): Promise<void> {
        return Promise.reject(new Error('the dataset was read'));
      }
    }
    const lines = await refusal(storage, {
      optimWrapper: { optimizer: { type: SGD, lr: 0.01, momentum: 0.9 }, accumulativeCounts: 2 },
      paramScheduler: [],
      trainDataloader: { dataset: new Unread(12), batchSize: 4, shuffle: true, numWorkers: 0, prefetch: 0 },
      trainCfg: { byEpoch: true, maxEpochs: 5 },
      randomness: { seed: 5, generator: 'keyed' },
    });
    expect(lines).toEqual([
      'trainDataloader.dataset: <a BoringDataset> → <a Unread>',
      'trainDataloader.batchSize: 3 → 4',
      'optimWrapper.optimizer.lr: 0.1 → 0.01',
      'optimWrapper.accumulativeCounts: nothing → 2',
      'paramScheduler: { type: "LinearLR", startFactor: 0.1, byEpoch: false, end: 6 } → []',
      'randomness.seed: 1 → 5',
      'randomness.generator: nothing → "keyed"',
    ]);
    expect((await storage.list('/runs/boring')).filter((name) => name.includes('_6'))).toEqual(
      before.filter((name) => name.includes('_6')),
    );
    await resumed(storage).runner.train();
  });

  it('says where the present values stand, and passes over variables of the user', async () => {
    const cfg = await configOf('mine: 1\noptimWrapper:\n  optimizer: { lr: 0.1 }\n', 'old.yaml');
    const storage = await killed({ cfg });
    const changed = await configOf('other: [2]\noptim_wrapper:\n  optimizer:\n    lr: 0.01\n', 'new.yaml');
    expect(await refusal(storage, { cfg: changed })).toEqual([
      'optim_wrapper.optimizer.lr: 0.1 → 0.01   at new.yaml:4:5',
    ]);
    const same = await configOf('other: [2]\noptim_wrapper: { optimizer: { lr: 0.1 } }\n', 'new.yaml');
    const run = resumed(storage, { cfg: same });
    await run.runner.train();
    expect(run.lines.filter((line) => /WARNING|Changed since/.test(line))).toEqual([]);
  });

  it('goes on where nothing but its length, its measuring and hooks without a state change, and tells these', async () => {
    const storage = await killed({ customHooks: [new LossTrace()] });
    const run = resumed(storage, {
      trainCfg: { byEpoch: true, maxEpochs: 4, valInterval: 2 },
      trainDataloader: { dataset: new BoringDataset(12), batchSize: 3, shuffle: true, prefetch: 1, numWorkers: 0 },
      defaultHooks: { checkpoint: { interval: 2 }, logger: { interval: 3 } },
      logLevel: 'DEBUG',
    });
    await run.runner.train();
    expect(run.lines.filter((line) => line.startsWith('WARNING'))).toEqual([]);
    expect(run.lines.find((line) => line.includes('Changed since'))).toMatch(
      /^INFO Changed since \S*iter_6.safetensors was saved:\n +trainCfg.maxEpochs: 3 → 4\n +trainCfg.valInterval: nothing → 2\n +customHooks.0: <a LossTrace> → nothing\n +customHooks.1: [^\n]* → nothing$/,
    );
    expect(await storage.list('/runs/boring')).toContain('epoch_4.safetensors');
  });

  it('with hooks that have a state is refused: added, removed, with other options', async () => {
    const ema = { type: EMAHook, momentum: 0.1 };
    const stopping = { type: EarlyStoppingHook, monitor: 'acc', patience: 9 };
    const storage = await killed({ customHooks: [ema] });
    expect(await refusal(storage, { customHooks: [stopping, { ...ema, momentum: 0.2 }] })).toEqual([
      'customHooks.0: nothing → { type: "EarlyStoppingHook", monitor: "acc", patience: 9 }',
      'customHooks.1.momentum: 0.1 → 0.2',
    ]);
    expect(await refusal(storage, {})).toEqual(['customHooks.0: { type: "EMAHook", momentum: 0.1 } → nothing']);
    await resumed(storage, { customHooks: [ema] }).runner.train();
  });

  it('finds states of hooks that the config does not show', async () => {
    class Counter implements Hook {
      readonly name = 'Counter';
      readonly stateKey = 'count';
      stateDict = () => ({ values: {}, tensors: new Map() });
      loadStateDict(): void {}
    }
    const storage = await killed({ customHooks: [new Counter()] });
    expect(await refusal(storage, {})).toEqual(['customHooks: <the state of count> → nothing']);
    const without = await killed();
    expect(await refusal(without, { customHooks: [new Counter()] })).toEqual([
      'customHooks: nothing → <the state of count>',
    ]);
  });

  it('is no matter to validation, which takes the weights', async () => {
    const run = resumed(await killed(), { randomness: { seed: 5 }, paramScheduler: [] });
    expect(await run.runner.val()).toHaveProperty('acc');
  });
});

describe('allowChanges', () => {
  const changes: Partial<RunnerOptions> = {
    allowChanges: true,
    randomness: { seed: 5 },
    optimWrapper: { optimizer: { type: SGD, lr: 0.7, momentum: 0.1 } },
    paramScheduler: { type: LinearLR, startFactor: 0.5, byEpoch: false, end: 8 },
  };

  it('warns with the same list, and what the checkpoint holds goes on: groups, schedules and seed', async () => {
    const [whole, trace] = [new LossTrace(), new LossTrace()];
    await boring({ customHooks: [whole] }).runner.train();
    const run = resumed(await killed(), { ...changes, customHooks: [trace] });
    await run.runner.train();
    const [warning, ...others] = run.lines.filter((line) => line.startsWith('WARNING'));
    expect(others).toEqual([]);
    expect(warning?.split('\n').map((line) => line.trim())).toEqual([
      expect.stringMatching(/^WARNING \S*iter_6.safetensors is resumed with another config, as allowChanges says:$/),
      'optimWrapper.optimizer.lr: 0.1 → 0.7',
      'optimWrapper.optimizer.momentum: 0.9 → 0.1',
      'paramScheduler.startFactor: 0.1 → 0.5',
      'paramScheduler.end: 6 → 8',
      'randomness.seed: 1 → 5',
      expect.stringContaining('What the checkpoint holds goes on all the same'),
    ]);
    expect([...trace.losses]).toEqual([...whole.losses].slice(6));
  });

  it('takes averages up where a hook for them is new, and drops the state of one that is gone', async () => {
    const ema = { type: EMAHook, momentum: 0.1 };
    const taken = resumed(await killed(), { allowChanges: true, customHooks: [ema] });
    await taken.runner.train();
    expect(taken.lines.join('\n')).toContain('EMAHook starts from the weights that it has');
    const stopping = { type: EarlyStoppingHook, monitor: 'acc', patience: 9 };
    const dropped = resumed(await killed({ customHooks: [stopping] }), { allowChanges: true });
    await dropped.runner.train();
    expect(dropped.lines).toContain(
      'WARNING The checkpoint has a state for the hook EarlyStoppingHook, which this run does not have.',
    );
  });

  it('is given for one start: no config that is written down has it', async () => {
    const storage = await killed();
    await resumed(storage, changes).runner.train();
    const names = (await storage.list('/runs/boring')).filter((name) => name.endsWith('.json'));
    const texts = await Promise.all(names.map((name) => storage.get(`/runs/boring/${name}`)));
    for (const text of texts) expect(new TextDecoder().decode(text)).not.toContain('allowChanges');
    expect(names.length).toBeGreaterThan(0);
    await resumed(storage, { ...changes, allowChanges: false }).runner.train(); // what was allowed is no change any more
  });
});
