import {
  BaseModel,
  type BaseModelOptions,
  Conv2d,
  crossEntropy,
  Dropout,
  defineModel,
  Flatten,
  type InitCfg,
  Linear,
  MaxPool2d,
  type Mode,
  ReLU,
  Sequential,
} from '@engine/model';
import { type ConfigOf, parseOptions, thing } from '@engine/registry';
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';

const leNet5Options = z.strictObject({
  /** Classes to tell apart; default 10. */
  numClasses: z._default(z.int().check(z.positive()), 10),
  /** Probability with which inputs of the last layer are dropped while training; default 0. */
  dropout: z._default(z.number().check(z.minimum(0), z.maximum(1)), 0),
  /** Default: images go to the device as they are, so they must be floats already. */
  dataPreprocessor: z.optional(thing('dataPreprocessor')),
  /** How weights start where they do not start as PyTorch's; default: they do. */
  initCfg: z.optional(z.custom<InitCfg>((value) => typeof value === 'object' && value !== null)),
});
/** Kinds are spelt out: a schema's type is fixed before other packages add their entries. */
export interface LeNet5Options extends Omit<z.input<typeof leNet5Options>, 'dataPreprocessor' | 'initCfg'> {
  readonly initCfg?: InitCfg | undefined;
  readonly dataPreprocessor?: ConfigOf<'dataPreprocessor'> | undefined;
}
/** As the options, with the preprocessor built. */
export interface LeNet5Init extends Omit<LeNet5Options, 'dataPreprocessor'>, BaseModelOptions {}

/**
 * LeNet-5 for 28x28 grey images, with rectifiers and maximum pooling: (N, 28, 28, 1) float32 → (N, numClasses) logits; 61,706 parameters
 * for 10 classes. Mode `loss` gives the cross entropy, `predict` gives [logits, labels]. LeCun et al. 1998.
 */
export class LeNet5 extends BaseModel {
  static readonly entry = defineModel<'LeNet5', typeof leNet5Options, LeNet5Options>({
    name: 'LeNet5',
    options: leNet5Options,
    create: ({ dataPreprocessor, ...options }, ctx) =>
      new LeNet5({
        ...options,
        dataPreprocessor:
          dataPreprocessor === undefined
            ? undefined
            : ctx.build('dataPreprocessor', dataPreprocessor, { key: 'dataPreprocessor' }),
      }),
    module: '@engine/vision',
    doc: 'LeNet-5, a classifier of 28x28 grey images.',
  });

  readonly features = new Sequential(
    new Conv2d(1, 6, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(6, 16, 5),
    new ReLU(),
    new MaxPool2d(2),
    new Flatten(),
  );
  readonly classifier: Sequential;

  /** @throws `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE`, `ENGINE_REGISTRY_UNKNOWN_OPTION` */
  constructor({ dataPreprocessor, initCfg, ...options }: LeNet5Init = {}) {
    super({ dataPreprocessor, initCfg });
    const { numClasses, dropout } = parseOptions(leNet5Options, options, { subject: 'LeNet5' }).value;
    this.classifier = new Sequential(
      new Linear(400, 120),
      new ReLU(),
      new Linear(120, 84),
      new ReLU(),
      new Dropout(dropout),
      new Linear(84, numClasses),
    );
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_LABEL_OUT_OF_RANGE` */
  forward(
    images: tf.Tensor4D,
    labels: tf.Tensor1D,
    mode: Mode,
  ): tf.Tensor | readonly tf.Tensor[] | { readonly loss: tf.Tensor } {
    const logits = this.classifier.apply(this.features.apply(images));
    if (mode === 'loss') return { loss: crossEntropy(logits, labels) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}

declare module '@engine/registry' {
  interface Models {
    LeNet5: typeof LeNet5;
  }
}
