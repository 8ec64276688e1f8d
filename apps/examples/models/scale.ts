// scale.ts
import { Buffer, constant, Module, Parameter } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';

/** Multiplies channels by learnt factors, and counts its calls while training. */
export class Scale extends Module {
  readonly factor: Parameter; // `factor` in the state dict, trained
  readonly calls = new Buffer([], { dtype: 'int64', stateName: 'num_calls' }); // saved, not trained

  constructor(channels: number) {
    super();
    this.factor = new Parameter([channels], constant(1));
  }

  forward(x: tf.Tensor): tf.Tensor {
    if (this.training) this.calls.value.assign(tf.add(this.calls.value, tf.scalar(1, 'int32')));
    return tf.mul(x, this.factor.value);
  }
}
