export type { AnnotationFile, ReadableStorage } from './annotation-file.js';
export type { AspectRatioBatchSamplerOptions } from './aspect-ratio-batch-sampler.js';
export { AspectRatioBatchSampler } from './aspect-ratio-batch-sampler.js';
export type { BaseDatasetInit, DataInfo } from './base-dataset.js';
export { BaseDataset } from './base-dataset.js';
export type { BaseDatasetOptions } from './base-dataset-entry.js';
export { baseDatasetEntry, baseDatasetInit, baseDatasetOptions } from './base-dataset-entry.js';
export type { ClassBalancedDatasetOptions } from './class-balanced-dataset.js';
export { ClassBalancedDataset } from './class-balanced-dataset.js';
export { Compose } from './compose.js';
export type { ConcatDatasetInit, ConcatDatasetOptions } from './concat-dataset.js';
export { ConcatDataset } from './concat-dataset.js';
export type * from './contract.js';
export { DataLoader } from './data-loader.js';
export type { DataLoaderOptions } from './data-loader-entry.js';
export type { DataLoaderInit, Rebuild } from './data-loader-init.js';
export { type DatasetExtras, DatasetWrapper } from './dataset-wrapper.js';
export { defaultCollate, defaultCollateEntry } from './default-collate.js';
export type { DefaultSamplerOptions, SamplerArgs } from './default-sampler.js';
export { DefaultSampler } from './default-sampler.js';
export {
  defineBatchSampler,
  defineCollate,
  defineDataSampler,
  defineDataset,
  defineTransform,
  defineWorkerInitFn,
} from './define.js';
export { datasetErrors } from './errors.js';
export type { InfiniteSamplerOptions } from './infinite-sampler.js';
export { InfiniteSampler } from './infinite-sampler.js';
export type { StreamContext } from './iterable-dataset.js';
export { IterableDataset } from './iterable-dataset.js';
export { LazyArray, settle } from './lazy-array.js';
export { pseudoCollate, pseudoCollateEntry } from './pseudo-collate.js';
export type { RepeatDatasetOptions } from './repeat-dataset.js';
export { RepeatDataset } from './repeat-dataset.js';
export { sampleRandom } from './sample-random.js';
export type { SharedSamples } from './sample-store.js';
export type { SkippedSample } from './skipped.js';
export type { ElementInit, FieldType } from './structures/base-data-element.js';
export { BaseDataElement } from './structures/base-data-element.js';
export type { InstanceIndex, InstanceList, Slice } from './structures/instance-data.js';
export { InstanceData } from './structures/instance-data.js';
export { LabelData } from './structures/label-data.js';
export { PixelData } from './structures/pixel-data.js';
export type { SubsetIndices } from './subset.js';
export type { TestTimeAugOptions } from './test-time-aug.js';
export { TestTimeAug } from './test-time-aug.js';
export type { WeightedSamplerOptions } from './weighted-sampler.js';
export { WeightedSampler } from './weighted-sampler.js';
export type * from './worker/protocol.js';
export { serveBatches } from './worker/serve.js';
export type { ModuleSource } from './worker/transfer.js';
export type { SeedWorkerOptions, WorkerPlace } from './worker-seed.js';
export { seedWorker, workerSeed } from './worker-seed.js';
export { zeros } from './zeros.js';
