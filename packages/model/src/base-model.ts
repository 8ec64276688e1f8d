import { type DeviceScalar, StepOutputs, tensorScope } from '@engine/core';
import type * as tf from '@tensorflow/tfjs-core';
import { BaseDataPreprocessor } from './base-data-preprocessor.js';
import type {
  DataPreprocessor,
  EvalStepOptions,
  HostBatch,
  LossMinimizer,
  LossResult,
  Mode,
  PreprocessedBatch,
  TrainableModel,
  ValStepResult,
} from './contract.js';
import { Module } from './module.js';
import { type ParsedLosses, parseLosses } from './parse-losses.js';
import type { StepPosition } from './step-context.js';

export interface BaseModelOptions {
  /** Default: {@link BaseDataPreprocessor}, which only copies to the device. */
  readonly dataPreprocessor?: DataPreprocessor | undefined;
}

/** Carries the model's own `loss` beside the total of the same name. */
const OWN_LOSS = 'loss (as returned by the model)';

/** A network that can be trained: `forward` by mode, and the steps of loops on top of it. */
export abstract class BaseModel extends Module implements TrainableModel {
  /** Host batch → device tensors, at the start of every step. */
  dataPreprocessor: DataPreprocessor;
  #isReady = false;

  constructor({ dataPreprocessor = new BaseDataPreprocessor() }: BaseModelOptions = {}) {
    super();
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
    this.#makeReady();
    return tensorScope(() => {
      const data = this.dataPreprocessor.process(batch, true);
      return withOwnLoss(optimWrapper.updateParams(() => toMinimise(this.#losses(data))));
    });
  }

  valStep(batch: HostBatch, options: EvalStepOptions = {}): ValStepResult {
    this.#makeReady();
    return tensorScope(() => {
      const data = this.dataPreprocessor.process(batch, false);
      const predictions = this.#run(data, 'predict');
      return options.loss === true ? { predictions, losses: this.#losses(data).logVars } : { predictions };
    });
  }

  testStep(batch: HostBatch, options: EvalStepOptions = {}): ValStepResult {
    return this.valStep(batch, options);
  }

  beginStep(position: StepPosition): void {
    this.stepContext.begin(position);
  }

  #losses(data: PreprocessedBatch): ParsedLosses {
    return parseLosses(this.#run(data, 'loss'));
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

function toMinimise({ total, logVars }: ParsedLosses): LossResult {
  const own = logVars['loss'];
  return own === undefined || own === total
    ? { ...logVars, loss: total }
    : { ...logVars, loss: total, [OWN_LOSS]: own };
}

/** Shows the model's own `loss` under that name, as MMEngine logs it. */
function withOwnLoss(outputs: StepOutputs): StepOutputs {
  if (!outputs.names.includes(OWN_LOSS)) return outputs;
  const names = outputs.names.filter((name) => name !== OWN_LOSS);
  const scalars = names.map((name): [string, DeviceScalar] => [name, outputs.get(name === 'loss' ? OWN_LOSS : name)]);
  return new StepOutputs(Object.fromEntries(scalars));
}
