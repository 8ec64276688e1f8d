// From nothing to the loss of one training step: what `npm run bench -- start` measures. `first-step.py` does the same in PyTorch.
import { OptimWrapper, SGD } from '@engine/optim';
import { LeNet5 } from '@engine/vision';
import * as tf from '@tensorflow/tfjs-core';

const [name = 'node'] = process.argv.slice(2);
const { [name]: makeBackend } = await import(`@engine/backend-${name}`);
await makeBackend({ threads: 1 }).init();
const model = new LeNet5();
model.initWeights(0);
const optimWrapper = new OptimWrapper({ optimizer: new SGD(model.parameters(), { lr: 0.01, momentum: 0.9 }) });
const images = tf.ones([64, 28, 28, 1]);
const labels = tf.zeros([64], 'int32');
const { loss } = optimWrapper.updateParams(() => model.forward(images, labels, 'loss'));
process.stdout.write(`${await loss.read()}\n`);
