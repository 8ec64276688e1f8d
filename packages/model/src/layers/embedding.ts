import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkIntegers, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import { type Initializer, normal } from '../initializers.js';
import { shapeText } from '../losses/reduction.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';

export interface EmbeddingOptions {
  /** A row that starts at zero and gets no gradient; negative from the end. */
  readonly paddingIdx?: number;
  /** Rows that are looked up are first scaled down, for good, to at most this norm. */
  readonly maxNorm?: number;
  /** Power of that norm; default 2. */
  readonly normType?: number;
  /** Divides the gradient of a row by how often the batch looks it up; default false. */
  readonly scaleGradByFreq?: boolean;
}

/** What Embedding and EmbeddingBag have in common: a table (numEmbeddings, embeddingDim) whose rows are looked up. */
export abstract class EmbeddingTable extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | undefined;
  readonly maxNorm: number | undefined;
  readonly normType: number;
  readonly scaleGradByFreq: boolean;
  readonly weight: Parameter;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingOptions = {}) {
    super();
    const name = new.target.name;
    const { paddingIdx, maxNorm, normType = 2, scaleGradByFreq = false } = options;
    checkIntegers(name, 1, { numEmbeddings, embeddingDim });
    const padding = paddingIdx !== undefined && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    if (padding !== undefined && !(Number.isInteger(padding) && padding >= 0 && padding < numEmbeddings)) {
      throw badOption(name, `paddingIdx in [${-numEmbeddings}, ${numEmbeddings})`, `paddingIdx = ${paddingIdx}`);
    }
    if (maxNorm !== undefined && !(maxNorm > 0)) throw badOption(name, 'maxNorm above 0', `maxNorm = ${maxNorm}`);
    if (!(normType > 0)) throw badOption(name, 'normType above 0', `normType = ${normType}`);
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = padding;
    this.maxNorm = maxNorm;
    this.normType = normType;
    this.scaleGradByFreq = scaleGradByFreq;
    this.weight = new Parameter([numEmbeddings, embeddingDim], withZeroRow(normal(), padding));
  }

  /** (...) → (..., embeddingDim). @throws `ENGINE_MODEL_DTYPE_MISMATCH` */
  protected lookUp(indices: tf.Tensor): tf.Tensor {
    if (indices.dtype !== 'int32') {
      throw modelErrors.DTYPE_MISMATCH({
        subject: layerName(this),
        expected: 'int32 indices',
        received: shapeText(indices),
        action: 'cast them with tf.cast(indices, "int32")',
      });
    }
    if (this.maxNorm !== undefined) this.#shrink(indices, this.maxNorm);
    const { value } = this.weight;
    if (this.paddingIdx === undefined && !this.scaleGradByFreq) return tf.gather(value, indices);
    return gatherScaled(value, indices, this);
  }

  /** Not differentiated, as in PyTorch: it happens to the table, before it is looked at. */
  #shrink(indices: tf.Tensor, maxNorm: number): void {
    const { value } = this.weight;
    const scaled = tf.tidy(() => {
      const norms =
        this.normType === 2
          ? tf.sqrt(tf.sum(tf.square(value), 1, true))
          : tf.pow(tf.sum(tf.pow(tf.abs(value), this.normType), 1, true), 1 / this.normType);
      const isTooLong = tf.logicalAnd(
        tf.greater(norms, maxNorm),
        tf.greater(tf.reshape(countsOf(indices, this), [-1, 1]), 0),
      );
      const factor = tf.where(isTooLong, tf.div(maxNorm, tf.add(norms, 1e-7)), tf.onesLike(norms));
      return tf.mul(value, factor);
    });
    value.assign(scaled);
    scaled.dispose();
  }
}

/** Rows of a table: int32 indices (...) → (..., embeddingDim). */
export class Embedding extends EmbeddingTable {
  /** @throws `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(indices: tf.Tensor): tf.Tensor {
    return this.lookUp(indices);
  }
}

interface Table {
  readonly numEmbeddings: number;
  readonly paddingIdx: number | undefined;
  readonly scaleGradByFreq: boolean;
}

/** (numEmbeddings) float32: how often each row is looked up. */
function countsOf(indices: tf.Tensor, { numEmbeddings }: Pick<Table, 'numEmbeddings'>): tf.Tensor {
  return tf.unsortedSegmentSum(tf.ones([indices.size]), tf.reshape(indices, [-1]), numEmbeddings);
}

function withZeroRow(init: Initializer, row: number | undefined): Initializer {
  if (row === undefined) return init;
  return (shape, generator) => {
    const width = shape[1] as number;
    return init(shape, generator).fill(0, row * width, (row + 1) * width);
  };
}

/** `gather` whose gradient leaves the padding row alone, and is shared out among lookups of the same row if asked for. */
function gatherScaled(table: tf.Tensor, indices: tf.Tensor, options: Table): tf.Tensor {
  const { numEmbeddings, paddingIdx, scaleGradByFreq } = options;
  const width = table.shape[1] as number;
  const gathered = tf.customGrad((weight: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    (save as tf.GradSaveFunc)([indices]);
    return {
      value: tf.gather(weight as tf.Tensor, indices),
      gradFunc: (dy: tf.Tensor, [saved]: tf.Tensor[]) => {
        const flat = tf.reshape(saved as tf.Tensor, [-1]) as tf.Tensor1D;
        const sums = tf.unsortedSegmentSum(tf.reshape(dy, [-1, width]), flat, numEmbeddings);
        const shared = scaleGradByFreq
          ? tf.div(sums, tf.reshape(tf.maximum(countsOf(flat, options), 1), [-1, 1]))
          : sums;
        if (paddingIdx === undefined) return shared;
        const rows = tf.reshape(tf.range(0, numEmbeddings, 1, 'int32'), [-1, 1]);
        return tf.mul(shared, tf.cast(tf.notEqual(rows, tf.scalar(paddingIdx, 'int32')), 'float32'));
      },
    };
  });
  return gathered(table);
}
