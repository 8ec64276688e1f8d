export { describeHook, runEpochs } from './describe-hook.js';
export { makeTestRun } from './make-test-run.js';
export { canonicalSettings } from './settings.js';
export { TestRun, type TestRunOptions } from './test-run.js';
export { TinyModel, tinyBatch } from './tiny-model.js';
