import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkIntegers, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { type Initializer, normal } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';

export interface EmbeddingOptions {
  /** A row that starts at zero and gets no gradient. */
  readonly paddingIdx?: number;
}

/** Rows of a table: int32 indices (...) → (..., embeddingDim). `weight` is (numEmbeddings, embeddingDim). */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | undefined;
  readonly weight: Parameter;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numEmbeddings: number, embeddingDim: number, { paddingIdx }: EmbeddingOptions = {}) {
    super();
    checkIntegers('Embedding', 1, { numEmbeddings, embeddingDim });
    if (paddingIdx !== undefined && !(Number.isInteger(paddingIdx) && paddingIdx >= 0 && paddingIdx < numEmbeddings)) {
      throw badOption('Embedding', `paddingIdx in [0, ${numEmbeddings})`, `paddingIdx = ${paddingIdx}`);
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx;
    this.weight = new Parameter([numEmbeddings, embeddingDim], withZeroRow(normal(), paddingIdx));
  }

  /** @throws `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(indices: tf.Tensor): tf.Tensor {
    if (indices.dtype !== 'int32') {
      throw modelErrors.DTYPE_MISMATCH({
        subject: layerName(this),
        expected: 'int32 indices',
        received: `(${indices.shape.join(', ')}) ${indices.dtype}`,
        action: 'cast them with tf.cast(indices, "int32")',
      });
    }
    const { value } = this.weight;
    return this.paddingIdx === undefined ? tf.gather(value, indices) : gatherExcept(value, indices, this.paddingIdx);
  }
}

function withZeroRow(init: Initializer, row: number | undefined): Initializer {
  if (row === undefined) return init;
  return (shape, generator) => {
    const width = shape[1] as number;
    return init(shape, generator).fill(0, row * width, (row + 1) * width);
  };
}

/** `gather` whose gradient leaves one row alone. */
function gatherExcept(table: tf.Tensor, indices: tf.Tensor, frozen: number): tf.Tensor {
  const [rows, width] = table.shape as [number, number];
  const gathered = tf.customGrad((weight: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    (save as tf.GradSaveFunc)([indices]);
    return {
      value: tf.gather(weight as tf.Tensor, indices),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
        const flat = tf.reshape(saved as tf.Tensor, [-1]) as tf.Tensor1D;
        const kept = tf.cast(tf.notEqual(flat, tf.scalar(frozen, 'int32')), 'float32');
        return tf.unsortedSegmentSum(tf.mul(tf.reshape(dy, [-1, width]), tf.reshape(kept, [-1, 1])), flat, rows);
      },
    };
  });
  return gathered(table);
}
