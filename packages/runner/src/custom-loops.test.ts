import { cpu } from '@engine/backend-cpu';
import { DataLoader, type DataLoaderLike } from '@engine/dataset';
import type { MetricValues } from '@engine/evaluator';
import { MemoryStorage, type StorageBackend } from '@engine/fileio';
import { type Hook, type IterInfo, priorities } from '@engine/hooks';
import { SGD } from '@engine/optim';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { ValLoop } from './eval-loop.js';
import { IterBasedTrainLoop } from './iter-train-loop.js';
import { defineLoop, type LoopArgs, type LoopRun } from './loop.js';
import { afterIteration, BoringDataset, type BoringRun, boringRuns, LossTrace, tensorsOf } from './testing/index.js';
import { EpochBasedTrainLoop } from './train-loop.js';

declare module '@engine/hooks' {
  interface CustomHookPoints {
    beforeSecondSet: { readonly samples: number };
    afterSecondSetIter: IterInfo;
  }
}

const boring = boringRuns(cpu);
const die = (): never => {
  throw new Error('killed');
};

/** Trains on each batch twice. */
class TwiceLoop extends EpochBasedTrainLoop {
  override readonly stepsPerBatch = 2;
}
class TwiceIterLoop extends IterBasedTrainLoop {
  override readonly stepsPerBatch = 2;
}
const Twice = defineLoop({
  name: 'TwiceLoop',
  options: z.strictObject({ maxEpochs: z.int() }),
  create: (options, { args }) => new TwiceLoop(options, args),
});
const TwiceIter = defineLoop({
  name: 'TwiceIterLoop',
  options: z.strictObject({ maxIters: z.int() }),
  create: (options, { args }) => new TwiceIterLoop(options, args),
});

/** Validates on a second set as well, with points of its own. */
class TwoSetsValLoop extends ValLoop {
  readonly #run: LoopRun;
  readonly #second: DataLoaderLike;

  constructor(second: DataLoaderLike, args: LoopArgs) {
    super({}, args);
    this.#run = args.run;
    this.#second = second;
  }

  override async run(): Promise<MetricValues | undefined> {
    const metrics = await super.run();
    await this.#second.init();
    await this.#run.call('beforeSecondSet', { samples: this.#second.dataset.length });
    let batchIdx = 0;
    for await (const batch of this.#second.batches()) {
      this.#run.ctx.tidy(() => void this.#run.ctx.model.valStep(batch));
      await this.#run.call('afterSecondSetIter', { batchIdx, batch });
      batchIdx += 1;
    }
    await this.#second.close();
    return metrics;
  }
}

describe.each([
  ['epochs', { type: Twice, maxEpochs: 2 }, 'epoch_2'],
  ['iterations', { type: TwiceIter, maxIters: 16 }, 'epoch_1'],
] as const)('a loop of your own that trains on each batch twice, by %s', (_, trainCfg, last) => {
  const make = (hooks: readonly Hook[], storage: StorageBackend, options: object = {}): BoringRun =>
    boring(
      {
        trainCfg,
        optimWrapper: { optimizer: { type: SGD, lr: 0.1, momentum: 0.9 }, accumulativeCounts: 3 },
        customHooks: hooks,
        ...options,
      } as unknown as Parameters<typeof boring>[0],
      { storage },
    );
  /** Saves at every iteration, before anything is killed. */
  const saveAll: Hook = {
    name: 'SaveAll',
    priority: priorities.VERY_LOW,
    async afterTrainIter(ctx) {
      await ctx.markLastCheckpoint(await ctx.saveCheckpoint({ fileName: `iter_${ctx.iter + 1}.safetensors` }));
    },
  };

  it('counts each step and hands out each batch twice', async () => {
    const seen: [number, unknown][] = [];
    const hook: Hook = {
      name: 'Seen',
      beforeTrainIter: (ctx, { batch }) => void seen.push([ctx.iter, batch]),
    };
    await make([hook], new MemoryStorage()).runner.train();
    expect(seen.map(([iter]) => iter)).toEqual(Array.from({ length: 16 }, (_each, index) => index));
    for (let i = 0; i < 16; i += 2) expect(seen[i]?.[1]).toBe(seen[i + 1]?.[1]);
    expect(new Set(seen.map(([, batch]) => batch)).size).toBe(8);
  });

  it.each([1, 4, 7, 8, 9, 15])('is resumed exactly when killed after step %i', async (k) => {
    const [whole, storage] = [new MemoryStorage(), new MemoryStorage()];
    const [straight, first, second] = [new LossTrace(), new LossTrace(), new LossTrace()];
    await make([straight, saveAll], whole).runner.train();
    await expect(make([first, saveAll, afterIteration(k, die)], storage).runner.train()).rejects.toThrow('killed');
    await make([second, saveAll], storage, { resume: true, randomness: {} }).runner.train();
    expect([...first.losses, ...second.losses]).toEqual([...straight.losses]);
    const file = `/runs/boring/${last}.safetensors`;
    expect(await tensorsOf(storage, file)).toEqual(await tensorsOf(whole, file));
  });
});

describe('a validation loop of your own', () => {
  it('calls hooks at points of its own, and only those that have them', async () => {
    const seen: unknown[] = [];
    const hook: Hook = {
      name: 'Own',
      beforeSecondSet: (_ctx, { samples }) => void seen.push(samples),
      afterSecondSetIter: (_ctx, { batchIdx }) => void seen.push(batchIdx),
    };
    const TwoSets = defineLoop({
      name: 'TwoSetsValLoop',
      options: z.strictObject({ size: z.int() }),
      create: ({ size }, { args }) =>
        new TwoSetsValLoop(new DataLoader({ dataset: new BoringDataset(size), batchSize: 4 }), args),
    });
    const { runner } = boring({
      valCfg: { type: TwoSets, size: 9 } as never,
      customHooks: [hook, { name: 'Other', beforeVal() {} }],
    });
    expect(await runner.val()).toHaveProperty('acc');
    expect(seen).toEqual([9, 0, 1, 2]);
  });

  it('may change what happens to a batch', async () => {
    class HalfLoop extends ValLoop {
      override async runIter(...[batchIdx, batch]: Parameters<ValLoop['runIter']>): Promise<void> {
        if (batchIdx % 2 === 0) await super.runIter(batchIdx, batch);
      }
    }
    const Half = defineLoop({
      name: 'HalfLoop',
      options: z.strictObject({}),
      create: (_options, { args }) => new HalfLoop({}, args),
    });
    const seen: number[] = [];
    const hook: Hook = { name: 'Seen', afterValIter: (_ctx, { batchIdx }) => void seen.push(batchIdx) };
    await boring({ valCfg: { type: Half } as never, customHooks: [hook] }).runner.val();
    expect(seen).toEqual([0, 2]);
  });
});
