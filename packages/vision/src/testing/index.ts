import type { SettingsTable } from '@engine/registry/testing';

export { idxFile } from './idx-file.js';
export { tarFile, tarHeader } from './tar-file.js';

/** Options that make sense for every entry of this package. */
export const canonicalSettings: SettingsTable = {
  'dataset/CIFAR10': { options: { root: 'data', train: false, pipeline: [] } },
  'dataset/CIFAR100': { options: { download: true, mirrors: ['https://host.example/cifar/'] } },
  'dataset/CocoDataset': {
    options: {
      annFile: 'annotations/instances_train2017.json',
      dataRoot: 'data/coco',
      dataPrefix: { img: 'train2017' },
      metainfo: { classes: ['cat', 'dog'] },
      filterCfg: { filterEmptyGt: true, minSize: 32 },
      outsideBoxes: 'refuse',
      indices: 100,
      serializeData: true,
      pipeline: [],
      testMode: false,
      lazyInit: true,
      maxRefetch: 10,
    },
  },
  'dataset/FashionMNIST': { options: { root: 'data', download: true, mirrors: ['https://host.example/'] } },
  'dataset/MNIST': { options: { root: 'data', train: false, pipeline: [] } },
  'model/LeNet5': { options: { numClasses: 3, dropout: 0.1 } },
  'transform/RandomCrop': { options: { size: [24, 20], padding: 2, fill: 7 } },
  'transform/RandomHorizontalFlip': { options: { p: 0.5 } },
};
