import { KeyedRandom, keepMask, sizeOf, type TorchGenerator } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';

/** Where a run stands. What is random in a layer is a function of it. */
export interface StepPosition {
  readonly seed: number;
  /** Global iteration, from 0. */
  readonly iteration: number;
}

/**
 * The one place through which seed and iteration reach the layers of a model. Owned by the outermost module; layers ask it for
 * their noise. Nobody need set it: it starts with a fresh random seed, and layers count their calls.
 */
export class StepContext {
  #position: StepPosition = { seed: Math.floor(Math.random() * 2 ** 32), iteration: 0 };
  /**
   * PyTorch's stream, to compare a run with one of PyTorch: dropout then draws from it, one mask after the other in PyTorch's order of
   * elements, instead of from keyed generators. Default: none.
   */
  stream: TorchGenerator | undefined;

  get position(): StepPosition {
    return this.#position;
  }

  /** Starts a step; layers count their calls anew. */
  begin({ seed, iteration }: StepPosition): void {
    this.#position = { seed, iteration };
  }

  /**
   * A mask: `1 / keep` with probability `keep`, else 0, made on the device; a function of seed, iteration, layer and call alone, unless there
   * is a `stream`. Owned by the caller's scope.
   */
  dropoutMask(shape: readonly number[], keep: number, layer: LayerCall): tf.Tensor {
    if (this.stream !== undefined) {
      const mask = fromStream(new Float32Array(sizeOf(shape)), this.stream, { shape, keep });
      return tf.tensor(mask, [...shape]);
    }
    const { seed, iteration } = this.#position;
    return keepMask(new KeyedRandom(seed, 'dropout', iteration, layer.path, layer.call), { shape, keep });
  }

  /** `size` floats in [0, 1); a function of seed, iteration, layer and call alone. */
  uniforms(size: number, layer: LayerCall): Float32Array {
    const { seed, iteration } = this.#position;
    return new KeyedRandom(seed, 'uniform', iteration, layer.path, layer.call).fillUniform(new Float32Array(size));
  }
}

/**
 * Slopes of a leaky ReLU drawn by PyTorch: one for each element that is not above zero, 1 for the others. Reads `x`: only to compare a
 * run with one of PyTorch.
 */
export function streamedSlopes(
  x: tf.Tensor,
  stream: TorchGenerator,
  [lower, upper]: readonly [number, number],
): Float32Array {
  const values = x.dataSync();
  const slopes = new Float32Array(values.length).fill(1);
  const places = torchPlaces(x.shape);
  const ours = new Int32Array(values.length);
  for (let i = 0; i < ours.length; i++) ours[places(i)] = i;
  for (const i of ours)
    if (!((values[i] as number) > 0)) slopes[i] = stream.uniformFloat64(1, lower, upper)[0] as number;
  return slopes;
}

/** Images and volumes are drawn channels first, as PyTorch holds them; everything else in our order, which is PyTorch's too. */
function fromStream(
  mask: Float32Array,
  stream: TorchGenerator,
  { shape, keep }: { readonly shape: readonly number[]; readonly keep: number },
): Float32Array {
  const scale = Math.fround(1 / Math.fround(keep));
  const drawn = stream.bernoulli(mask.length, keep);
  const places = torchPlaces(shape);
  for (let i = 0; i < mask.length; i++) mask[i] = (drawn[places(i)] as number) * scale;
  return mask;
}

/** Where PyTorch has an element of ours. */
function torchPlaces(shape: readonly number[]): (ours: number) => number {
  const channels = shape.length >= 4 ? (shape.at(-1) as number) : 1;
  if (channels === 1) return (ours) => ours;
  const pixels = sizeOf(shape.slice(1, -1));
  return (ours) => {
    const [pixel, channel] = [Math.floor(ours / channels), ours % channels];
    const [sample, place] = [Math.floor(pixel / pixels), pixel % pixels];
    return (sample * channels + channel) * pixels + place;
  };
}

/** A layer, and how often it was called before in this iteration. */
export interface LayerCall {
  readonly path: string;
  readonly call: number;
}
