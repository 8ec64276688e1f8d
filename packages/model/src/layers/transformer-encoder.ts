import type * as tf from '@tensorflow/tfjs-core';
import { checkIntegers } from '../check-input.js';
import type { InitialDraws } from '../initial-draws.js';
import { Module } from '../module.js';
import type { Dropout } from './dropout.js';
import type { LayerNorm } from './layer-norm.js';
import type { Linear } from './linear.js';
import { attendOnly, TransformerLayer, type TransformerLayerOptions } from './transformer-layer.js';

export interface EncoderLayerCall {
  /** (L, L) or (N * heads, L, L): bool is true where a position may not look, float32 is added. */
  readonly srcMask?: tf.Tensor | undefined;
  /** (N, L): true where the source is padding. */
  readonly srcKeyPaddingMask?: tf.Tensor | undefined;
  /** Positions see themselves and what is before. Default false. */
  readonly isCausal?: boolean | undefined;
}

/** Self-attention and a feed-forward network, each with a residual: (L, N, dModel), or batch first → the same. Vaswani et al. 2017. */
export class TransformerEncoderLayer extends TransformerLayer {
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(dModel, nhead, options);
    this.linear1 = this.makeLinear(dModel, this.dimFeedforward);
    this.dropout = this.makeDropout();
    this.linear2 = this.makeLinear(this.dimFeedforward, dModel);
    this.norm1 = this.makeNorm();
    this.norm2 = this.makeNorm();
    this.dropout1 = this.makeDropout();
    this.dropout2 = this.makeDropout();
  }

  /** Another of the same options, with weights of its own. */
  clone(): TransformerEncoderLayer {
    return new TransformerEncoderLayer(this.dModel, this.nhead, this.options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(src: tf.Tensor, { srcMask, srcKeyPaddingMask, isCausal }: EncoderLayerCall = {}): tf.Tensor {
    const call = { attnMask: srcMask, keyPaddingMask: srcKeyPaddingMask, isCausal };
    const attended = this.residual(src, this.norm1, (x) =>
      this.dropAttended(this.dropout1, attendOnly(this.selfAttn, [x, x], call)),
    );
    return this.residual(attended, this.norm2, (x) =>
      this.dropout2.apply(this.linear2.apply(this.dropout.apply(this.activate(this.linear1.apply(x))))),
    );
  }
}

export interface StackOptions {
  /** Normalises what the last layer puts out. */
  readonly norm?: LayerNorm | undefined;
}

/** A layer that can be put on others of its kind. */
export interface Clonable<L> {
  clone(): L;
}

/** Copies of one layer, one above the other. They start with the same weights, as PyTorch's. */
export abstract class LayerStack<L extends Module & Clonable<L>> extends Module {
  readonly layers: readonly L[];
  readonly norm: LayerNorm | undefined;

  /** `layer` is the first of the stack. @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(layer: L, numLayers: number, { norm }: StackOptions = {}) {
    super();
    checkIntegers(new.target.name, 1, { numLayers });
    this.layers = [layer, ...Array.from({ length: numLayers - 1 }, () => layer.clone())];
    this.norm = norm;
  }

  override drawInitial(draws: InitialDraws): void {
    const [first, ...copies] = this.layers;
    draws.module(first as L);
    for (const copy of copies) draws.copy(first as L, copy);
    draws.parts(this);
  }
}

export interface EncoderCall extends Omit<EncoderLayerCall, 'srcMask'> {
  /** As `srcMask` of a layer. */
  readonly mask?: tf.Tensor | undefined;
}

/** Encoder layers one above the other: (L, N, dModel), or batch first → the same. */
export class TransformerEncoder extends LayerStack<TransformerEncoderLayer> {
  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(src: tf.Tensor, { mask, ...call }: EncoderCall = {}): tf.Tensor {
    const output = this.layers.reduce((x, layer) => layer.apply(x, { ...call, srcMask: mask }), src);
    return this.norm === undefined ? output : this.norm.apply(output);
  }
}
