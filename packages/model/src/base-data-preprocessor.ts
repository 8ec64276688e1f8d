import { isHostArray } from '@engine/core';
import type {} from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import type { DataPreprocessor, HostBatch, PreprocessedBatch } from './contract.js';
import { defineDataPreprocessor } from './define-model.js';
import { modelErrors } from './errors.js';
import { upload } from './upload.js';

const baseDataPreprocessorOptions = z.strictObject({});
export interface BaseDataPreprocessorOptions extends z.input<typeof baseDataPreprocessorOptions> {}

/**
 * Copies a batch to the device as it is: host arrays anywhere in `inputs` and `samples` become tensors (floats float32, integers
 * int32), everything else stays. Subclasses change `inputs` afterwards.
 */
export class BaseDataPreprocessor implements DataPreprocessor {
  /** @throws `ENGINE_MODEL_BAD_BATCH` */
  process(batch: HostBatch, _training: boolean): PreprocessedBatch {
    return { inputs: castInputs(batch.inputs), samples: castData(batch.samples) };
  }
}

/** The entry stands beside the class, so that subclasses may carry their own. */
export const baseDataPreprocessor = defineDataPreprocessor<
  'BaseDataPreprocessor',
  typeof baseDataPreprocessorOptions,
  BaseDataPreprocessorOptions
>({
  name: 'BaseDataPreprocessor',
  options: baseDataPreprocessorOptions,
  create: () => new BaseDataPreprocessor(),
  module: '@engine/model',
  export: 'baseDataPreprocessor',
  doc: 'Copies a batch to the device as it is.',
});

declare module '@engine/registry' {
  interface DataPreprocessors {
    BaseDataPreprocessor: typeof baseDataPreprocessor;
  }
}

/** Tensors instead of host arrays, in lists and object literals too. */
export function castData(value: unknown): unknown {
  if (isHostArray(value)) return upload(value);
  if (Array.isArray(value)) return value.map(castData);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, castData(item)]));
}

function castInputs(inputs: unknown): tf.Tensor | readonly tf.Tensor[] {
  const cast = castData(inputs);
  if (
    cast instanceof tf.Tensor ||
    (Array.isArray(cast) && cast.length > 0 && cast.every((item) => item instanceof tf.Tensor))
  )
    return cast;
  throw badBatch('a host array, or a list of them, as batch.inputs', inputs);
}

export function badBatch(expected: string, received: unknown): Error {
  const text = Array.isArray(received)
    ? `a list of ${received.length}`
    : typeof received === 'object' && received !== null
      ? `an object with ${Object.keys(received).join(', ') || 'no keys'}`
      : String(received);
  return modelErrors.BAD_BATCH({
    expected,
    received: text,
    action: 'let the dataset return inputs as host arrays, and check the collate function',
  });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
