import type { Backend } from '@engine/core';
import { type Entry, type EntryLike, entryOf } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import { type Hook, type HookPoint, hookPointOrder } from '@engine/hooks';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { RunnerOptions } from '../options.js';
import { BoringDataset, BoringMetric, ManualPlatform } from './boring.js';
import { type BoringRun, makeBoringRun } from './make-runner.js';
import { afterIteration, tensorsOf } from './trace-hooks.js';

export interface LoopKitSettings {
  /** What stands in the loop's config beside `type`; a training loop must take at least 6 iterations of a loader of 4 batches. */
  readonly options: object;
  readonly backend: () => Backend;
}

/** The contract of a training loop, run by a real runner: order of points, exact resume, stopping, ownership of tensors. */
export function describeTrainLoop(item: EntryLike, settings: LoopKitSettings): void {
  const trainCfg = { type: item, ...settings.options };
  const run = (
    hooks: readonly Hook[],
    options: object = {},
    given: Parameters<typeof makeBoringRun>[2] = {},
  ): Promise<BoringRun> =>
    finish(
      makeBoringRun(
        settings.backend(),
        { trainCfg, customHooks: hooks, ...options } as unknown as Partial<RunnerOptions>,
        given,
      ),
      'train',
    );

  describe(`training loop ${nameOf(item)}`, () => {
    it('begins and ends with its points, and each iteration has both of its own', async () => {
      const points: HookPoint[] = [];
      await run([tracer(points)]);
      const own = points.filter((point) => /Train/.test(point));
      expect([own[0], own.at(-1)]).toEqual(['beforeTrain', 'afterTrain']);
      const iterations = own.filter((point) => point.endsWith('TrainIter'));
      expect(iterations.length).toBeGreaterThanOrEqual(12);
      expect(iterations.filter((_, index) => index % 2 === 0).every((point) => point === 'beforeTrainIter')).toBe(true);
      expect(points.filter((point) => point === 'beforeVal').length).toBeGreaterThanOrEqual(1);
    });

    it('goes on exactly where a signal stopped it', async () => {
      const [whole, stopped] = [new MemoryStorage(), new MemoryStorage()];
      await run([], {}, { storage: whole });
      const platform = new ManualPlatform();
      await run([afterIteration(3, () => platform.send('SIGINT'))], {}, { storage: stopped, platform });
      await run([], { resume: true }, { storage: stopped });
      const last = new TextDecoder().decode(await whole.get('/runs/boring/last_checkpoint'));
      expect(new TextDecoder().decode(await stopped.get('/runs/boring/last_checkpoint'))).toBe(last);
      expect(await tensorsOf(stopped, `/runs/boring/${last}`)).toEqual(await tensorsOf(whole, `/runs/boring/${last}`));
    });

    it('stops after the iteration in which a hook asks for it', async () => {
      const points: HookPoint[] = [];
      await run([tracer(points), afterIteration(2, (ctx) => ctx.requestStop('enough'))]);
      expect(points.filter((point) => point === 'beforeTrainIter')).toHaveLength(2);
      expect(points.slice(-2)).toEqual(['afterTrain', 'afterRun']);
    });

    it('leaves no tensor behind', async () => {
      const before = tf.engine().state.numTensors;
      await run([]);
      expect(tf.engine().state.numTensors).toBe(before);
    });
  });
}

/** The contract of an evaluation loop, run by a real runner. */
export function describeEvalLoop(
  item: EntryLike,
  settings: LoopKitSettings & { readonly stage: 'val' | 'test' },
): void {
  const { stage } = settings;
  const options = {
    [`${stage}Dataloader`]: { dataset: new BoringDataset(7), batchSize: 3 },
    [`${stage}Evaluator`]: new BoringMetric(),
    [`${stage}Cfg`]: { type: item, ...settings.options },
  };
  describe(`evaluation loop ${nameOf(item)}`, () => {
    it('calls its points in order and gives metrics, in evaluation mode and without changing the model', async () => {
      const points: HookPoint[] = [];
      const run = makeBoringRun(settings.backend(), { ...options, customHooks: [tracer(points)] });
      run.model.initWeights(1);
      const before = tf.engine().state.numTensors;
      expect(Object.keys(await run.runner[stage]())).toEqual(['acc']);
      expect(run.model.training).toBe(false);
      const own = stage === 'val' ? 'Val' : 'Test';
      const iter = [`before${own}Iter`, `after${own}Iter`];
      expect(points).toEqual([
        'beforeRun',
        `before${own}`,
        `before${own}Epoch`,
        ...iter,
        ...iter,
        ...iter,
        `after${own}Epoch`,
        `after${own}`,
        'afterRun',
      ]);
      await run.runner.dispose();
      run.model.dispose();
      expect(tf.engine().state.numTensors).toBeLessThanOrEqual(before);
    });
  });
}

async function finish(run: BoringRun, stage: 'train'): Promise<BoringRun> {
  try {
    await run.runner[stage]();
    return run;
  } finally {
    await run.runner.dispose();
    run.model.dispose();
  }
}

function tracer(points: HookPoint[]): Hook {
  return {
    name: 'Tracer',
    ...Object.fromEntries(hookPointOrder.map((point) => [point, () => void points.push(point)])),
  };
}

function nameOf(item: EntryLike): string {
  return (entryOf(item) as Entry<'loop'>).name;
}
