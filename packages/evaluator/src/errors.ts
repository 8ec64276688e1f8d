import { defineErrors } from '@engine/core';

export const evaluatorErrors = defineErrors('EVALUATOR', {
  DUPLICATE_NAME: { kind: 'key', doc: 'Two metrics of one evaluator give a value of the same name.' },
  BAD_PREDICTIONS: { kind: 'type', doc: 'A metric is given predictions of another form than it understands.' },
  BAD_TRUTH: {
    kind: 'type',
    doc: 'A metric finds no annotations beside the predictions, in the samples of the batch.',
  },
  LABEL_RANGE: { kind: 'value', doc: 'A label is not one of the classes that the model tells apart.' },
  TOPK_RANGE: { kind: 'value', doc: 'A metric counts hits among more classes than the model tells apart.' },
  CLASS_COUNT: {
    kind: 'value',
    doc: 'Batches or ranks of one evaluation differ in their number of classes or outputs.',
  },
  NO_RESULTS: { kind: 'state', doc: 'A metric is evaluated that has seen no batch.' },
  UNKNOWN_VALUE: { kind: 'key', doc: 'A value is asked for that no metric gives.' },
  AMBIGUOUS_VALUE: { kind: 'key', doc: 'A value is asked for by a short name that several metrics give.' },
  BAD_CHUNK: { kind: 'value', doc: 'The number of samples to evaluate at a time is not a positive count.' },
  DATA_LENGTH: { kind: 'value', doc: 'Stored predictions and the data they were made from differ in number.' },
  BAD_FILE_NAME: { kind: 'value', doc: 'A file of predictions is named so that its format is not JSON lines.' },
  BAD_RESULTS_FILE: { kind: 'value', doc: 'A file of predictions is damaged, or not one that `DumpResults` wrote.' },
  BAD_SIZE: { kind: 'value', doc: 'The number of samples given to `evaluate` is not a count.' },
  BAD_VALUES: { kind: 'type', doc: '`computeMetrics` returned something that is not an object of named values.' },
  NOT_SERIALIZABLE: {
    kind: 'type',
    doc: 'Results or values of a metric cannot be sent between ranks, since they are not plain data.',
  },
  BAD_MASK: {
    kind: 'value',
    doc: 'A mask is no run-length encoding, polygon or array, or has another size than it says.',
  },
  COCO_TYPE: { kind: 'type', doc: 'The annotation file of `CocoMetric` is not a COCO file in JSON.' },
  COCO_KEY: { kind: 'key', doc: 'The annotation file of `CocoMetric` lacks a key.' },
  COCO_VALUE: {
    kind: 'value',
    doc: 'The annotation file of `CocoMetric` contradicts itself, or was not made for the images that were predicted.',
  },
  COCO_CLASSES: { kind: 'value', doc: 'A class of the dataset is no category of the annotation file of `CocoMetric`.' },
  COCO_OPTION: { kind: 'value', doc: 'Options of `CocoMetric` ask for something that the others rule out.' },
  RANK_FAILED: { kind: 'state', doc: 'A metric failed on another rank, whose own error tells why.' },
});
