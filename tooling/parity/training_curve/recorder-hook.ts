import type { HostArray } from '@engine/core';
import { hostArray } from '@engine/core';
import type { Hook, IterInfo, MetricsInfo, RunContext, TrainIterInfo } from '@engine/hooks';
import { shapeToTorch, toTorchLayout } from '@engine/model';
import type { RecordedEnd, RecordedIter, RecordedVal, State } from './recording.js';

/** How a run is broken off. */
export class BrokenOff extends Error {}

/** Sees everything of a run after all other hooks have done their work, and breaks it off where it is asked to. */
export class RecorderHook implements Hook {
  readonly name = 'RecorderHook';
  readonly priority = 'LOWEST';
  readonly iters: RecordedIter[] = [];
  readonly vals: RecordedVal[] = [];
  startWeights: State | undefined;
  end: RecordedEnd | undefined;
  #lr = 0;
  #momentum = 0;

  /** `stopAfter`: iterations after which to break off. */
  constructor(readonly stopAfter: number | null) {}

  async beforeTrain(ctx: RunContext): Promise<void> {
    this.startWeights = await torchState(ctx.model);
  }

  beforeTrainIter({ optimWrapper }: RunContext, _info: IterInfo): void {
    this.#lr = optimWrapper?.getLr().lr?.[0] ?? Number.NaN;
    this.#momentum = optimWrapper?.getMomentum().momentum?.[0] ?? Number.NaN;
  }

  async afterTrainIter(ctx: RunContext, { batchIdx, batch, outputs }: TrainIterInfo): Promise<void> {
    const values: Record<string, number> = {};
    for (const name of outputs.names) values[name] = await outputs.read(name);
    this.iters.push({
      epoch: ctx.epoch,
      iter: ctx.iter,
      batchIdx,
      lr: this.#lr,
      momentum: this.#momentum,
      labels: Array.from((batch.samples as HostArray).data, Number),
      outputs: values,
    });
    if (ctx.iter + 1 === this.stopAfter) throw new BrokenOff();
  }

  afterValEpoch(ctx: RunContext, { metrics }: MetricsInfo): void {
    this.vals.push({ epoch: ctx.epoch, iter: ctx.iter, metrics });
  }

  async afterRun(ctx: RunContext): Promise<void> {
    const { messageHub } = ctx;
    await messageHub.flush();
    const saved = await messageHub.stateDict();
    this.end = {
      epoch: ctx.epoch,
      iter: ctx.iter,
      weights: await torchState(ctx.model),
      lr: ctx.optimWrapper?.getLr().lr ?? [],
      schedulers: ctx.paramSchedulers.map((scheduler) => ({
        type: scheduler.constructor.name,
        state: scheduler.stateDict(),
      })),
      hubScalars: new Map(
        [...messageHub.scalars].map(([key, history]) => [key, { count: history.length, last: history.current() }]),
      ),
      hubInfos: [...messageHub.infos.keys()],
      hubSaved: ['scalars', 'infos'].flatMap((part) => Object.keys(saved[part] ?? {})),
    };
  }
}

/** Weights and buffers, as PyTorch holds them. */
export async function torchState(model: Pick<RunContext['model'], 'namedParameters' | 'stateDict'>): Promise<State> {
  const parameters = model.namedParameters();
  const state = await model.stateDict();
  return new Map(
    [...state].map(([name, array]) => {
      const layout = parameters.get(name)?.torchLayout ?? 'same';
      if (layout === 'same') return [name, array];
      const data = toTorchLayout(array.data as Float32Array, array.shape, layout);
      return [name, hostArray('float32', shapeToTorch(array.shape, layout), data)];
    }),
  );
}
