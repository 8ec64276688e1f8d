import { setImmediate as nextTurn } from 'node:timers/promises';
import { cpu } from '@engine/backend-cpu';
import { MemoryStorage } from '@engine/fileio';
import type { Hook } from '@engine/hooks';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import { removeBeside } from './checkpoint-store.js';
import type { Run } from './run.js';
import { afterIteration, boringRuns, ManualPlatform, tensorsOf } from './testing/index.js';

const LAST = '/runs/boring/last_checkpoint';
const text = async (storage: MemoryStorage, path: string): Promise<string> =>
  new TextDecoder().decode(await storage.get(path));

/** A storage that takes many turns of the event loop over a checkpoint, and reads its bytes only then. */
class SlowStorage extends MemoryStorage {
  readonly order: string[] = [];
  turns = 40;
  failing = '';

  override async putAtomic(path: string, chunks: Uint8Array | Iterable<Uint8Array>): Promise<void> {
    const isCheckpoint = path.endsWith('.safetensors');
    if (isCheckpoint) this.order.push(`begin ${nameOf(path)}`);
    if (isCheckpoint) for (let turn = 0; turn < this.turns; turn++) await nextTurn();
    if (this.failing !== '' && path.includes(this.failing)) {
      this.failing = '';
      return this.append('/', ''); // a coded error of the storage
    }
    await super.putAtomic(path, chunks);
    if (isCheckpoint) this.order.push(`end ${nameOf(path)}`);
  }

  override async remove(path: string): Promise<void> {
    if (path.endsWith('.safetensors')) this.order.push(`remove ${nameOf(path)}`);
    await super.remove(path);
  }
}
const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace('.safetensors', '');

const turning = (): ManualPlatform => new ManualPlatform(nextTurn);
const unvalidated = { valDataloader: undefined, valCfg: undefined, valEvaluator: undefined } as object;
/** Saves at iterations 4 and 8 of 12, and at the end. */
const everyFour = { defaultHooks: { checkpoint: { interval: 4, byEpoch: false } }, ...unvalidated } as const;

describe('a save in the background', () => {
  const boring = boringRuns(cpu);

  it('holds what there was when it began, while steps go on', async () => {
    const quick = new MemoryStorage();
    await boring(everyFour, { storage: quick }).runner.train();
    const slow = new SlowStorage();
    const trained: string[] = [];
    const hook: Hook = {
      name: 'Watch',
      afterTrainIter: ({ iter }) => void trained.push(`${iter + 1}:${slow.order.at(-1)}`),
    };
    await boring({ ...everyFour, customHooks: [hook] }, { storage: slow, platform: turning() }).runner.train();
    expect(trained).toContain('6:begin iter_4');
    for (const iter of [4, 8, 12]) {
      const path = `/runs/boring/iter_${iter}.safetensors`;
      expect(await tensorsOf(slow, path), path).toEqual(await tensorsOf(quick, path));
      expect((await readCheckpoint(slow, path)).meta.iter).toBe(iter);
    }
  });

  it('is followed by another only when it is done, and by removals when it is safe', async () => {
    const storage = new SlowStorage();
    const options = { ...everyFour, defaultHooks: { checkpoint: { interval: 2, byEpoch: false, maxKeepCkpts: 1 } } };
    await boring(options, { storage, platform: turning() }).runner.train();
    const saves = [2, 4, 6, 8, 10, 12].flatMap((iter) => [
      `begin iter_${iter}`,
      `end iter_${iter}`,
      ...(iter > 2 ? [`remove iter_${iter - 2}`] : []),
    ]);
    expect(storage.order).toEqual(saves);
  });

  it('is what --resume continues from only when it is safe', async () => {
    const storage = new SlowStorage();
    const seen: string[] = [];
    const hook: Hook = {
      name: 'Watch',
      afterTrainIter: async ({ iter }) => {
        if (iter + 1 === 5) seen.push(`5: ${await storage.exists(LAST)}`);
      },
    };
    const { runner } = boring({ ...everyFour, customHooks: [hook] }, { storage, platform: turning() });
    const { checkpoint } = await runner.train();
    expect(seen).toEqual(['5: false']);
    expect(checkpoint).toBe('/runs/boring/iter_12.safetensors');
    expect(await text(storage, LAST)).toBe('iter_12.safetensors');
  });

  it('is waited for by hooks at the end, and by a signal', async () => {
    const storage = new SlowStorage();
    const atEnd: (string | undefined)[] = [];
    const hook: Hook = { name: 'End', afterTrain: () => void atEnd.push(storage.order.at(-1)) };
    await boring({ ...everyFour, customHooks: [hook] }, { storage, platform: turning() }).runner.train();
    expect(atEnd).toEqual(['end iter_12']);

    const [other, platform] = [new SlowStorage(), turning()];
    const hooks = [afterIteration(5, () => platform.send('SIGTERM'))];
    const result = await boring({ ...everyFour, customHooks: hooks }, { storage: other, platform }).runner.train();
    expect(result.checkpoint).toBe('/runs/boring/iter_5.safetensors');
    expect(other.order).toEqual(['begin iter_4', 'end iter_4', 'begin iter_5', 'end iter_5']);
    expect(await text(other, LAST)).toBe('iter_5.safetensors');
  });

  it('that fails ends the run soon, names the file, and leaves the one before', async () => {
    const storage = new SlowStorage();
    storage.turns = 2;
    storage.failing = 'iter_8';
    let last = 0;
    const hook: Hook = { name: 'Watch', afterTrainIter: ({ iter }) => void (last = iter + 1) };
    const { runner, lines } = boring({ ...everyFour, customHooks: [hook] }, { storage, platform: turning() });
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_SAVE_FAILED',
      subject: '/runs/boring/iter_8.safetensors',
    });
    expect(last).toBeLessThan(12);
    expect(await text(storage, LAST)).toBe('iter_4.safetensors');
    expect(lines.filter((line) => line.startsWith('ERROR'))).toEqual([
      expect.stringContaining('ENGINE_RUNNER_SAVE_FAILED; the last good checkpoint is /runs/boring/iter_4.safetensors'),
    ]);
  });

  it('has its leftovers removed by the resumed run, where the run was killed before it could', async () => {
    const storage = new SlowStorage();
    const checkpoint = { interval: 2, byEpoch: false, maxKeepCkpts: 1 } as const;
    const iters = (maxIters: number) => ({ byEpoch: false, maxIters }) as const;
    const first = { ...everyFour, trainCfg: iters(4), defaultHooks: { checkpoint } };
    const remove = storage.remove.bind(storage);
    storage.remove = () => Promise.resolve(); // as if it had never come to that
    await boring(first, { storage, platform: turning() }).runner.train();
    storage.remove = remove;
    const names = async () => (await storage.list('/runs/boring')).filter((name) => name.endsWith('.safetensors'));
    expect(await names()).toEqual(['iter_2.safetensors', 'iter_4.safetensors']);
    expect((await readCheckpoint(storage, '/runs/boring/iter_4.safetensors')).meta.replaces).toEqual([
      'iter_2.safetensors',
    ]);
    const more = { ...first, resume: true, trainCfg: iters(6) };
    const { runner } = boring(more, { storage, platform: turning() });
    await runner.train();
    expect(await names()).toEqual(['iter_6.safetensors']);
    expect(storage.order.filter((what) => what.startsWith('remove'))).toEqual(['remove iter_2', 'remove iter_4']);
  });

  it('removes files from its own folder only', async () => {
    const removed: string[] = [];
    const storage = new MemoryStorage();
    storage.remove = async (path) => void removed.push(path);
    const names = ['a.safetensors', '../b.safetensors', '/c.safetensors', 'd\\e.safetensors', 'f.json', ''];
    await removeBeside({ storage, isMainProcess: true } as unknown as Run, '/runs/x/iter_2.safetensors', names);
    expect(removed).toEqual(['/runs/x/a.safetensors']);
    await removeBeside({ storage, isMainProcess: false } as unknown as Run, '/runs/x/iter_2.safetensors', names);
    expect(removed).toHaveLength(1);
  });

  it('is the last good checkpoint of a run that stops meanwhile for a loss that is not finite', async () => {
    const storage = new SlowStorage();
    const spoil: Hook = {
      name: 'Spoil',
      afterTrainIter: ({ iter, model }) => {
        if (iter + 1 !== 5) return;
        for (const { value } of model.namedParameters().values()) value.assign(tf.fill(value.shape, Number.NaN));
      },
    };
    const logged = { ...everyFour.defaultHooks, logger: { interval: 1 } };
    const options = { ...everyFour, defaultHooks: logged, customHooks: [spoil] };
    const { runner } = boring(options, { storage, platform: turning() });
    await expect(runner.train()).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_NON_FINITE_LOSS',
      action: expect.stringContaining('the last good checkpoint is /runs/boring/iter_4.safetensors'),
    });
    expect(storage.order).toEqual(['begin iter_4', 'end iter_4']);
  });

  it('is finished before a failing run ends', async () => {
    const storage = new SlowStorage();
    const hook = afterIteration(5, () => {
      throw new Error('mine');
    });
    const { runner } = boring({ ...everyFour, customHooks: [hook] }, { storage, platform: turning() });
    await expect(runner.train()).rejects.toMatchObject({ code: 'ENGINE_HOOKS_FAILED' });
    expect(storage.order).toEqual(['begin iter_4', 'end iter_4']);
    expect(await text(storage, LAST)).toBe('iter_4.safetensors');
  });
});
