/** The seam of loops: what a loop offers to the runner and what it gets from it. */
import {
  type Backend,
  type BuildContext,
  defineEntry,
  type Entry,
  type StandardSchemaV1,
  type StepOutputs,
} from '@engine/core';
import type { DataLoaderLike } from '@engine/dataset';
import type { EvaluatorLike, MetricValues } from '@engine/evaluator';
import type { HookInfo, HookPoint, LoopView, RunContext } from '@engine/hooks';
import type { HostBatch } from '@engine/model';

/** Where a training loop stands, by what is finished. */
export interface TrainPosition {
  readonly epoch: number;
  readonly iter: number;
  /** Finished batches of the current epoch, 0 between epochs; of the current pass over the data in loops that count in iterations. */
  readonly batchInEpoch: number;
  /** True when what was finished last, an epoch or an iteration, has still to be validated. */
  readonly validationDue: boolean;
}

/** The run as a loop sees it. */
export interface LoopRun {
  readonly ctx: RunContext;
  /** Calls the hooks of a point, awaited one after the other. */
  call<P extends HookPoint>(point: P, ...info: HookInfo<P> extends undefined ? [] : [info: HookInfo<P>]): Promise<void>;
  /** Where the model runs. */
  readonly backend: Backend;
  /** Tells the model which iteration its randomness belongs to; before each step. */
  beginStep(iter: number): void;
  /**
   * One optimisation step: the model's own, or what the caller of `trainBatches()` does with the batch; undefined when that one has left
   * without having trained on it. The caller owns the outputs.
   */
  step(batch: HostBatch): StepOutputs | Promise<StepOutputs | undefined>;
  /** Another pass over the training data begins inside the same epoch, in loops that count in iterations. */
  beginPass(): void;
  /** After each iteration: a promise when the event loop is due its turn or a loss must be looked at, else undefined. */
  endStep(): Promise<void> | undefined;
  /** A signal asked the process to end: the loop leaves after the current batch, validation included. */
  readonly interrupted: boolean;
  /** True when interrupted or when a hook has called `requestStop`. */
  readonly stopping: boolean;
  readonly hasValidation: boolean;
  /** Runs the validation loop; `onMetrics` is called when its metrics are known, before `afterValEpoch`, unless a signal cut it short. */
  validate(onMetrics: () => void): Promise<void>;
  /** Called by an evaluation loop as soon as its metrics are known, before its closing hooks. */
  recordMetrics(metrics: MetricValues): void;
  /** Called by a training loop that stops early, before `afterTrain`: saves a checkpoint where one is due. */
  saveBeforeStop(): Promise<void>;
}

/** A part of a run that goes through a data loader: training, validation, testing or your own. */
export interface Loop {
  readonly dataloader: DataLoaderLike;
  /** Runs from where the loop stands to its end, or to where `run.stopping` ends it. Resolves with metrics where it has computed any. */
  run(): Promise<MetricValues | undefined>;
}

/** A loop that can train: shows its position and can be put back to one. */
export interface TrainLoop extends Loop, LoopView {
  /** What a checkpoint saved at this moment must remember. */
  readonly position: TrainPosition;
  /** Steps that each batch is trained on; default 1. */
  readonly stepsPerBatch?: number;
  /** Continues from `position`; called before `run`. */
  restore(position: TrainPosition): void;
}

/** What a loop is built with. Owned by the runner. */
export interface LoopArgs {
  readonly run: LoopRun;
  readonly dataloader: DataLoaderLike;
  /** Only where an evaluator was configured. */
  readonly evaluator?: EvaluatorLike;
}

declare module '@engine/core' {
  interface Kinds {
    loop: Loop;
  }
  interface BuildArgs {
    loop: LoopArgs;
  }
}

export interface LoopDefinition<N extends string, S extends StandardSchemaV1<object, object>> {
  readonly name: N;
  /** Strict schema of what stands in `trainCfg`, `valCfg` or `testCfg` beside `type`. */
  readonly options: S;
  create(options: StandardSchemaV1.InferOutput<S>, ctx: BuildContext<'loop'>): Loop;
  readonly module?: string;
  /** One line for listings. */
  readonly doc?: string;
}

/** Makes a loop that `trainCfg`, `valCfg` and `testCfg` can name as `{ type: 'MyLoop', ... }`. */
export function defineLoop<
  const N extends string,
  S extends StandardSchemaV1<object, object>,
  I extends object = StandardSchemaV1.InferInput<S>,
>(definition: LoopDefinition<N, S>): Entry<'loop', N, I> {
  return defineEntry<'loop', N, S, I>('loop', definition);
}
