import type { HostArray, ParameterLike } from '@engine/core';
import type { HostBatch, TrainableModel, ValStepResult } from './contract.js';
import { modelErrors } from './errors.js';
import type { StepPosition } from './step-context.js';

export interface BaseTTAModelOptions {
  /** The trained model. */
  readonly module: TrainableModel;
}

/**
 * Test-time augmentation: runs a model on several versions of each sample and merges what it predicts.
 * A batch is that of the model, but with one item for each version in `inputs`, `samples` and every other field. Weights, names and
 * checkpoints are those of the model.
 */
export abstract class BaseTTAModel implements TrainableModel {
  readonly module: TrainableModel;

  /** @throws `ENGINE_MODEL_BAD_TTA` */
  constructor({ module }: BaseTTAModelOptions) {
    if (typeof module?.testStep !== 'function')
      throw badTta('a model with testStep', module === undefined ? 'undefined' : typeof module);
    this.module = module;
  }

  /**
   * `predictions[i][k]` is item i of what the model predicts for version k: sample i where it predicts a list of samples, tensor i where
   * it predicts a list of tensors. Returns what metrics take.
   */
  abstract mergePreds(predictions: readonly (readonly unknown[])[]): unknown;

  /** @throws `ENGINE_MODEL_BAD_TTA` */
  testStep(batch: HostBatch): ValStepResult {
    const results = versionsOf(batch).map((version) => itemsOf(this.module.testStep(version).predictions));
    const length = results[0]?.length ?? 0;
    if (results.some((items) => items.length !== length))
      throw badTta('as many predictions of every version', results.map((items) => items.length).join(', '));
    return { predictions: this.mergePreds(Array.from({ length }, (_, i) => results.map((items) => items[i]))) };
  }

  valStep(batch: HostBatch): ValStepResult {
    return this.testStep(batch);
  }

  /** @throws `ENGINE_MODEL_BAD_TTA` always: train the model itself. */
  trainStep(): never {
    throw badTta('a model to train', 'one for test-time augmentation, which only tests');
  }

  beginStep(position: StepPosition): void {
    this.module.beginStep?.(position);
  }
  train(mode = true): this {
    this.module.train(mode);
    return this;
  }
  eval(): this {
    this.module.eval();
    return this;
  }
  get training(): boolean {
    return this.module.training;
  }
  namedParameters(): ReadonlyMap<string, ParameterLike> {
    return this.module.namedParameters();
  }
  stateDict(): Promise<Map<string, HostArray>> {
    return this.module.stateDict();
  }
  loadStateDict(state: ReadonlyMap<string, HostArray>, options?: { readonly strict?: boolean }): void {
    this.module.loadStateDict(state, options);
  }
  dispose(): void {
    this.module.dispose();
  }
}

/** One batch for each version. */
function versionsOf(batch: HostBatch): HostBatch[] {
  const { inputs } = batch;
  if (!Array.isArray(inputs) || inputs.length === 0)
    throw badTta('inputs with one item for each version', Array.isArray(inputs) ? 'none' : typeof inputs);
  return inputs.map((_, version) => {
    const fields = Object.entries(batch).map(([name, items]): [string, unknown] => {
      if (items === undefined) return [name, undefined];
      if (!Array.isArray(items) || items.length !== inputs.length)
        throw badTta(
          `${inputs.length} items in ${name}, one for each version`,
          Array.isArray(items) ? `${items.length}` : typeof items,
        );
      return [name, items[version]];
    });
    return Object.fromEntries(fields) as unknown as HostBatch;
  });
}

const itemsOf = (predictions: unknown): readonly unknown[] =>
  Array.isArray(predictions) ? (predictions as unknown[]) : [predictions];

function badTta(expected: string, received: string): Error {
  return modelErrors.BAD_TTA({
    subject: 'BaseTTAModel',
    expected,
    received,
    action: 'make each field of the batch a list with one item for each augmented version',
  });
}
