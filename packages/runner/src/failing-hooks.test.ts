import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import { CheckpointHook, EMAHook, type Hook } from '@engine/hooks';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import { BoringDataset, type BoringRun, boringRuns, tensorsOf } from './testing/index.js';

const boring = boringRuns(cpu);
const make = (options: object = {}, storage = new MemoryStorage()): BoringRun => boring(options, { storage });

describe('a hook that throws', () => {
  const bad: Hook = {
    name: 'BadHook',
    afterTrainIter(ctx) {
      if (ctx.iter === 5) throw new RangeError('boom');
    },
  };

  it('ends the run cleanly, with hook, point and place named, and the checkpoint to continue from offered', async () => {
    let closed = 0;
    const closing: Hook = { name: 'Closing', afterRun: () => void (closed += 1) };
    const { runner, lines, storage } = make({ customHooks: [bad, closing] });
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_HOOKS_FAILED',
      subject: 'BadHook.afterTrainIter',
      received: 'RangeError: boom at epoch 1, iter 5',
    });
    expect(closed).toBe(1);
    expect(lines).toContain(
      'ERROR The run failed at epoch 1, iter 5: ENGINE_HOOKS_FAILED; the last good checkpoint is /runs/boring/epoch_1.safetensors; continue with --resume.',
    );
    await (await storage.lock('/runs/boring/run'))();
  });

  it('with ctx.fail is named too', async () => {
    const failing: Hook = {
      name: 'Fussy',
      beforeTrainEpoch: (ctx) => {
        throw ctx.fail('enough is enough');
      },
    };
    await expect(make({ customHooks: [failing] }).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_HOOK_STOPPED',
      subject: 'Fussy.beforeTrainEpoch',
    });
  });

  it('in onException and afterRun too does not hide the first error', async () => {
    const worse: Hook = {
      name: 'Worse',
      onException: () => Promise.reject(new Error('second')),
      afterRun: () => Promise.reject(new Error('third')),
    };
    const { runner, lines } = make({ customHooks: [bad, worse] });
    await expect(runner.train()).rejects.toMatchObject({ subject: 'BadHook.afterTrainIter' });
    expect(lines.filter((line) => /failed too/.test(line))).toHaveLength(2);
  });

  it('hands the error to onException', async () => {
    const seen: unknown[] = [];
    const hearing: Hook = { name: 'Hearing', onException: (_ctx, { error }) => void seen.push(error) };
    const { runner } = make({ customHooks: [bad, hearing] });
    const error: unknown = await runner.train().catch((thrown: unknown) => thrown);
    expect(seen).toEqual([error]);
  });

  it('that is misspelt is refused before anything is trained', async () => {
    const { runner } = make({ customHooks: [{ name: 'Mine', afterTrainItr() {} }] });
    await expect(runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_UNKNOWN_POINT' });
    const loud = { name: 'Mine', priority: 'LOUD', afterTrain() {} };
    await expect(make({ customHooks: [loud] }).runner.train()).rejects.toMatchObject({
      code: 'ENGINE_HOOKS_UNKNOWN_PRIORITY',
    });
  });
});

describe('saveOnException', () => {
  /** Cannot be read from the given number of samples on. */
  class Breaking extends BoringDataset {
    left: number;
    constructor(left: number) {
      super(12);
      this.left = left;
    }
    override get(index: number) {
      this.left -= 1;
      if (this.left < 0) throw new Error('a damaged file');
      return super.get(index);
    }
  }
  const defaultHooks = { checkpoint: { type: CheckpointHook, interval: 1, saveOnException: true } };
  const final = '/runs/boring/epoch_3.safetensors';

  async function afterFailure(left: number, hooks: readonly Hook[] = []): Promise<Record<string, string>> {
    const storage = new MemoryStorage();
    const customHooks = [{ type: EMAHook, momentum: 0.1 }, ...hooks];
    const dataset = new Breaking(left);
    const loader = { batchSize: 3, shuffle: true, prefetch: 0 };
    const failing = make({ customHooks, defaultHooks, trainDataloader: { ...loader, dataset } }, storage);
    await expect(failing.runner.train()).rejects.toThrow(/a damaged file|boom/);
    const mended = { ...loader, dataset: new Breaking(Number.POSITIVE_INFINITY) };
    const options = { customHooks: customHooks.slice(0, 1), defaultHooks, trainDataloader: mended, resume: true };
    const going = make(options, storage);
    await going.runner.train();
    return tensorsOf(storage, final);
  }

  it('continues to the bit where data could not be read', async () => {
    const whole = make({ customHooks: [{ type: EMAHook, momentum: 0.1 }], defaultHooks });
    await whole.runner.train();
    const expected = await tensorsOf(whole.storage, final);
    for (const left of [4, 13, 20]) expect(await afterFailure(left), `after ${left} samples`).toEqual(expected);
    // inside of an iteration the checkpoint before is the one to continue from
    const bad: Hook = {
      name: 'BadHook',
      afterTrainIter(ctx) {
        if (ctx.iter === 6) throw new Error('boom');
      },
    };
    expect(await afterFailure(99, [bad])).toEqual(expected);
  });

  it('holds the weights of the place where the run failed', async () => {
    const storage = new MemoryStorage();
    const loader = { dataset: new Breaking(18), batchSize: 3, shuffle: true, prefetch: 0 };
    const { runner, lines } = make({ defaultHooks, trainDataloader: loader }, storage);
    await expect(runner.train()).rejects.toThrow('a damaged file');
    const [name] = (await storage.list('/runs/boring')).filter((each) => each.startsWith('exception_'));
    const { meta } = await readCheckpoint(storage, `/runs/boring/${name}`);
    expect([name, meta.epoch, meta.iter, meta.batchInEpoch]).toEqual(['exception_iter_6.safetensors', 1, 6, 2]);
    expect(lines.at(-1)).toMatch('the last good checkpoint is /runs/boring/exception_iter_6.safetensors');
  });
});
