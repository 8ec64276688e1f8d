import type * as tf from '@tensorflow/tfjs-core';
import type { Dropout } from './dropout.js';
import type { LayerNorm } from './layer-norm.js';
import type { Linear } from './linear.js';
import type { MultiheadAttention } from './multihead-attention.js';
import { LayerStack } from './transformer-encoder.js';
import { attendOnly, TransformerLayer, type TransformerLayerOptions } from './transformer-layer.js';

export interface DecoderCall {
  /** (T, T) or (N * heads, T, T): bool is true where the target may not look at itself, float32 is added. */
  readonly tgtMask?: tf.Tensor | undefined;
  /** (T, S) or (N * heads, T, S), for looking at the memory. */
  readonly memoryMask?: tf.Tensor | undefined;
  /** (N, T): true where the target is padding. */
  readonly tgtKeyPaddingMask?: tf.Tensor | undefined;
  /** (N, S): true where the memory is padding. */
  readonly memoryKeyPaddingMask?: tf.Tensor | undefined;
  /** Target positions see themselves and what is before. Default false. */
  readonly tgtIsCausal?: boolean | undefined;
  /** The same for the memory. Default false. */
  readonly memoryIsCausal?: boolean | undefined;
}

/** Self-attention, attention to a memory and a feed-forward network: targets (T, N, dModel), memory (S, N, dModel), or batch first. */
export class TransformerDecoderLayer extends TransformerLayer {
  readonly multiheadAttn: MultiheadAttention;
  readonly linear1: Linear;
  readonly dropout: Dropout;
  readonly linear2: Linear;
  readonly norm1: LayerNorm;
  readonly norm2: LayerNorm;
  readonly norm3: LayerNorm;
  readonly dropout1: Dropout;
  readonly dropout2: Dropout;
  readonly dropout3: Dropout;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(dModel, nhead, options);
    this.multiheadAttn = this.makeAttention();
    this.linear1 = this.makeLinear(dModel, this.dimFeedforward);
    this.dropout = this.makeDropout();
    this.linear2 = this.makeLinear(this.dimFeedforward, dModel);
    [this.norm1, this.norm2, this.norm3] = [this.makeNorm(), this.makeNorm(), this.makeNorm()];
    [this.dropout1, this.dropout2, this.dropout3] = [this.makeDropout(), this.makeDropout(), this.makeDropout()];
  }

  /** Another of the same options, with weights of its own. */
  clone(): TransformerDecoderLayer {
    return new TransformerDecoderLayer(this.dModel, this.nhead, this.options);
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(tgt: tf.Tensor, memory: tf.Tensor, call: DecoderCall = {}): tf.Tensor {
    const own = { attnMask: call.tgtMask, keyPaddingMask: call.tgtKeyPaddingMask, isCausal: call.tgtIsCausal };
    const other = {
      attnMask: call.memoryMask,
      keyPaddingMask: call.memoryKeyPaddingMask,
      isCausal: call.memoryIsCausal,
    };
    const self = this.residual(tgt, this.norm1, (x) =>
      this.dropAttended(this.dropout1, attendOnly(this.selfAttn, [x, x], own)),
    );
    const cross = this.residual(self, this.norm2, (x) =>
      this.dropAttended(this.dropout2, attendOnly(this.multiheadAttn, [x, memory], other)),
    );
    return this.residual(cross, this.norm3, (x) =>
      this.dropout3.apply(this.linear2.apply(this.dropout.apply(this.activate(this.linear1.apply(x))))),
    );
  }
}

/** Decoder layers one above the other: targets (T, N, dModel), memory (S, N, dModel), or batch first → targets. */
export class TransformerDecoder extends LayerStack<TransformerDecoderLayer> {
  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(tgt: tf.Tensor, memory: tf.Tensor, call: DecoderCall = {}): tf.Tensor {
    const output = this.layers.reduce((x, layer) => layer.apply(x, memory, call), tgt);
    return this.norm === undefined ? output : this.norm.apply(output);
  }
}
