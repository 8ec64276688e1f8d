import type * as tf from '@tensorflow/tfjs-core';
import { expectTypeOf, it } from 'vitest';
import {
  BaseModel,
  Conv2d,
  crossEntropy,
  Flatten,
  ImgDataPreprocessor,
  Linear,
  type Mode,
  Module,
  type TrainableModel,
} from './index.js';

class Net extends Module {
  conv1 = new Conv2d(1, 2, 3);
  flatten = new Flatten();
  fc = new Linear(8, 2);
  forward(x: tf.Tensor4D, scale: number): tf.Tensor {
    expectTypeOf(this.conv1.apply(x)).toEqualTypeOf<tf.Tensor4D>();
    expectTypeOf(scale).toBeNumber();
    return this.fc.apply(this.flatten.apply(this.conv1.apply(x)));
  }
}

class Classifier extends BaseModel {
  net = new Net();
  forward(images: tf.Tensor4D, labels: tf.Tensor1D, mode: Mode) {
    const logits = this.net.apply(images, 1);
    if (mode === 'loss') return { loss: crossEntropy(logits, labels) };
    return mode === 'predict' ? [logits, labels] : logits;
  }
}

it('apply takes what forward takes and gives what it gives', () => {
  expectTypeOf<Parameters<Net['apply']>>().toEqualTypeOf<[x: tf.Tensor4D, scale: number]>();
  expectTypeOf<ReturnType<Net['apply']>>().toEqualTypeOf<tf.Tensor>();
  // @ts-expect-error an argument is missing
  expectTypeOf(() => new Net().apply({} as tf.Tensor4D)).toBeFunction();
});

it('a classifier of one screen is a trainable model', () => {
  expectTypeOf<Classifier>().toExtend<TrainableModel>();
});

it('options of entries are named and checked', () => {
  // @ts-expect-error misspelt
  expectTypeOf(() => new ImgDataPreprocessor({ men: [1] })).toBeFunction();
});
