import { nodePlatform } from '@engine/fileio';
import { OptimWrapper, SGD } from '@engine/optim';
import { TestRun, type TestRunOptions } from './test-run.js';
import { TinyModel } from './tiny-model.js';

/** A {@link TestRun} with a tiny model and SGD, on the backend that is ready. Close it at the end of the test. */
export function makeTestRun(options: Partial<TestRunOptions> = {}): TestRun {
  const model = options.model ?? initialised(new TinyModel());
  const optimWrapper =
    options.optimWrapper ?? new OptimWrapper({ optimizer: new SGD(model.namedParameters().values(), { lr: 0.1 }) });
  return new TestRun({ platform: nodePlatform, ...options, model, optimWrapper });
}

function initialised(model: TinyModel): TinyModel {
  model.initWeights(0);
  return model;
}
