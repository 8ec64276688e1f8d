import type { Kind } from '@engine/core';

/** Kind → the first-party packages with entries of it, for the hint when a registry lacks a name. */
const packages: Readonly<Record<string, readonly string[]>> = {
  backend: ['@engine/backend-wasm', '@engine/backend-cpu'],
  model: ['@engine/model', '@engine/vision'],
  averagedModel: ['@engine/model'],
  loss: ['@engine/model'],
  dataPreprocessor: ['@engine/model', '@engine/vision'],
  optimizer: ['@engine/optim'],
  optimWrapper: ['@engine/optim'],
  optimWrapperConstructor: ['@engine/optim'],
  paramScheduler: ['@engine/scheduler'],
  dataset: ['@engine/dataset', '@engine/vision'],
  transform: ['@engine/dataset', '@engine/vision'],
  dataSampler: ['@engine/dataset'],
  batchSampler: ['@engine/dataset'],
  dataLoader: ['@engine/dataset'],
  collate: ['@engine/dataset'],
  workerInitFn: ['@engine/dataset'],
  weightInitializer: ['@engine/model'],
  batchAugment: ['@engine/model'],
  metric: ['@engine/evaluator'],
  evaluator: ['@engine/evaluator'],
  hook: ['@engine/hooks'],
  loop: ['@engine/runner'],
  logProcessor: ['@engine/logging'],
  visBackend: ['@engine/visualization'],
  visualizer: ['@engine/visualization'],
  storageBackend: ['@engine/fileio'],
};

/** The first-party packages that have entries of a kind. */
export function packagesOf(kind: Kind): readonly string[] {
  return packages[kind] ?? [];
}

/** Scopes of OpenMMLab's Python packages; a port of one registers its entries under the same scope. */
const openMMLab: ReadonlySet<string> = new Set(
  (
    'mmcls mmdet mmdet3d mmseg mmaction mmtrack mmpose mmedit mmocr mmgen mmfewshot mmrazor mmflow mmhuman3d mmrotate mmselfsup ' +
    'mmyolo mmpretrain mmagic mmcv'
  ).split(' '),
);

export function isOpenMMLab(scope: string): boolean {
  return openMMLab.has(scope);
}
