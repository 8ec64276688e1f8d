import { type BuildContext, type HostArray, hostArray, isHostArray, isPlainObject, KeyedRandom } from '@engine/core';
import { type ConfigOf, parseOptions } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import type { BatchAugment } from './augment/contract.js';
import { RandomBatchAugment } from './augment/random-batch-augment.js';
import { badBatch, castData } from './base-data-preprocessor.js';
import type { DataPreprocessor, HostBatch, PreprocessedBatch } from './contract.js';
import { defineDataPreprocessor } from './define-model.js';
import { modelErrors } from './errors.js';
import { StepContext, type StepPosition } from './step-context.js';
import { upload } from './upload.js';

const imgDataPreprocessorOptions = z.strictObject({
  /** Subtracted from each channel; one value or three. Given with `std` or not at all. */
  mean: z.optional(z.array(z.number())),
  /** Divides each channel; one value or three. */
  std: z.optional(z.array(z.number())),
  /** Height and width are padded (bottom, right) to multiples of this; default 1. */
  padSizeDivisor: z._default(z.int().check(z.positive()), 1),
  /** What is padded with, in normalised units; default 0. */
  padValue: z._default(z.number(), 0),
  /** Swaps red and blue; default false. */
  bgrToRgb: z._default(z.boolean(), false),
  /** The same swap under its other name; default false. */
  rgbToBgr: z._default(z.boolean(), false),
  /** Mixes training images with each other: one augmentation, or a list of which each batch gets one. Needs `numClasses`. */
  batchAugments: z.optional(z.custom<unknown>((value) => typeof value === 'object' && value !== null)),
  /** Number of classes; with it labels (N) become targets (N, numClasses) where images are mixed. */
  numClasses: z.optional(z.int().check(z.positive())),
});
type Augments = ConfigOf<'batchAugment', 'RandomBatchAugment'> | readonly ConfigOf<'batchAugment'>[];
export interface ImgDataPreprocessorOptions extends Omit<z.input<typeof imgDataPreprocessorOptions>, 'batchAugments'> {
  readonly batchAugments?: Augments | undefined;
}
/** As the options, with the augmentation built. */
export interface ImgDataPreprocessorInit extends Omit<ImgDataPreprocessorOptions, 'batchAugments'> {
  readonly batchAugments?: BatchAugment | undefined;
}

/**
 * Images to float32 tensors: NHWC or a list of HWC, any element type → (N, H, W, C). Swaps channels, normalises
 * `(x - mean) / std` on the device, then pads to a common size. Host arrays in `samples` become tensors.
 */
export class ImgDataPreprocessor implements DataPreprocessor {
  static readonly entry = defineDataPreprocessor<
    'ImgDataPreprocessor',
    typeof imgDataPreprocessorOptions,
    ImgDataPreprocessorOptions
  >({
    name: 'ImgDataPreprocessor',
    options: imgDataPreprocessorOptions,
    create: ({ batchAugments, ...options }, ctx) =>
      new ImgDataPreprocessor({ ...options, batchAugments: augmentOf(batchAugments, ctx) }),
    module: '@engine/model',
    doc: 'Normalises images on the device, swaps channels, pads to a common size.',
  });
  readonly #mean: readonly number[] | undefined;
  readonly #std: readonly number[] | undefined;
  readonly #divisor: number;
  readonly #padValue: number;
  readonly #swapsChannels: boolean;
  readonly #augment: BatchAugment | undefined;
  readonly #numClasses: number;

  /** @throws `ENGINE_MODEL_BAD_PREPROCESSOR_OPTION`, `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor({ batchAugments, ...options }: ImgDataPreprocessorInit = {}) {
    const { mean, std, padSizeDivisor, padValue, bgrToRgb, rgbToBgr, numClasses } = parseOptions(
      imgDataPreprocessorOptions,
      options,
      {
        subject: 'ImgDataPreprocessor',
      },
    ).value;
    if (bgrToRgb && rgbToBgr) throw badOption('at most one of bgrToRgb and rgbToBgr', 'both');
    if ((mean === undefined) !== (std === undefined))
      throw badOption('mean and std, or neither', mean === undefined ? 'std alone' : 'mean alone');
    for (const [name, values] of Object.entries({ mean, std })) {
      if (values !== undefined && values.length !== 1 && values.length !== 3)
        throw badOption(`${name} of 1 or 3 values`, `${values.length}`);
    }
    if (batchAugments !== undefined && numClasses === undefined)
      throw badOption('numClasses beside batchAugments', 'batchAugments alone');
    this.#augment = batchAugments;
    this.#numClasses = numClasses ?? 0;
    this.#mean = mean;
    this.#std = std;
    this.#divisor = padSizeDivisor;
    this.#padValue = padValue;
    this.#swapsChannels = bgrToRgb || rgbToBgr;
  }

  /** @throws `ENGINE_MODEL_BAD_BATCH`, `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_LABEL_OUT_OF_RANGE` */
  process({ inputs, samples }: HostBatch, training: boolean, position?: StepPosition): PreprocessedBatch {
    const images = this.#images(inputs);
    if (!training || this.#augment === undefined) return { inputs: images, samples: castData(samples) };
    const { seed, iteration } = position ?? new StepContext().position;
    const mixed = this.#augment.augment(
      { images: images as tf.Tensor4D, targets: this.#targets(samples) },
      new KeyedRandom(seed, 'batchAugment', iteration),
    );
    return { inputs: mixed.images, samples: mixed.targets };
  }

  #images(inputs: HostBatch['inputs']): tf.Tensor {
    if (isHostArray(inputs)) return this.#padded(this.#normalised(inputs, 4), []);
    if (!Array.isArray(inputs) || inputs.length === 0 || !inputs.every(isHostArray))
      throw badBatch('images as batch.inputs', inputs);
    const images = inputs.map((image) => this.#normalised(image, 3));
    const shapes = images.map(({ shape }) => shape);
    return tf.stack(images.map((image) => this.#padded(image, shapes)));
  }

  /** One row for each label, with a one at its class. */
  #targets(samples: unknown): tf.Tensor2D {
    if (!isHostArray(samples) || samples.shape.length !== 1 || !/^u?int/.test(samples.dtype))
      throw badBatch('labels, whole numbers (N), as batch.samples, to mix images', samples);
    const labels = Int32Array.from(samples.data as ArrayLike<number | bigint>, Number);
    const at = labels.findIndex((label) => label < 0 || label >= this.#numClasses);
    if (at < 0) return tf.oneHot(tf.tensor1d(labels, 'int32'), this.#numClasses, 1, 0, 'float32') as tf.Tensor2D;
    throw modelErrors.LABEL_OUT_OF_RANGE({
      subject: 'ImgDataPreprocessor',
      expected: `labels in [0, ${this.#numClasses})`,
      received: `${labels[at]} at index ${at}`,
      action: 'correct numClasses of the data preprocessor, or the labels of the dataset',
    });
  }

  #normalised(image: HostArray, rank: 3 | 4): tf.Tensor {
    const channels = image.shape.at(-1);
    const needsColour = this.#swapsChannels || (rank === 3 && this.#mean?.length === 3);
    if (image.shape.length !== rank || (needsColour && channels !== 3)) {
      throw modelErrors.SHAPE_MISMATCH({
        subject: 'ImgDataPreprocessor',
        expected: `images (${rank === 4 ? 'N, ' : ''}H, W, ${needsColour ? '3' : 'C'})`,
        received: `(${image.shape.join(', ')}) ${image.dtype}`,
        action: needsColour
          ? 'give one mean and std for grey images, and swap no channels'
          : 'keep images as (H, W, C), also grey ones: (H, W, 1)',
      });
    }
    const pixels = upload(toFloat(image));
    const ordered = this.#swapsChannels ? tf.reverse(pixels, -1) : pixels;
    if (this.#mean === undefined || this.#std === undefined) return ordered;
    return tf.div(tf.sub(ordered, vector(this.#mean)), vector(this.#std));
  }

  /** Height and width up to the largest of `shapes` and of its own, rounded up to the divisor. */
  #padded(image: tf.Tensor, shapes: readonly (readonly number[])[]): tf.Tensor {
    const first = image.rank - 3;
    const pads = image.shape.map((extent, axis): [number, number] => {
      if (axis < first || axis === image.rank - 1) return [0, 0];
      const largest = Math.max(extent, ...shapes.map((shape) => shape[axis] as number));
      return [0, Math.ceil(largest / this.#divisor) * this.#divisor - extent];
    });
    return pads.every(([, after]) => after === 0) ? image : tf.pad(image, pads, this.#padValue);
  }
}

/** Lists and options without a type mean one of several for each batch. */
function augmentOf(config: unknown, ctx: BuildContext): BatchAugment | undefined {
  if (config === undefined) return undefined;
  const several = Array.isArray(config) ? { augments: config } : config;
  const isUntyped = isPlainObject(several) && 'augments' in several && !('type' in several);
  return ctx.build('batchAugment', isUntyped ? { type: RandomBatchAugment, ...several } : several, {
    key: 'batchAugments',
  });
}

/** Bytes become floats while they are copied anyway: no cast on the device. */
function toFloat(image: HostArray): HostArray {
  return image.data instanceof BigInt64Array || image.dtype === 'float32'
    ? image
    : hostArray('float32', image.shape, new Float32Array(image.data));
}

const vector = (values: readonly number[]): tf.Tensor =>
  values.length === 1 ? tf.scalar(values[0] as number) : tf.tensor1d([...values]);

function badOption(expected: string, received: string): Error {
  return modelErrors.BAD_PREPROCESSOR_OPTION({
    subject: 'ImgDataPreprocessor',
    expected,
    received,
    action: 'correct the options of the data preprocessor',
  });
}

declare module '@engine/registry' {
  interface DataPreprocessors {
    ImgDataPreprocessor: typeof ImgDataPreprocessor;
  }
}
