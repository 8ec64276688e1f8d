export { BoringDataset, BoringMetric, BoringModel, ManualPlatform } from './boring.js';
export { describeEvalLoop, describeTrainLoop, type LoopKitSettings } from './describe-loop.js';
export { type BoringRun, boringRuns, makeBoringRun } from './make-runner.js';
export { canonicalSettings } from './settings.js';
export { afterIteration, LossTrace, tensorsOf } from './trace-hooks.js';
