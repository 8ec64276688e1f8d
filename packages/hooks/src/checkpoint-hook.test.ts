import { cpu } from '@engine/backend-cpu';
import { EngineError } from '@engine/core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CheckpointHook, type CheckpointHookOptions } from './checkpoint-hook.js';
import { makeTestRun } from './testing/index.js';
import type { TestRun, TestRunOptions } from './testing/test-run.js';

beforeAll(() => cpu().init());

let run: TestRun;
afterEach(() => run.close());

/** Moves a run through `maxEpochs` epochs of four iterations; `scores[e]` is the metric after epoch e. */
async function trained(
  options: CheckpointHookOptions,
  scores: readonly number[] = [],
  runOptions: Partial<TestRunOptions> = {},
): Promise<TestRun> {
  run = makeTestRun(runOptions);
  await train(new CheckpointHook(options), scores);
  return run;
}

async function train(hook: CheckpointHook, scores: readonly number[]): Promise<void> {
  await hook.beforeTrain(run);
  while (run.epoch < run.maxEpochs) {
    for (let batchIdx = 0; batchIdx < 4; batchIdx += 1) {
      await hook.afterTrainIter(run, {} as never);
      run.iter += 1;
    }
    await hook.afterTrainEpoch(run);
    run.epoch += 1;
    const score = scores[run.epoch - 1];
    if (score !== undefined) await hook.afterValEpoch(run, { metrics: { 'test/acc': score, loss: 1 - score } });
  }
}

const parts = { expected: 'a', received: 'b', action: 'c' };
const files = (): Promise<string[]> => run.storage.list(run.workDir);

describe('regular saves', () => {
  it.each<[CheckpointHookOptions, number, string[]]>([
    [{}, 3, ['epoch_3']],
    [{ saveLast: false }, 3, []],
    [{ interval: 2 }, 5, ['epoch_2', 'epoch_4', 'epoch_5']],
    [{ interval: 2, saveBegin: 5 }, 10, ['epoch_5', 'epoch_7', 'epoch_9', 'epoch_10']],
    [{ interval: 2, saveBegin: 1 }, 5, ['epoch_1', 'epoch_3', 'epoch_5']],
    [{ byEpoch: false, interval: 6 }, 2, ['iter_6', 'iter_8']],
    [{ interval: 1, filenameTmpl: 'e{}.st' }, 2, ['e1.st', 'e2.st']],
  ])('of %j over %i epochs are %j', async (options, maxEpochs, expected) => {
    await trained(options, [], { maxEpochs });
    expect(run.saved.map((name) => name.replace('.safetensors', ''))).toEqual(expected);
    expect(run.lastCheckpoint?.split('/').at(-1)).toBe(run.saved.at(-1));
  });

  it('keeps the newest ones only, and removes an old one after the new one is safe', async () => {
    await trained({ interval: 1, maxKeepCkpts: 2 }, [], { maxEpochs: 4 });
    expect(await files()).toEqual(['epoch_3.safetensors', 'epoch_4.safetensors']);
    expect(run.messageHub.getInfo('keepCkptIds')).toEqual([3, 4]);
  });

  it('go below outDir into a folder that is named as the work dir, unless it is the work dir', async () => {
    await trained({ outDir: '/far/', interval: 1, maxKeepCkpts: 1 }, [0.5], { maxEpochs: 2 });
    const name = run.workDir.split('/').at(-1);
    expect(await run.storage.list(`/far/${name}`)).toEqual(['epoch_2.safetensors']);
    await run.close();
    await trained({ outDir: `${run.workDir}/` }, [], { maxEpochs: 1 });
    expect(await files()).toContain('epoch_1.safetensors');
  });

  it('leaves the old one when saving fails', async () => {
    run = makeTestRun({ maxEpochs: 2 });
    const hook = new CheckpointHook({ interval: 1, maxKeepCkpts: 1 });
    await hook.beforeTrain(run);
    await hook.afterTrainEpoch(run);
    run.epoch = 1;
    const save = run.saveCheckpoint.bind(run);
    run.saveCheckpoint = () => Promise.reject(new Error('disk full'));
    await expect(hook.afterTrainEpoch(run)).rejects.toThrow('disk full');
    expect(await files()).toEqual(['epoch_1.safetensors']);
    expect(run.lastCheckpoint).toMatch(/epoch_1/);
    run.saveCheckpoint = save;
  });

  it('removes what a lower limit no longer allows when training goes on', async () => {
    await trained({ interval: 1, maxKeepCkpts: 3 }, [], { maxEpochs: 4 });
    await new CheckpointHook({ interval: 1, maxKeepCkpts: 1 }).beforeTrain(run);
    expect(await files()).toEqual(['epoch_4.safetensors']);
    expect(run.messageHub.getInfo('keepCkptIds')).toEqual([4]);
  });

  it('removes nothing on other ranks', async () => {
    await trained({ interval: 1, maxKeepCkpts: 1 }, [], { maxEpochs: 2, communicator: { rank: 1, size: 2 } as never });
    expect(await files()).toHaveLength(2);
  });
});

describe('best checkpoints', () => {
  it('follow the trace of the reference: interval 2, better in epochs 1, 2, 3 of 5', async () => {
    await trained({ interval: 2, saveBest: 'test/acc' }, [0.1, 0.2, 0.3, 0.2, 0.3], { maxEpochs: 5 });
    expect(run.saved.map((name) => name.replace('.safetensors', ''))).toEqual([
      'best_test_acc_epoch_1',
      'epoch_2',
      'best_test_acc_epoch_2',
      'epoch_2',
      'best_test_acc_epoch_3',
      'epoch_3',
      'epoch_4',
      'epoch_5',
    ]);
    expect(await files()).toEqual(
      ['best_test_acc_epoch_3', 'epoch_2', 'epoch_3', 'epoch_4', 'epoch_5'].map((name) => `${name}.safetensors`),
    );
    expect(run.messageHub.getInfo('bestScore')).toBe(0.3);
    expect(run.messageHub.getInfo('bestCkpt')).toBe('best_test_acc_epoch_3.safetensors');
  });

  it('are logged as the reference logs them: first which one goes, with its path', async () => {
    await trained({ interval: 1, saveBest: 'test/acc' }, [0.25, 0.5], { maxEpochs: 2 });
    const path = run.storage.join(run.workDir, 'best_test_acc_epoch_1.safetensors');
    expect(run.logged.filter((line) => line.includes('best'))).toEqual([
      'The best checkpoint with 0.2500 test/acc at 1 epoch is saved to best_test_acc_epoch_1.safetensors.',
      `The previous best checkpoint ${path} is removed`,
      'The best checkpoint with 0.5000 test/acc at 2 epoch is saved to best_test_acc_epoch_2.safetensors.',
    ]);
  });

  it('may follow a count', async () => {
    run = makeTestRun({ maxEpochs: 1 });
    const hook = new CheckpointHook({ saveBest: 'found', rule: 'greater' });
    await hook.beforeTrain(run);
    await hook.afterValEpoch(run, { metrics: { found: 12n } });
    expect(run.messageHub.getInfo('bestScore')).toBe(12);
  });

  it('do not count among the kept ones', async () => {
    await trained({ interval: 1, maxKeepCkpts: 2, saveBest: 'test/acc' }, [1, 2, 3, 0], { maxEpochs: 4 });
    expect(await files()).toEqual(['best_test_acc_epoch_3', 'epoch_3', 'epoch_4'].map((name) => `${name}.safetensors`));
  });

  it('take the first metric for auto and infer that a lower loss is better', async () => {
    await trained({ interval: 1, saveBest: 'auto' }, [0.5, 0.4], { maxEpochs: 2 });
    expect(run.saved).toContain('best_test_acc_epoch_1.safetensors');
    await run.close();
    await trained({ interval: 1, saveBest: 'loss' }, [0.5, 0.4, 0.6], { maxEpochs: 3 });
    expect((await files()).filter((name) => name.startsWith('best'))).toEqual(['best_loss_epoch_3.safetensors']);
  });

  it('are kept for each of several metrics under keys of their own', async () => {
    await trained({ interval: 1, saveBest: ['test/acc', 'loss'], rule: ['greater', 'greater'] }, [0.5, 0.4], {
      maxEpochs: 2,
    });
    expect((await files()).filter((name) => name.startsWith('best'))).toEqual([
      'best_loss_epoch_2.safetensors',
      'best_test_acc_epoch_1.safetensors',
    ]);
    expect(run.messageHub.getInfo('bestScore_loss')).toBe(0.6);
    expect(run.messageHub.getInfo('bestScore')).toBeUndefined();
  });

  it('have names that every file system takes', async () => {
    run = makeTestRun();
    const hook = new CheckpointHook({ saveBest: 'auto' });
    await hook.afterValEpoch(run, { metrics: { 'coco/mAP@0.5:0.95 <all>|"a\\b"?*': 1 } });
    expect(run.saved).toEqual(['best_coco_mAP@0.5_0.95 _all___a_b____epoch_0.safetensors']);
  });

  it('never take NaN', async () => {
    await trained({ interval: 1, saveBest: 'test/acc' }, [Number.NaN, 0.1, Number.NaN], { maxEpochs: 3 });
    expect((await files()).filter((name) => name.startsWith('best'))).toEqual(['best_test_acc_epoch_2.safetensors']);
  });

  it('complain about a metric that validation does not return', async () => {
    await expect(trained({ interval: 1, saveBest: 'accuracy/top1' }, [0.1])).rejects.toThrow(
      'ENGINE_HOOKS_METRIC_MISSING',
    );
  });

  it('warn about no metrics at all', async () => {
    run = makeTestRun();
    await new CheckpointHook({ saveBest: 'acc' }).afterValEpoch(run, { metrics: {} });
    expect(run.logged).toEqual(['WARNING Validation returned no metrics: the best checkpoint is not updated.']);
  });
});

describe('publishing', () => {
  it('copies the last and the best checkpoint with the parts that are asked for', async () => {
    run = makeTestRun({ maxEpochs: 2 });
    const hook = new CheckpointHook({ saveBest: 'test/acc', publishedKeys: ['meta', 'state_dict', 'ema', 'model'] });
    await train(hook, [0.5, 0.4]);
    await hook.afterTrain(run);
    expect(run.published).toEqual([
      ['/run/epoch_2.safetensors', ['model', 'ema']],
      ['/run/best_test_acc_epoch_1.safetensors', ['model', 'ema']],
    ]);
    expect(run.logged).toContain(
      'The checkpoint epoch_2.safetensors is published as /run/epoch_2-00000000.safetensors.',
    );
  });

  it('passes over metrics that never had a best, and a last checkpoint that is not kept', async () => {
    run = makeTestRun({ maxEpochs: 1 });
    const hook = new CheckpointHook({ saveBest: ['acc', 'loss'], publishedKeys: 'model', saveLast: false });
    await hook.beforeTrain(run);
    await hook.afterTrain(run);
    expect(run.published).toEqual([]);
  });

  it('is not done unless asked for', async () => {
    run = makeTestRun({ maxEpochs: 1 });
    const hook = new CheckpointHook();
    await train(hook, []);
    await hook.afterTrain(run);
    expect(run.published).toEqual([]);
  });
});

describe('a run that fails', () => {
  const failing = async (options: CheckpointHookOptions, error: unknown, iters = 3): Promise<void> => {
    run = makeTestRun();
    const hook = new CheckpointHook({ saveOnException: true, ...options });
    await hook.beforeTrain(run);
    run.iter += iters;
    await hook.onException(run, { error });
  };

  it('leaves a checkpoint to continue from', async () => {
    await failing({}, new Error('a broken picture'));
    expect(run.saved).toEqual(['exception_iter_3.safetensors']);
    expect(run.lastCheckpoint).toBe('/run/exception_iter_3.safetensors');
    expect(run.logged.at(-1)).toBe(
      'What there was is saved to /run/exception_iter_3.safetensors: --resume continues from it.',
    );
  });

  it('inside an iteration leaves one to look at, and the one before to continue from', async () => {
    run = makeTestRun();
    const hook = new CheckpointHook({ saveOnException: true });
    await hook.beforeTrain(run);
    run.iter = 3;
    run.isMidStep = true;
    await hook.onException(run, { error: new Error('out of memory') });
    expect([run.saved, run.lastCheckpoint]).toEqual([['exception_iter_3.safetensors'], undefined]);
    expect(run.logged.at(-1)).toMatch('--resume continues from the checkpoint before.');
  });

  it.each<[string, CheckpointHookOptions, unknown, number]>([
    ['it is not asked to', { saveOnException: false }, new Error('no'), 3],
    ['numbers are not finite', {}, new EngineError('ENGINE_X_NAN', 'numeric', parts), 3],
    ['checkpoints cannot be written', {}, new EngineError('ENGINE_RUNNER_SAVE_FAILED', 'io', parts), 3],
    ['nothing was trained yet', {}, new Error('no'), 0],
  ])('leaves none when %s', async (_when, options, error, iters) => {
    await failing(options, error, iters);
    expect(run.saved).toEqual([]);
  });

  it('before training leaves none', async () => {
    run = makeTestRun();
    await new CheckpointHook({ saveOnException: true }).onException(run, { error: new Error('no data') });
    expect(run.saved).toEqual([]);
  });
});

describe('a run that is resumed', () => {
  const options = { byEpoch: false, interval: 2, maxKeepCkpts: 2, saveBest: 'test/acc' } as const;

  /** A run of 3 epochs that ends when its `n`-th file is to be removed; the hub is what the newest checkpoint has of it. */
  async function killedBeforeRemoval(n: number): Promise<ReadonlyMap<string, unknown>> {
    run = makeTestRun({ maxEpochs: 3 });
    const { remove } = run.storage;
    let removals = 0;
    run.storage.remove = (path) => {
      removals += 1;
      return removals === n ? Promise.reject(new Error('killed')) : remove.call(run.storage, path);
    };
    await expect(train(new CheckpointHook(options), [])).rejects.toThrow('killed');
    run.storage.remove = remove;
    return new Map(run.messageHub.infos);
  }

  it('has then the same in the message hub as one that was not killed', async () => {
    const killed = await killedBeforeRemoval(2);
    await run.close();
    run = makeTestRun({ maxEpochs: 2 });
    await train(new CheckpointHook(options), []);
    expect(new Map(run.messageHub.infos)).toEqual(killed);
    expect(killed.get('keepCkptIds')).toEqual([6, 8]);
  });

  it('knows that a regular checkpoint was saved, so that a new best is written into one as if it had not stopped', async () => {
    run = makeTestRun({ maxEpochs: 3 });
    await train(new CheckpointHook({ interval: 2, saveBest: 'test/acc' }), [0.1, 0.2, 0.3]);
    const whole = run.saved;
    const hub = run.messageHub.getInfo('lastCkpt');
    await run.close();
    run = makeTestRun({ maxEpochs: 3 });
    run.resumed = true;
    run.messageHub.updateInfo('lastCkpt', hub);
    for (const key of ['bestScore', 'bestCkpt']) run.messageHub.updateInfo(key, key === 'bestScore' ? 0.2 : 'b');
    run.epoch = 2;
    run.iter = 8;
    await train(new CheckpointHook({ interval: 2, saveBest: 'test/acc' }), [0.1, 0.2, 0.3]);
    expect(run.saved).toEqual(whole.slice(-run.saved.length));
    expect(run.saved.at(-2)).toBe('best_test_acc_epoch_3.safetensors');
  });
});

describe('options', () => {
  beforeEach(async () => {
    run = makeTestRun();
  });

  it('need a rule for a metric that does not tell', () => {
    expect(() => new CheckpointHook({ saveBest: 'recall' })).toThrow('ENGINE_HOOKS_NO_RULE');
    expect(() => new CheckpointHook({ saveBest: 'recall', rule: 'greater' })).not.toThrow();
    expect(() => new CheckpointHook({ saveBest: 'recall', greaterKeys: 'recall' })).not.toThrow();
  });

  it('may be null, as configs of MMEngine have them', () => {
    const none = {
      outDir: null,
      filenameTmpl: null,
      saveBest: null,
      rule: null,
      publishedKeys: null,
      backendArgs: null,
    };
    expect(() => new CheckpointHook(none)).not.toThrow();
  });

  it('need as many rules as metrics', () => {
    expect(() => new CheckpointHook({ saveBest: ['acc', 'loss', 'mAP'], rule: ['greater', 'less'] })).toThrow(
      'ENGINE_HOOKS_RULE_COUNT',
    );
  });

  it.each([
    { interval: 0 },
    { saveBegin: -1 },
    { maxKeepCkpts: 0 },
    { filenameTmpl: 'fixed.safetensors' },
    { saveBest: [] },
    { rule: 'bigger' },
    { publishedKeys: ['weights'] },
    { backendArgs: { backend: 'petrel' } },
  ])('refuse %j', (options) => {
    expect(() => new CheckpointHook(options as never)).toThrow('ENGINE_REGISTRY_');
  });
});
