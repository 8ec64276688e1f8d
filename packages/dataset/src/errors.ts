import { defineErrors } from '@engine/core/plain';

export const datasetErrors = defineErrors('DATASET', {
  SAMPLE_FAILED: {
    kind: 'io',
    doc: 'Loading one sample failed; the message names dataset, index and transform, the cause is what was thrown.',
  },
  BAD_SAMPLE: {
    kind: 'file',
    doc: 'What a sample is made of is damaged, a truncated image for example. A data loader takes another sample, unless it is strict or in test mode.',
  },
  TRANSFORM_FAILED: { kind: 'io', doc: 'A transform of a pipeline threw or returned something that is not a sample.' },
  NOT_A_TRANSFORM: { kind: 'type', doc: 'A pipeline holds something without a `transform` method.' },
  NO_SAMPLE: {
    kind: 'value',
    doc: 'A dataset gave no sample in test mode, or none in as many tries as `maxRefetch` allows.',
  },
  EMPTY: { kind: 'value', doc: 'A dataset without samples is given to a data loader.' },
  NOT_READY: { kind: 'state', doc: 'A data loader is used before its `init` has resolved.' },
  BAD_POSITION: { kind: 'value', doc: 'A data loader is asked to start at a batch that the epoch does not have.' },
  BAD_OPTION: { kind: 'value', doc: 'An option of a sampler or data loader is out of range.' },
  OPTION_CONFLICT: { kind: 'value', doc: 'Two options of a data loader are given that exclude each other.' },
  NOT_TRANSFERABLE: {
    kind: 'type',
    doc: 'Worker threads are asked for, but a part of the loader cannot be made again there from module, export and options.',
  },
  NOT_EXPORTED: { kind: 'key', doc: 'A module does not export what a worker thread is to take from it.' },
  WORKER_DIED: { kind: 'io', doc: 'A worker thread ended while it was needed: process.exit, out of memory, a crash.' },
  WORKER_TIMEOUT: { kind: 'io', doc: 'A batch took a worker thread longer than `timeout` seconds.' },
  NOT_SERIALIZABLE: { kind: 'type', doc: 'A record of annotations holds something that is not plain data.' },
  ANN_FORMAT: { kind: 'type', doc: 'An annotation file has a format or content that the dataset does not read.' },
  ANN_KEYS: { kind: 'key', doc: 'An annotation file lacks `metainfo` or `data_list`.' },
  BAD_METAINFO: { kind: 'type', doc: 'The metainfo given to a dataset is not an object.' },
  BAD_PREFIX: { kind: 'type', doc: 'A value of `dataPrefix` is not a string.' },
  BAD_DATA_INFO: {
    kind: 'type',
    doc: 'A record of annotations, or what `parseDataInfo` made of it, is not an object.',
  },
  MISSING_KEY: { kind: 'key', doc: 'A record of annotations lacks a path that `dataPrefix` names.' },
  BAD_INDICES: { kind: 'type', doc: 'The indices of a subset are neither an integer nor a list of integers.' },
  INDEX_RANGE: { kind: 'value', doc: 'A dataset is asked for a sample that it does not have.' },
  NOT_IMPLEMENTED: { kind: 'state', doc: 'A dataset is asked for something that it, or its subclass, does not offer.' },
  NOT_A_DATASET: { kind: 'type', doc: 'A wrapper is given something that is not a dataset.' },
  METAINFO_MISMATCH: { kind: 'value', doc: 'Datasets that are put together disagree about their metainfo.' },
  ELEMENT_FIELD: {
    kind: 'key',
    doc: 'A data element lacks a field, or a name is taken by its other part or its class.',
  },
  ELEMENT_TYPE: { kind: 'type', doc: 'A data element is given a value of the wrong type.' },
  ELEMENT_SHAPE: {
    kind: 'value',
    doc: 'A value does not fit to the length or the image size of the data element it is put into.',
  },
  COLLATE_MISMATCH: {
    kind: 'value',
    doc: 'Samples of one batch cannot be stacked: they differ in keys, lengths, shapes or element types.',
  },
  COLLATE_TYPE: { kind: 'type', doc: 'A sample holds a value that a collate function cannot stack.' },
  COLLATE_FAILED: { kind: 'io', doc: 'A collate function threw; the cause is what was thrown.' },
});
