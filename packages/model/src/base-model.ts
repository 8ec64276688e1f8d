import { type StepOutputs, tensorScope } from '@engine/core';
import type * as tf from '@tensorflow/tfjs-core';
import { BaseDataPreprocessor } from './base-data-preprocessor.js';
import { BaseModule, type BaseModuleOptions } from './base-module.js';
import type {
  DataPreprocessor,
  EvalStepOptions,
  HostBatch,
  LossMinimizer,
  Mode,
  PreprocessedBatch,
  TrainableModel,
  ValStepResult,
} from './contract.js';
import { parseLosses } from './parse-losses.js';
import type { StepPosition } from './step-context.js';
import { minimise } from './steps.js';

export interface BaseModelOptions extends BaseModuleOptions {
  /** Default: {@link BaseDataPreprocessor}, which only copies to the device. */
  readonly dataPreprocessor?: DataPreprocessor | undefined;
}

/** A network that can be trained: `forward` by mode, and the steps of loops on top of it. */
export abstract class BaseModel extends BaseModule implements TrainableModel {
  /** Host batch → device tensors, at the start of every step. */
  dataPreprocessor: DataPreprocessor;
  #isReady = false;

  constructor({ dataPreprocessor = new BaseDataPreprocessor(), initCfg }: BaseModelOptions = {}) {
    super({ initCfg });
    this.dataPreprocessor = dataPreprocessor;
  }

  /**
   * `loss`: an object of tensors by name, those whose name contains `loss` are minimised. `predict`: what metrics take.
   * `tensor`: the bare output. `inputs` and `samples` are what the data preprocessor gave.
   */
  abstract override forward(inputs: tf.Tensor | readonly tf.Tensor[], samples: unknown, mode: Mode): unknown;

  /**
   * One optimisation step. The outputs are the losses by name, `loss` first; the optimizer wrapper frees them at its next call.
   * @throws `ENGINE_MODEL_BAD_LOSS`, `ENGINE_MODEL_NO_LOSS`
   */
  trainStep(batch: HostBatch, optimWrapper: LossMinimizer): StepOutputs {
    return tensorScope(() => {
      const data = this.preprocess(batch);
      return minimise(optimWrapper, () => this.#run(data, 'loss'));
    });
  }

  /** Brings a batch to the device as `trainStep` does: for steps of your own, e.g. with several optimizers. Call it inside a `tensorScope`. */
  protected preprocess(batch: HostBatch): PreprocessedBatch {
    this.#makeReady();
    return this.dataPreprocessor.process(batch, true, this.stepContext.position);
  }

  valStep(batch: HostBatch, options: EvalStepOptions = {}): ValStepResult {
    this.#makeReady();
    return tensorScope(() => {
      const data = this.dataPreprocessor.process(batch, false);
      const predictions = this.#run(data, 'predict');
      if (options.loss !== true) return { predictions };
      const { total, logVars } = parseLosses(this.#run(data, 'loss'));
      return { predictions, losses: { ...logVars, loss: total } };
    });
  }

  testStep(batch: HostBatch, options: EvalStepOptions = {}): ValStepResult {
    return this.valStep(batch, options);
  }

  beginStep(position: StepPosition): void {
    this.stepContext.begin(position);
  }

  #run({ inputs, samples }: PreprocessedBatch, mode: Mode): unknown {
    return (this as BaseModel).apply(inputs, samples, mode);
  }

  /** Names everything and makes all variables, so that no step makes any. */
  #makeReady(): void {
    if (this.#isReady) return;
    for (const parameter of this.namedParameters().values()) void parameter.value;
    for (const buffer of this.namedBuffers().values()) void buffer.value;
    this.#isReady = true;
  }
}
