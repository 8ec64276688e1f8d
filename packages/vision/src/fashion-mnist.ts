import { defineDataset } from '@engine/dataset';
import { IdxImages, type IdxSource } from './idx-images.js';
import { builtInit, type ImageSetInit, type ImageSetOptions, imageSetOptions } from './image-set.js';

const source: IdxSource = {
  name: 'FashionMNIST',
  classes: ['T-shirt/top', 'Trouser', 'Pullover', 'Dress', 'Coat', 'Sandal', 'Shirt', 'Sneaker', 'Bag', 'Ankle boot'],
  mirrors: ['http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/'],
  md5: {
    'train-images': '8d4fb7e6c68d591d4c3dfef9ec88bf0d',
    'train-labels': '25c81989df183df01b3e8a0aad5dffbe',
    't10k-images': 'bef4ecab320f06d8554ea6380940ec79',
    't10k-labels': 'bb300cfdad3c16e7a12a480ee83cd310',
  },
};

export interface FashionMNISTOptions extends ImageSetOptions {}

/** Clothes in the files and sizes of MNIST: `inputs` uint8 `(28, 28, 1)`, `samples` one of 10 classes. 60000 images for training, 10000 to test. */
export class FashionMNIST extends IdxImages {
  static readonly entry = defineDataset<'FashionMNIST', typeof imageSetOptions, FashionMNISTOptions>({
    name: 'FashionMNIST',
    options: imageSetOptions,
    create: (options, ctx) => new FashionMNIST(builtInit(options, ctx)),
    module: '@engine/vision',
    doc: 'Clothes, 28 x 28, from IDX files.',
  });

  constructor(init: ImageSetInit = {}) {
    super(source, init);
  }
}

declare module '@engine/registry' {
  interface Datasets {
    FashionMNIST: typeof FashionMNIST;
  }
}
