import type { Module } from '../module.js';

/** PyTorch's names of the direct parents of layers, which configs use: `layer: '_BatchNorm'`. */
const PARENTS: readonly (readonly [parent: string, layers: RegExp])[] = [
  ['_ConvNd', /^Conv[123]d$/],
  ['_ConvTransposeNd', /^ConvTranspose[123]d$/],
  ['_BatchNorm', /^(SyncBatchNorm|BatchNorm[123]d)$/],
  ['_InstanceNorm', /^InstanceNorm[123]d$/],
  ['_MaxPoolNd', /^MaxPool[123]d$/],
  ['_AvgPoolNd', /^AvgPool[123]d$/],
  ['_DropoutNd', /^(Dropout([123]d)?|AlphaDropout|FeatureAlphaDropout)$/],
  ['RNNBase', /^(RNN|LSTM|GRU)$/],
];

/** The names by which `layer` finds a module: its class, the class's direct parent, and what PyTorch calls that. */
export function layerNames(module: Module): string[] {
  const { constructor: own } = module;
  const parent: unknown = Object.getPrototypeOf(own);
  const base = typeof parent === 'function' ? parent.name : '';
  const torch = PARENTS.find(([, layers]) => layers.test(own.name))?.[0];
  if (torch === undefined) return [own.name, base];
  return base === 'Module' ? [own.name, torch] : [own.name, torch, base];
}
