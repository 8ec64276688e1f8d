import { cpu } from '@engine/backend-cpu';
import { hostArray, type SavedState } from '@engine/core';
import type { Hook } from '@engine/hooks';
import { SGD } from '@engine/optim';
import { describe, expect, it } from 'vitest';
import { readCheckpoint } from './checkpoint.js';
import { afterIteration, boringRuns } from './testing/index.js';

const make = boringRuns(cpu);

/** Counts iterations in JSON and in an array, and gives both back. */
class Counter implements Hook {
  readonly name = 'Counter';
  count = 0;
  readonly seen = new Float32Array(12);

  afterTrainIter(ctx: { iter: number }): void {
    this.seen[ctx.iter] = this.count;
    this.count += 1;
  }
  stateDict(): SavedState {
    return {
      values: { count: this.count, odd: Number.NaN },
      tensors: new Map([['seen', hostArray('float32', [12], this.seen.slice())]]),
    };
  }
  loadStateDict({ values, tensors }: SavedState): void {
    this.count = Number(values['count']);
    this.seen.set((tensors.get('seen')?.data ?? []) as Float32Array);
  }
}

describe('what a checkpoint holds', () => {
  it('is everything of a run, under the names of the format', async () => {
    const { runner, storage } = make({
      optimWrapper: { optimizer: { type: SGD, lr: 0.1, momentum: 0.9 }, accumulativeCounts: 3 },
      customHooks: [new Counter()],
    });
    await runner.train();
    const { tensors, sections, meta } = await readCheckpoint(storage, '/runs/boring/epoch_1.safetensors');
    expect([...tensors.keys()].sort()).toEqual([
      'hook/Counter/seen',
      'model/bn.bias',
      'model/bn.num_batches_tracked',
      'model/bn.running_mean',
      'model/bn.running_var',
      'model/bn.weight',
      'model/head.bias',
      'model/head.weight',
      'optim/default/accumulated/bn.bias',
      'optim/default/accumulated/bn.weight',
      'optim/default/accumulated/head.bias',
      'optim/default/accumulated/head.weight',
      ...[...tensors.keys()]
        .filter((name) => name.startsWith('optim/default/') && !name.includes('accumulated'))
        .sort(),
    ]);
    expect([...tensors.keys()].filter((name) => /^optim\/default\/[^/]+\/head\.weight$/.test(name))).toHaveLength(2);
    expect(tensors.get('model/bn.num_batches_tracked')).toMatchObject({
      dtype: 'int64',
      shape: [],
      data: BigInt64Array.of(4n),
    });
    expect([...sections.keys()]).toEqual(['layouts', 'paramGroups', 'scaler', 'schedulers', 'hooks', 'messageHub']);
    expect(sections.get('hooks')).toEqual({ Counter: { count: 4, odd: Number.NaN } });
    expect(sections.get('schedulers')).toHaveLength(1);
    expect(meta).toMatchObject({
      epoch: 1,
      iter: 4,
      batchInEpoch: 0,
      accumulation: 1,
      validationDue: true,
      seeds: { run: 1 },
      worldSize: 1,
    });
  });

  it('may be changed by hooks before it is written and after it is read', async () => {
    const stamp: Hook = {
      name: 'Stamp',
      beforeSaveCheckpoint: (_ctx, { checkpoint }) => void checkpoint.sections.set('own', { word: 'hello' }),
    };
    const { runner, storage } = make({ customHooks: [stamp] });
    await runner.train();
    let found: unknown;
    const look: Hook = {
      name: 'Look',
      afterLoadCheckpoint: (_ctx, { checkpoint }) => {
        found = checkpoint.sections.get('own');
        checkpoint.tensors.set('model/head.bias', hostArray('float32', [3], Float32Array.of(1, 2, 3)));
      },
    };
    const again = make({ customHooks: [look], loadFrom: '/runs/boring/epoch_3.safetensors' }, { storage });
    await again.runner.val();
    expect(found).toEqual({ word: 'hello' });
    expect((await again.model.head.stateDict()).get('bias')?.data).toEqual(Float32Array.of(1, 2, 3));
  });

  it('gives hooks their state back, and says whose hook is gone', async () => {
    const { runner, storage } = make({
      customHooks: [
        new Counter(),
        afterIteration(6, () => {
          throw new Error('killed');
        }),
      ],
    });
    await expect(runner.train()).rejects.toThrow('killed');
    const counter = new Counter();
    await make({ customHooks: [counter], resume: true }, { storage }).runner.train();
    expect([...counter.seen]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const without = make({ resume: true, allowChanges: true }, { storage });
    await without.runner.train();
    expect(without.lines).toContain(
      'WARNING The checkpoint has a state for the hook Counter, which this run does not have.',
    );
  });

  it('is weights alone where the best are kept', async () => {
    const { runner, storage } = make({ defaultHooks: { checkpoint: { interval: 1, saveBest: 'acc' } } });
    await runner.train();
    const best = (await storage.list('/runs/boring')).find((name) => name.startsWith('best_')) ?? '';
    const { tensors, sections } = await readCheckpoint(storage, `/runs/boring/${best}`);
    expect([...tensors.keys()].every((name) => name.startsWith('model/'))).toBe(true);
    expect([...sections.keys()]).toEqual(['layouts', 'hooks', 'messageHub']);
    const resumed = make({ resume: `/runs/boring/${best}` }, { storage });
    await expect(resumed.runner.train()).rejects.toMatchObject({ code: 'ENGINE_RUNNER_CHECKPOINT_WITHOUT_STATE' });
  });
});
