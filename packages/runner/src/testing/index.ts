export { BoringDataset, BoringMetric, BoringModel, ManualPlatform } from './boring.js';
export { type BoringRun, makeBoringRun } from './make-runner.js';
