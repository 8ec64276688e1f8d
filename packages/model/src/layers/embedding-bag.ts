import * as tf from '@tensorflow/tfjs-core';
import { badOption, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { shapeText } from '../losses/reduction.js';
import { filled } from './elementwise.js';
import { type EmbeddingOptions, EmbeddingTable } from './embedding.js';

export interface EmbeddingBagOptions extends EmbeddingOptions {
  /** How the rows of a bag are joined; default `mean`. */
  readonly mode?: 'sum' | 'mean' | 'max';
}

/**
 * Rows of a table, joined bag by bag: int32 indices (N, L) → (N, embeddingDim). Indices of the padding row count for nothing; fill up
 * shorter bags with them. PyTorch's bags by offsets are not supported: their shapes would depend on values.
 */
export class EmbeddingBag extends EmbeddingTable {
  readonly mode: 'sum' | 'mean' | 'max';

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numEmbeddings: number, embeddingDim: number, { mode = 'mean', ...options }: EmbeddingBagOptions = {}) {
    super(numEmbeddings, embeddingDim, options);
    if (!['sum', 'mean', 'max'].includes(mode))
      throw badOption('EmbeddingBag', "mode 'sum', 'mean' or 'max'", `mode = ${mode}`);
    this.mode = mode;
  }

  /** `perSampleWeights` (N, L) multiply rows, in mode `sum`. @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(indices: tf.Tensor, perSampleWeights?: tf.Tensor): tf.Tensor {
    this.#check(indices, perSampleWeights);
    const rows = this.lookUp(indices);
    const kept = this.#kept(indices);
    if (this.mode === 'max') return this.#largest(rows, kept);
    const weights = perSampleWeights === undefined ? kept : tf.mul(kept, tf.expandDims(perSampleWeights, 2));
    const sums = tf.sum(tf.mul(rows, weights), 1);
    return this.mode === 'sum' ? sums : tf.div(sums, tf.maximum(tf.sum(kept, 1), 1));
  }

  /** (N, L, 1): 1 where an index counts. */
  #kept(indices: tf.Tensor): tf.Tensor {
    const { paddingIdx } = this;
    const shape = [...indices.shape, 1];
    if (paddingIdx === undefined) return filled(shape, 1);
    return tf.reshape(tf.cast(tf.notEqual(indices, tf.scalar(paddingIdx, 'int32')), 'float32'), shape);
  }

  /** The largest row elements of each bag; zeros for a bag of nothing but padding. */
  #largest(rows: tf.Tensor, kept: tf.Tensor): tf.Tensor {
    const candidates = tf.add(tf.mul(rows, kept), tf.mul(tf.sub(1, kept), -1e30));
    const length = rows.shape[1] as number;
    // by pooling: among equals only the first gets the gradient
    const pooled = tf.maxPool(tf.expandDims(candidates, 2) as tf.Tensor4D, [length, 1], [length, 1], 'valid');
    const largest = tf.squeeze(pooled, [1, 2]);
    return tf.mul(largest, tf.minimum(tf.sum(kept, 1), 1));
  }

  #check(indices: tf.Tensor, weights: tf.Tensor | undefined): void {
    const fits = indices.rank === 2 && (weights === undefined || tf.util.arraysEqual(weights.shape, indices.shape));
    if (fits && (weights === undefined || this.mode === 'sum')) return;
    throw modelErrors.SHAPE_MISMATCH({
      subject: layerName(this),
      expected: 'indices (N, L), and perSampleWeights of the same shape in mode sum only',
      received: [indices, ...(weights === undefined ? [] : [weights])].map(shapeText).join(', '),
      action: 'pad bags to one length with paddingIdx',
    });
  }
}
