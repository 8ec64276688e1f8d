import { sizeOf } from '@engine/core';
import { StateTensor } from './state-tensor.js';

export interface BufferOptions {
  /** Value it starts with everywhere; default 0. */
  readonly fill?: number;
  /** `int64` is int32 on devices and int64 in checkpoints; default float32. */
  readonly dtype?: 'float32' | 'int64';
  /** Last part of the state name; default the field's name. */
  readonly stateName?: string;
}

/** State of a module that is saved but not trained, such as running statistics. Assign it to a field of the module. */
export class Buffer extends StateTensor {
  protected readonly hostDtype: 'float32' | 'int64';
  protected readonly isTrainable = false;
  readonly #fill: number;

  constructor(shape: readonly number[], { fill = 0, dtype = 'float32', stateName }: BufferOptions = {}) {
    super(shape, stateName);
    this.#fill = fill;
    this.hostDtype = dtype;
  }

  protected get deviceDtype(): 'float32' | 'int32' {
    return this.hostDtype === 'int64' ? 'int32' : 'float32';
  }

  /** Consumes nothing: buffers start with constants. */
  protected draw(): Float32Array | Int32Array {
    const size = sizeOf(this.shape);
    return this.hostDtype === 'int64' ? new Int32Array(size).fill(this.#fill) : new Float32Array(size).fill(this.#fill);
  }
}
