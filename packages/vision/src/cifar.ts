import { defineDataset } from '@engine/dataset';
import { CifarImages, type CifarSource } from './cifar-images.js';
import { builtInit, type ImageSetInit, type ImageSetOptions, imageSetOptions } from './image-set.js';

const cifar10: CifarSource = {
  name: 'CIFAR10',
  classes: 'airplane automobile bird cat deer dog frog horse ship truck'.split(' '),
  archive: { name: 'cifar-10-binary.tar.gz', md5: 'c32a1d4ab5d03f1284b67883e8d87530' },
  folder: 'cifar-10-batches-bin',
  train: [1, 2, 3, 4, 5].map((part) => `data_batch_${part}.bin`),
  test: ['test_batch.bin'],
  labelBytes: 1,
};

const cifar100: CifarSource = {
  name: 'CIFAR100',
  classes: (
    'apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle ' +
    'chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house ' +
    'kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange ' +
    'orchid otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal ' +
    'shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger ' +
    'tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm'
  ).split(' '),
  archive: { name: 'cifar-100-binary.tar.gz', md5: '03b5dce01913d631647c71ecec9e9cb8' },
  folder: 'cifar-100-binary',
  train: ['train.bin'],
  test: ['test.bin'],
  labelBytes: 2,
};

export interface CIFAR10Options extends ImageSetOptions {}
export interface CIFAR100Options extends ImageSetOptions {}

/** Photographs: `inputs` uint8 `(32, 32, 3)` in red, green, blue; `samples` one of 10 classes. 50000 images for training, 10000 to test. */
export class CIFAR10 extends CifarImages {
  static readonly entry = defineDataset<'CIFAR10', typeof imageSetOptions, CIFAR10Options>({
    name: 'CIFAR10',
    options: imageSetOptions,
    create: (options, ctx) => new CIFAR10(builtInit(options, ctx)),
    module: '@engine/vision',
    doc: 'Photographs of 10 classes, 32 x 32, from the binary version of the dataset.',
  });

  constructor(init: ImageSetInit = {}) {
    super(cifar10, init);
  }
}

/** As {@link CIFAR10}, with 100 fine classes. */
export class CIFAR100 extends CifarImages {
  static readonly entry = defineDataset<'CIFAR100', typeof imageSetOptions, CIFAR100Options>({
    name: 'CIFAR100',
    options: imageSetOptions,
    create: (options, ctx) => new CIFAR100(builtInit(options, ctx)),
    module: '@engine/vision',
    doc: 'Photographs of 100 classes, 32 x 32, from the binary version of the dataset.',
  });

  constructor(init: ImageSetInit = {}) {
    super(cifar100, init);
  }
}

declare module '@engine/registry' {
  interface Datasets {
    CIFAR10: typeof CIFAR10;
    CIFAR100: typeof CIFAR100;
  }
}
