import type * as tf from '@tensorflow/tfjs-core';

/** How our memory layout of a weight maps to PyTorch's: the axes of PyTorch's array that ours lists in order. `same` where they agree. */
export type TorchLayout = 'same' | 'oihw' | 'odhw-depthwise' | 'oiw' | 'oidhw' | 'iow' | 'iohw' | 'iodhw';

/** A weight of a model, as optimizers, checkpoints and hooks see it. `@engine/model` makes them. */
export interface ParameterLike {
  /** Dotted path from the model's root, as in PyTorch: `layer1.0.conv.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Owned by the module; replaced in place with `assign`. */
  readonly value: tf.Variable;
  /** False freezes it (PyTorch's `requires_grad`). */
  trainable: boolean;
  readonly torchLayout: TorchLayout;
}
