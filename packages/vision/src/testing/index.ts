import type { SettingsTable } from '@engine/registry/testing';
import { PackInputs } from '../transforms/pack-inputs.js';
import { ToTensor } from '../transforms/to-tensor.js';

export { idxFile } from './idx-file.js';
export { type ImageFile, imageFile } from './image-files.js';
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
  'transform/LoadAnnotations': {
    options: {
      withBbox: true,
      withLabel: false,
      withMask: true,
      poly2mask: false,
      withKeypoints: true,
      withSeg: true,
      reduceZeroLabel: true,
    },
  },
  'dataset/FashionMNIST': { options: { root: 'data', download: true, mirrors: ['https://host.example/'] } },
  'dataset/ImageFolder': {
    options: { root: 'data', extensions: ['.jpg'], allowEmpty: true, pipeline: [], lazyInit: true },
  },
  'dataset/MNIST': { options: { root: 'data', train: false, pipeline: [] } },
  'model/LeNet5': { options: { numClasses: 3, dropout: 0.1 } },
  'transform/AugMix': { options: { severity: 2, mixtureWidth: 2, chainDepth: 2, alpha: 0.5, allOps: false } },
  'transform/AutoAugment': { options: { policy: 'cifar10', interpolation: 'bilinear', fill: 128 } },
  'transform/CenterCrop': { options: { size: [24, 20], fill: [1, 2, 3], segFill: 0 } },
  'transform/ColorJitter': { options: { brightness: 0.4, contrast: [0.5, 1.5], saturation: 0.4, hue: 0.1 } },
  'transform/GaussianBlur': { options: { kernelSize: [5, 3], sigma: [0.1, 2] } },
  'transform/KeyMapper': {
    options: {
      transforms: [{ type: ToTensor }],
      mapping: { inputs: 'gt' },
      autoRemap: true,
      allowNonexistKeys: true,
    },
  },
  'transform/LoadImageFromFile': {
    options: { toFloat32: true, colorType: 'grayscale', channelOrder: 'bgr', ignoreEmpty: true },
  },
  'transform/MultiScaleFlipAug': {
    options: {
      transforms: [{ type: PackInputs }],
      scaleFactor: [0.5, 1],
      allowFlip: true,
      flipDirection: 'vertical',
    },
  },
  'transform/Normalize': { options: { mean: [123.675, 116.28, 103.53], std: [58.395, 57.12, 57.375], toRgb: false } },
  'transform/PackInputs': { options: { metaKeys: ['img_path', 'ori_shape'] } },
  'transform/Pad': { options: { sizeDivisor: 32, padVal: { img: 114, seg: 255 }, paddingMode: 'constant' } },
  'transform/RandAugment': { options: { numOps: 3, magnitude: 5, numMagnitudeBins: 11, fill: [1, 2, 3] } },
  'transform/RandomApply': { options: { transforms: [{ type: ToTensor }], prob: 0.3 } },
  'transform/RandomChoice': { options: { transforms: [{ type: ToTensor }, []], prob: [0.3, 0.7] } },
  'transform/RandomChoiceResize': { options: { scales: [20, [30, 40]], keepRatio: true } },
  'transform/RandomResize': { options: { scale: [40, 30], ratioRange: [0.5, 2], keepRatio: true } },
  'transform/RandomAffine': {
    options: {
      degrees: 10,
      translate: [0.1, 0.1],
      scale: [0.9, 1.1],
      shear: [-5, 5],
      interpolation: 'bilinear',
      fill: 3,
    },
  },
  'transform/RandomCrop': { options: { size: [24, 20], padding: 2, fill: 7, segFill: 0 } },
  'transform/RandomErasing': { options: { p: 0.5, scale: [0.02, 0.33], ratio: [0.3, 3.3], value: 'random' } },
  'transform/RandomFlip': {
    options: { prob: [0.3, 0.2], direction: ['horizontal', 'vertical'], swapSegLabels: [[1, 2]] },
  },
  'transform/RandomGrayscale': { options: { prob: 0.2 } },
  'transform/RandomHorizontalFlip': { options: { p: 0.5 } },
  'transform/RandomPerspective': { options: { distortionScale: 0.4, p: 0.5, interpolation: 'bilinear', fill: 1 } },
  'transform/RandomResizedCrop': {
    options: { size: 24, scale: [0.3, 1], ratio: [0.75, 1.25], interpolation: 'bicubic', antialias: true },
  },
  'transform/RandomRotation': { options: { degrees: [-10, 20], expand: true, interpolation: 'bilinear', fill: [1] } },
  'transform/RandomVerticalFlip': { options: { p: 0.5 } },
  'transform/Resize': { options: { scale: [40, 30], keepRatio: true, interpolation: 'bicubic', antialias: true } },
  'transform/TransformBroadcaster': {
    options: {
      transforms: [{ type: ToTensor }],
      mapping: { inputs: ['lq', 'gt'] },
      autoRemap: true,
      shareRandomParams: true,
    },
  },
  'transform/TrivialAugmentWide': { options: { numMagnitudeBins: 11 } },
  'transform/ToTensor': { options: {} },
};
