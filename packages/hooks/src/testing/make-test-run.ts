import type { Backend } from '@engine/core';
import { nodePlatform } from '@engine/fileio';
import { OptimWrapper, SGD } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import { TestRun, type TestRunOptions } from './test-run.js';
import { TinyModel } from './tiny-model.js';

/** A {@link TestRun} with a tiny model and SGD, on the backend that is ready. Close it at the end of the test. */
export function makeTestRun(options: Partial<TestRunOptions> = {}): TestRun {
  const model = options.model ?? initialised(new TinyModel());
  const optimWrapper =
    options.optimWrapper ?? new OptimWrapper({ optimizer: new SGD(model.namedParameters().values(), { lr: 0.1 }) });
  return new TestRun({ platform: nodePlatform, backend: readyBackend(), ...options, model, optimWrapper });
}

function initialised(model: TinyModel): TinyModel {
  model.initWeights(0);
  return model;
}

/** The backend of TensorFlow.js that is ready, as the engine sees one. */
function readyBackend(): Backend {
  return {
    name: tf.getBackend(),
    init: () => Promise.resolve(),
    capabilities: {
      dtypes: ['float32', 'int32', 'bool'],
      autocast: [],
      compile: false,
      threads: 1,
      devices: ['cpu'],
      features: [],
    },
    memory: () => {
      const { numTensors, numBytes } = tf.memory();
      return { numTensors, numBytes };
    },
    synchronize: () => Promise.resolve(),
    dispose: () => Promise.resolve(),
  };
}
