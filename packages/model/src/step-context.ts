import { KeyedRandom, sizeOf, type TorchGenerator } from '@engine/core';

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
   * A mask: `1 / keep` with probability `keep`, else 0; a function of seed, iteration, layer and call alone, unless there is a `stream`.
   */
  dropoutMask(shape: readonly number[], keep: number, layer: LayerCall): Float32Array {
    const mask = new Float32Array(sizeOf(shape));
    if (this.stream !== undefined) return fromStream(mask, this.stream, { shape, keep });
    const { seed, iteration } = this.#position;
    return new KeyedRandom(seed, 'dropout', iteration, layer.path, layer.call).fillBernoulli(mask, keep, 1 / keep);
  }

  /** `size` floats in [0, 1); a function of seed, iteration, layer and call alone. */
  uniforms(size: number, layer: LayerCall): Float32Array {
    const { seed, iteration } = this.#position;
    return new KeyedRandom(seed, 'uniform', iteration, layer.path, layer.call).fillUniform(new Float32Array(size));
  }
}

/** Images and volumes are drawn channels first, as PyTorch holds them; everything else in our order, which is PyTorch's too. */
function fromStream(
  mask: Float32Array,
  stream: TorchGenerator,
  { shape, keep }: { readonly shape: readonly number[]; readonly keep: number },
): Float32Array {
  const scale = Math.fround(1 / Math.fround(keep));
  const drawn = stream.bernoulli(mask.length, keep);
  const channels = shape.length >= 4 ? (shape.at(-1) as number) : 1;
  const pixels = sizeOf(shape.slice(1, -1));
  for (let i = 0; i < mask.length; i++) {
    const [pixel, channel] = [Math.floor(i / channels), i % channels];
    const [sample, place] = [Math.floor(pixel / pixels), pixel % pixels];
    const torch = channels === 1 ? i : (sample * channels + channel) * pixels + place;
    mask[i] = (drawn[torch] as number) * scale;
  }
  return mask;
}

/** A layer, and how often it was called before in this iteration. */
export interface LayerCall {
  readonly path: string;
  readonly call: number;
}
