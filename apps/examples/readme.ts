import { wasm } from '@engine/backend-wasm';
import { Accuracy } from '@engine/evaluator';
import { ImgDataPreprocessor } from '@engine/model';
import { SGD } from '@engine/optim';
import { Runner } from '@engine/runner';
import { LeNet5, MNIST } from '@engine/vision';

const runner = new Runner({
  backend: wasm(),
  model: new LeNet5({ numClasses: 10 }),
  dataPreprocessor: new ImgDataPreprocessor({ mean: [33.3184], std: [78.5675] }), // of the training pixels, 0 to 255
  workDir: 'runs/mnist',
  trainDataloader: { dataset: new MNIST({ train: true }), batchSize: 64, shuffle: true },
  valDataloader: { dataset: new MNIST({ train: false }), batchSize: 256 },
  valCfg: {},
  valEvaluator: new Accuracy(),
  optimWrapper: { optimizer: { type: SGD, lr: 0.05, momentum: 0.9 } },
  trainCfg: { byEpoch: true, maxEpochs: 3 },
});
await runner.train();
