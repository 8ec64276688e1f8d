import { type HostArray, type StepOutputs, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { BaseDataPreprocessor } from '../base-data-preprocessor.js';
import type {
  DataPreprocessor,
  EvalStepOptions,
  HostBatch,
  LossMinimizer,
  TrainableModel,
  ValStepResult,
} from '../contract.js';
import { modelErrors } from '../errors.js';
import { parseLosses } from '../parse-losses.js';
import { type LoadOptions, loadState, readState } from '../state-dict.js';
import type { StepPosition } from '../step-context.js';
import { minimise } from '../steps.js';
import { type LayerParameter, weightsByName } from './layer-weights.js';

/** Outputs of the network and the batch's labels → a loss, or losses by name. */
export type LayersModelLoss = (
  outputs: tf.Tensor | readonly tf.Tensor[],
  samples: unknown,
) => tf.Tensor | Readonly<Record<string, tf.Tensor | readonly tf.Tensor[]>>;

export interface LayersModelOptions {
  /** A built model of `@tensorflow/tfjs-layers`; it keeps its variables, so it is trained in place. */
  readonly model: LayersModel;
  /** E.g. `(logits, labels) => crossEntropy(logits, labels)`. */
  readonly loss: LayersModelLoss;
  /** What metrics take; default `[outputs, samples]`. */
  readonly predict?: (outputs: tf.Tensor | readonly tf.Tensor[], samples: unknown) => unknown;
  /** Default: batches go to the device as they are. */
  readonly dataPreprocessor?: DataPreprocessor | undefined;
}

/**
 * A Keras-style model of TensorFlow.js under the engine's contract: trained, validated, saved and resumed by a Runner like any other.
 * The wrapped model stays usable and can be saved by its own `save`. Its initial weights and its dropout are those of
 * TensorFlow.js; `compile` and its optimizer are not used.
 */
export class LayersModelAdapter implements TrainableModel {
  /** The wrapped model. */
  readonly model: LayersModel;
  dataPreprocessor: DataPreprocessor;
  training = true;
  readonly #weights: ReadonlyMap<string, LayerParameter>;
  readonly #loss: LayersModelLoss;
  readonly #predict: NonNullable<LayersModelOptions['predict']>;
  #position: StepPosition | undefined;

  /** @throws `ENGINE_MODEL_BAD_LAYERS_MODEL` */
  constructor({ model, loss, predict, dataPreprocessor }: LayersModelOptions) {
    this.model = model;
    this.#loss = loss;
    this.#predict = predict ?? ((outputs, samples) => [outputs, samples]);
    this.dataPreprocessor = dataPreprocessor ?? new BaseDataPreprocessor();
    this.#weights = builtWeights(model);
  }

  beginStep(position: StepPosition): void {
    this.#position = position;
  }

  /** @throws `ENGINE_MODEL_BAD_LOSS`, `ENGINE_MODEL_NO_LOSS` */
  trainStep(batch: HostBatch, optimWrapper: LossMinimizer): StepOutputs {
    return tensorScope(() => {
      const { inputs, samples } = this.dataPreprocessor.process(batch, true, this.#position);
      return minimise(optimWrapper, () => this.#losses(this.#apply(inputs), samples));
    });
  }

  valStep(batch: HostBatch, options: EvalStepOptions = {}): ValStepResult {
    return tensorScope(() => {
      const { inputs, samples } = this.dataPreprocessor.process(batch, false);
      const outputs = this.#apply(inputs);
      const predictions = this.#predict(outputs, samples);
      if (options.loss !== true) return { predictions };
      return { predictions, losses: parseLosses(this.#losses(outputs, samples)).logVars };
    });
  }

  testStep(batch: HostBatch, options: EvalStepOptions = {}): ValStepResult {
    return this.valStep(batch, options);
  }

  train(mode = true): this {
    this.training = mode;
    return this;
  }
  eval(): this {
    return this.train(false);
  }

  /** All weights, moving statistics included (never trainable). */
  namedParameters(): ReadonlyMap<string, LayerParameter> {
    return this.#weights;
  }

  stateDict(): Promise<Map<string, HostArray>> {
    return readState(this.#weights);
  }

  /** @throws `ENGINE_MODEL_STATE_MISMATCH` */
  loadStateDict(state: ReadonlyMap<string, HostArray>, options: LoadOptions = {}): void {
    loadState(this.#weights, state, options);
  }

  /** Disposes the wrapped model. */
  dispose(): void {
    this.model.dispose();
  }

  #apply(inputs: tf.Tensor | readonly tf.Tensor[]): tf.Tensor | readonly tf.Tensor[] {
    return this.model.apply(inputs as tf.Tensor, { training: this.training }) as tf.Tensor;
  }

  #losses(outputs: tf.Tensor | readonly tf.Tensor[], samples: unknown): unknown {
    const losses = this.#loss(outputs, samples);
    return losses instanceof tf.Tensor ? { loss: losses } : losses;
  }
}

function builtWeights(model: LayersModel): ReadonlyMap<string, LayerParameter> {
  const isModel = typeof model?.apply === 'function' && Array.isArray(model.layers);
  if (isModel && !model.built && model.outputs?.length > 0) model.build([]); // a Sequential waits for its first call
  const weights = isModel && model.built ? weightsByName(model) : new Map<string, LayerParameter>();
  if (weights.size > 0) return weights;
  throw modelErrors.BAD_LAYERS_MODEL({
    expected: 'a built LayersModel with weights',
    received: isModel ? (model.built ? 'one without weights' : 'one that is not built') : typeof model,
    action: 'give the first layer an inputShape, or call model.build(shape)',
  });
}
