import * as tf from '@tensorflow/tfjs-core';
import { badOption } from '../check-input.js';
import { Module } from '../module.js';
import { GELU, ReLU } from './activations.js';
import { Dropout } from './dropout.js';
import { LayerNorm } from './layer-norm.js';
import { Linear } from './linear.js';
import { MultiheadAttention, type MultiheadAttentionCall } from './multihead-attention.js';

export interface TransformerLayerOptions {
  /** Width of the hidden layer between the two linear ones; default 2048. */
  readonly dimFeedforward?: number;
  /** Default 0.1. */
  readonly dropout?: number;
  /** Between the linear layers; a name or a function of one's own. Default `relu`. */
  readonly activation?: 'relu' | 'gelu' | ((x: tf.Tensor) => tf.Tensor);
  /** Default 1e-5. */
  readonly layerNormEps?: number;
  /** Operands are (N, L, E) instead of (L, N, E); default false. */
  readonly batchFirst?: boolean;
  /** Normalises before each part instead of after; default false. */
  readonly normFirst?: boolean;
  /** Whether linear and normalisation layers have biases; default true. */
  readonly bias?: boolean;
}

/** PyTorch's names of submodules that are called otherwise here. */
const STATE_NAMES: Readonly<Record<string, string>> = { selfAttn: 'self_attn', multiheadAttn: 'multihead_attn' };

/** What encoder and decoder layers have in common: attention to oneself, and the feed-forward network. */
export abstract class TransformerLayer extends Module {
  readonly dModel: number;
  readonly nhead: number;
  readonly options: TransformerLayerOptions;
  readonly selfAttn: MultiheadAttention;
  readonly #activation: (x: tf.Tensor) => tf.Tensor;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions) {
    super();
    this.dModel = dModel;
    this.nhead = nhead;
    this.options = options;
    this.#activation = activationOf(new.target.name, options.activation ?? 'relu');
    this.selfAttn = this.makeAttention();
  }

  override *parts(): Iterable<readonly [name: string, value: unknown]> {
    for (const [name, value] of super.parts()) if (name !== 'options') yield [STATE_NAMES[name] ?? name, value];
  }

  protected makeAttention(): MultiheadAttention {
    const { dropout = 0.1, bias = true, batchFirst = false } = this.options;
    return new MultiheadAttention(this.dModel, this.nhead, { dropout, bias, batchFirst });
  }

  protected makeNorm(): LayerNorm {
    const { layerNormEps = 1e-5, bias = true } = this.options;
    return new LayerNorm(this.dModel, { eps: layerNormEps, bias });
  }

  protected makeLinear(inputs: number, outputs: number): Linear {
    return new Linear(inputs, outputs, { bias: this.options.bias ?? true });
  }

  protected makeDropout(): Dropout {
    return new Dropout(this.options.dropout ?? 0.1);
  }

  protected get dimFeedforward(): number {
    return this.options.dimFeedforward ?? 2048;
  }

  /** `x + part(x)`, normalised before the part or after the sum. */
  protected residual(x: tf.Tensor, norm: LayerNorm, part: (x: tf.Tensor) => tf.Tensor): tf.Tensor {
    if (this.options.normFirst === true) return tf.add(x, part(norm.apply(x)));
    return norm.apply(tf.add(x, part(x)));
  }

  /** PyTorch holds what attention gives sequence first, also where `batchFirst` shows it otherwise: so go the draws of its stream. */
  protected dropAttended(dropout: Dropout, attended: tf.Tensor): tf.Tensor {
    const isSwapped = this.options.batchFirst === true && attended.rank === 3 && this.stepContext.stream !== undefined;
    const swap = (x: tf.Tensor): tf.Tensor => (isSwapped ? tf.transpose(x, [1, 0, 2]) : x);
    return swap(dropout.apply(swap(attended)));
  }

  protected activate(x: tf.Tensor): tf.Tensor {
    return this.#activation(x);
  }
}

/** Attention without the weights, which nobody sees here. */
export function attendOnly(
  layer: MultiheadAttention,
  [query, memory]: readonly [tf.Tensor, tf.Tensor],
  call: MultiheadAttentionCall,
): tf.Tensor {
  return layer.apply(query, memory, memory, { ...call, needWeights: false })[0];
}

function activationOf(layer: string, activation: unknown): (x: tf.Tensor) => tf.Tensor {
  if (typeof activation === 'function') return activation as (x: tf.Tensor) => tf.Tensor;
  if (activation === 'relu' || activation === 'gelu') {
    const module = activation === 'relu' ? new ReLU() : new GELU();
    return (x) => module.forward(x);
  }
  throw badOption(layer, "activation 'relu', 'gelu' or a function", `activation = ${String(activation)}`);
}
