import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, Flatten, Linear, Module, ReLU, Sequential } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';

/** Two convolutions and a way around them. */
class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Sequential | undefined;

  constructor(inputs: number, outputs: number, stride: number) {
    super();
    this.conv1 = new Conv2d(inputs, outputs, 3, { stride, padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(outputs);
    this.conv2 = new Conv2d(outputs, outputs, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(outputs);
    this.downsample =
      stride === 1
        ? undefined
        : new Sequential(new Conv2d(inputs, outputs, 1, { stride, bias: false }), new BatchNorm2d(outputs));
  }

  forward(x: tf.Tensor): tf.Tensor {
    const inner = tf.relu(this.bn1.apply(this.conv1.apply(x)));
    const around = this.downsample === undefined ? x : (this.downsample.apply(x) as tf.Tensor);
    return tf.relu(tf.add(this.bn2.apply(this.conv2.apply(inner)), around));
  }
}

/** ResNet-18 for 32x32 images: a 3x3 stem and no pooling after it. He et al. 2015. */
export function resNet18(): Sequential {
  const blocks = [64, 128, 256, 512].flatMap((width, stage) => [
    new BasicBlock(stage === 0 ? 64 : width / 2, width, stage === 0 ? 1 : 2),
    new BasicBlock(width, width, 1),
  ]);
  return new Sequential(
    new Conv2d(3, 64, 3, { padding: 1, bias: false }),
    new BatchNorm2d(64),
    new ReLU(),
    ...blocks,
    new AdaptiveAvgPool2d(1),
    new Flatten(),
    new Linear(512, 10),
  );
}
