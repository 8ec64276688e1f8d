import type * as tf from '@tensorflow/tfjs-core';
import type { InitialDraws } from '../initial-draws.js';
import { xavierUniform } from '../initializers.js';
import { Module } from '../module.js';
import { LayerNorm } from './layer-norm.js';
import { type DecoderCall, TransformerDecoder, TransformerDecoderLayer } from './transformer-decoder.js';
import { TransformerEncoder, TransformerEncoderLayer } from './transformer-encoder.js';
import type { TransformerLayerOptions } from './transformer-layer.js';

export interface TransformerOptions extends TransformerLayerOptions {
  /** Width; default 512. */
  readonly dModel?: number;
  /** Default 8. */
  readonly nhead?: number;
  /** Default 6. */
  readonly numEncoderLayers?: number;
  /** Default 6. */
  readonly numDecoderLayers?: number;
}

export interface TransformerCall extends DecoderCall {
  /** (S, S) or (N * heads, S, S), for the source. */
  readonly srcMask?: tf.Tensor | undefined;
  /** (N, S): true where the source is padding. */
  readonly srcKeyPaddingMask?: tf.Tensor | undefined;
  /** Source positions see themselves and what is before. Default false. */
  readonly srcIsCausal?: boolean | undefined;
}

/** Encoder and decoder: sources (S, N, dModel), targets (T, N, dModel), or batch first → (T, N, dModel). Vaswani et al. 2017. */
export class Transformer extends Module {
  readonly encoder: TransformerEncoder;
  readonly decoder: TransformerDecoder;

  /** @throws `ENGINE_MODEL_BAD_LAYER_OPTION` */
  constructor(options: TransformerOptions = {}) {
    super();
    const { dModel = 512, nhead = 8, numEncoderLayers = 6, numDecoderLayers = 6, ...layer } = options;
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: layer.layerNormEps ?? 1e-5, bias: layer.bias ?? true });
    const encoderLayer = new TransformerEncoderLayer(dModel, nhead, layer);
    this.encoder = new TransformerEncoder(encoderLayer, numEncoderLayers, { norm: norm() });
    const decoderLayer = new TransformerDecoderLayer(dModel, nhead, layer);
    this.decoder = new TransformerDecoder(decoderLayer, numDecoderLayers, { norm: norm() });
  }

  /** All matrices are drawn again in the end. */
  override drawInitial(draws: InitialDraws): void {
    draws.parts(this);
    for (const parameter of this.parameters()) if (parameter.shape.length > 1) draws.tensor(parameter, xavierUniform());
  }

  /** @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH` */
  forward(src: tf.Tensor, tgt: tf.Tensor, call: TransformerCall = {}): tf.Tensor {
    const { srcMask, srcKeyPaddingMask, srcIsCausal, ...rest } = call;
    const memory = this.encoder.apply(src, { mask: srcMask, srcKeyPaddingMask, isCausal: srcIsCausal });
    return this.decoder.apply(tgt, memory, rest);
  }
}
