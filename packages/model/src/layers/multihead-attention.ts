import * as tf from '@tensorflow/tfjs-core';
import { badOption, checkInput, checkIntegers, layerName } from '../check-input.js';
import { modelErrors } from '../errors.js';
import type { InitialDraws } from '../initial-draws.js';
import { constant, xavierNormal, xavierUniform } from '../initializers.js';
import { shapeText } from '../losses/reduction.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { CallCounter } from './call-counter.js';
import { Linear } from './linear.js';
import { additive, attend, BLOCKED, causalMask } from './scaled-dot-product-attention.js';

export interface MultiheadAttentionOptions {
  /** Probability with which attention weights are dropped while training; default 0. */
  readonly dropout?: number;
  /** Default true. */
  readonly bias?: boolean;
  /** Adds a learnt key and value to those given; default false. */
  readonly addBiasKv?: boolean;
  /** Adds a key and a value of zeros; default false. */
  readonly addZeroAttn?: boolean;
  /** Width of keys; default embedDim. */
  readonly kdim?: number;
  /** Width of values; default embedDim. */
  readonly vdim?: number;
  /** Operands are (N, L, E) instead of (L, N, E); default false. */
  readonly batchFirst?: boolean;
}

export interface MultiheadAttentionCall {
  /** (N, S), or (S) unbatched: bool is true, float32 is added, where keys are padding that nobody looks at. */
  readonly keyPaddingMask?: tf.Tensor | undefined;
  /** (L, S), or (N * heads, L, S): bool is true where a query may *not* look, float32 is added to the scores. */
  readonly attnMask?: tf.Tensor | undefined;
  /** Queries see only keys at their own place and before; no mask need be given for it. Default false. */
  readonly isCausal?: boolean | undefined;
  /** Returns the attention weights too; default true. */
  readonly needWeights?: boolean | undefined;
  /** Weights are means over the heads, (N, L, S), instead of (N, heads, L, S); default true. */
  readonly averageAttnWeights?: boolean | undefined;
}

/**
 * Attention of several heads, each in a part of the width: queries (L, N, embedDim), keys (S, N, kdim) and values (S, N, vdim), or
 * batch first, or all without N. Parameters are PyTorch's, `in_proj_weight` to `out_proj.bias`. Vaswani et al. 2017.
 */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly kdim: number;
  readonly vdim: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  readonly outProj: Linear;
  /** All three in one, (3 embedDim, embedDim), where keys and values are as wide as queries. */
  readonly inProjWeight: Parameter | undefined;
  readonly qProjWeight: Parameter | undefined;
  readonly kProjWeight: Parameter | undefined;
  readonly vProjWeight: Parameter | undefined;
  readonly inProjBias: Parameter | undefined;
  readonly biasK: Parameter | undefined;
  readonly biasV: Parameter | undefined;
  readonly #calls = new CallCounter(this);

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    const { dropout = 0, bias = true, addBiasKv = false, addZeroAttn = false, batchFirst = false } = options;
    const { kdim = embedDim, vdim = embedDim } = options;
    checkIntegers('MultiheadAttention', 1, { embedDim, numHeads, kdim, vdim });
    if (embedDim % numHeads !== 0)
      throw badOption('MultiheadAttention', 'embedDim to be a multiple of numHeads', `${embedDim} and ${numHeads}`);
    if (!(dropout >= 0 && dropout < 1))
      throw badOption('MultiheadAttention', 'dropout in [0, 1)', `dropout = ${dropout}`);
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.kdim = kdim;
    this.vdim = vdim;
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    this.addZeroAttn = addZeroAttn;
    this.outProj = new Linear(embedDim, embedDim, { bias });
    const weight = (stateName: string, rows: number, columns: number): Parameter =>
      new Parameter([rows, columns], xavierUniform(), { stateName });
    if (kdim === embedDim && vdim === embedDim) {
      this.inProjWeight = weight('in_proj_weight', 3 * embedDim, embedDim);
    } else {
      this.qProjWeight = weight('q_proj_weight', embedDim, embedDim);
      this.kProjWeight = weight('k_proj_weight', embedDim, kdim);
      this.vProjWeight = weight('v_proj_weight', embedDim, vdim);
    }
    this.inProjBias = bias ? new Parameter([3 * embedDim], constant(0), { stateName: 'in_proj_bias' }) : undefined;
    if (addBiasKv) {
      this.biasK = new Parameter([1, 1, embedDim], xavierNormal(), { stateName: 'bias_k' });
      this.biasV = new Parameter([1, 1, embedDim], xavierNormal(), { stateName: 'bias_v' });
    }
  }

  /** As PyTorch names them: `out_proj`, not `outProj`. */
  override *parts(): Iterable<readonly [name: string, value: unknown]> {
    for (const [name, value] of super.parts()) yield [name === 'outProj' ? 'out_proj' : name, value];
  }

  /** The output's bias is drawn by its constructor, then set to zero. */
  override drawInitial(draws: InitialDraws): void {
    draws.parts(this);
    if (this.outProj.bias !== undefined) draws.tensor(this.outProj.bias, constant(0));
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  // oxlint-disable-next-line max-params -- PyTorch's order
  forward(
    query: tf.Tensor,
    key: tf.Tensor = query,
    value: tf.Tensor = key,
    call: MultiheadAttentionCall = {},
  ): [output: tf.Tensor, weights: tf.Tensor | undefined] {
    const { needWeights = true, averageAttnWeights = true } = call;
    this.#check(query, key, value);
    const isBatched = query.rank === 3;
    const [q, k, v] = this.#projected([query, key, value].map((x) => this.#rowsFirst(x)) as Triple);
    const { keys, values, extra } = this.#extended(k, v);
    const mask = this.#mask(call, q, { keys: k.shape[1] as number, extra });
    const split = (x: tf.Tensor): tf.Tensor => this.#heads(x);
    const { output, weights } = attend(split(q), split(keys), split(values), {
      mask,
      dropout: (given) => this.#dropped(given),
    });
    const joined = tf.reshape(tf.transpose(output, [0, 2, 1, 3]), q.shape);
    const result = this.outProj.apply(joined);
    return [
      isBatched ? (this.batchFirst ? result : tf.transpose(result, [1, 0, 2])) : tf.squeeze(result, [0]),
      needWeights ? this.#reported(weights, averageAttnWeights, isBatched) : undefined,
    ];
  }

  /** (N, L, E) of an operand in any of its forms. */
  #rowsFirst(x: tf.Tensor): tf.Tensor {
    if (x.rank === 2) return tf.expandDims(x, 0);
    return this.batchFirst ? x : tf.transpose(x, [1, 0, 2]);
  }

  #projected(operands: Triple): Triple {
    const { embedDim, inProjWeight } = this;
    const separate = [this.qProjWeight, this.kProjWeight, this.vProjWeight];
    return operands.map((x, i) => {
      const weight =
        inProjWeight === undefined
          ? (separate[i] as Parameter).value
          : tf.slice(inProjWeight.value, [i * embedDim, 0], [embedDim, embedDim]);
      const rows = tf.matMul(tf.reshape(x, [-1, x.shape[2] as number]), weight as tf.Tensor2D, false, true);
      const biased =
        this.inProjBias === undefined
          ? rows
          : tf.add(rows, tf.slice(this.inProjBias.value, [i * embedDim], [embedDim]));
      return tf.reshape(biased, [x.shape[0] as number, x.shape[1] as number, embedDim]);
    }) as Triple;
  }

  /** Keys and values with those that the options add. */
  #extended(k: tf.Tensor, v: tf.Tensor): { keys: tf.Tensor; values: tf.Tensor; extra: number } {
    const batch = k.shape[0] as number;
    const { embedDim, biasK, biasV } = this;
    const [keys, values] = [[k], [v]];
    if (biasK !== undefined && biasV !== undefined) {
      keys.push(tf.tile(biasK.value, [batch, 1, 1]));
      values.push(tf.tile(biasV.value, [batch, 1, 1]));
    }
    if (this.addZeroAttn) for (const list of [keys, values]) list.push(tf.zeros([batch, 1, embedDim]));
    return { keys: tf.concat(keys, 1), values: tf.concat(values, 1), extra: keys.length - 1 };
  }

  /** (N, L, E) → (N, heads, L, E / heads). */
  #heads(x: tf.Tensor): tf.Tensor {
    const [batch, length] = x.shape as [number, number, number];
    const parts = tf.reshape(x, [batch, length, this.numHeads, this.embedDim / this.numHeads]);
    return tf.transpose(parts, [0, 2, 1, 3]);
  }

  /** Everything that is added to scores (N, heads, L, S + extra). */
  #mask(
    { keyPaddingMask, attnMask, isCausal = false }: MultiheadAttentionCall,
    q: tf.Tensor,
    { keys, extra }: { readonly keys: number; readonly extra: number },
  ): tf.Tensor | undefined {
    const [batch, queries] = q.shape as [number, number, number];
    const masks: tf.Tensor[] = [];
    if (keyPaddingMask !== undefined) {
      this.#checkMask('keyPaddingMask', keyPaddingMask, [[batch, keys], ...(batch === 1 ? [[keys]] : [])]);
      masks.push(tf.reshape(blocking(keyPaddingMask), [batch, 1, 1, keys]));
    }
    if (attnMask !== undefined) {
      const perHead = [batch * this.numHeads, queries, keys];
      this.#checkMask('attnMask', attnMask, [[queries, keys], perHead]);
      const shape = attnMask.rank === 3 ? [batch, this.numHeads, queries, keys] : [1, 1, queries, keys];
      masks.push(tf.reshape(blocking(attnMask), shape));
    }
    if (isCausal) masks.push(tf.reshape(causalMask(queries, keys), [1, 1, queries, keys]));
    const [first, ...others] = masks;
    if (first === undefined) return undefined;
    const all = others.reduce((sum, mask) => tf.add(sum, mask), first);
    return extra === 0
      ? all
      : tf.pad(all, [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, extra],
        ]); // prettier-ignore
  }

  #dropped(weights: tf.Tensor): tf.Tensor {
    if (!this.training || this.dropout === 0) return weights;
    const noise = this.stepContext.dropoutMask([weights.size], 1 - this.dropout, this.#calls.next());
    return tf.mul(weights, tf.reshape(noise, weights.shape));
  }

  #reported(weights: tf.Tensor, average: boolean, isBatched: boolean): tf.Tensor {
    const reported = average ? tf.mean(weights, 1) : weights;
    return isBatched ? reported : tf.squeeze(reported, [0]);
  }

  #check(query: tf.Tensor, key: tf.Tensor, value: tf.Tensor): void {
    const axes = query.rank === 2 ? '(L, ' : this.batchFirst ? '(N, L, ' : '(L, N, ';
    const rank = query.rank === 2 ? 2 : 3;
    checkInput(this, query, { rank, last: this.embedDim, expected: `${axes}${this.embedDim}), the query` });
    checkInput(this, key, { rank, last: this.kdim, expected: `${axes}${this.kdim}), the key` });
    checkInput(this, value, { rank, last: this.vdim, expected: `${axes}${this.vdim}), the value` });
  }

  #checkMask(name: string, mask: tf.Tensor, shapes: readonly (readonly number[])[]): void {
    if (shapes.some((shape) => tf.util.arraysEqual([...shape], mask.shape)) && mask.dtype !== 'int32') return;
    throw modelErrors.SHAPE_MISMATCH({
      subject: layerName(this),
      expected: `${name} of shape ${shapes.map((shape) => `(${shape.join(', ')})`).join(' or ')}, bool or float32`,
      received: shapeText(mask),
      action: 'give one entry for each key, and for each query and key',
    });
  }
}

type Triple = [query: tf.Tensor, key: tf.Tensor, value: tf.Tensor];

/** Here a bool mask is true where nobody may look. */
function blocking(mask: tf.Tensor): tf.Tensor {
  return mask.dtype === 'bool' ? tf.mul(tf.cast(mask, 'float32'), BLOCKED) : additive(mask);
}
