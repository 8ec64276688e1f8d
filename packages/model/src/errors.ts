import { defineErrors } from '@engine/core';

export const modelErrors = defineErrors('MODEL', {
  BAD_LAYER_OPTION: { kind: 'value', doc: 'A layer is constructed with an option out of its range.' },
  SHAPE_MISMATCH: {
    kind: 'value',
    doc: 'A layer, loss or preprocessor receives a tensor of a shape that it cannot take.',
  },
  DTYPE_MISMATCH: { kind: 'type', doc: 'A layer or loss receives a tensor of an element type that it cannot take.' },
  NO_KERNEL: { kind: 'value', doc: 'A layer needs an op that the backend does not have.' },
  BATCH_TOO_SMALL: {
    kind: 'value',
    doc: 'Batch normalisation trains on a single value per channel, whose variance is undefined.',
  },
  LABEL_OUT_OF_RANGE: { kind: 'value', doc: 'A class label is negative or not below the number of classes.' },
  BAD_LOSS_OPTION: { kind: 'value', doc: 'A loss is called with an option out of its range.' },
  BAD_LOSS: {
    kind: 'type',
    doc: 'A model in mode "loss" returns something else than named tensors or lists of tensors.',
  },
  NO_LOSS: { kind: 'value', doc: 'None of the names that a model returns in mode "loss" contains "loss".' },
  BAD_BATCH: { kind: 'type', doc: 'A data preprocessor receives a batch without arrays as inputs.' },
  BAD_PREPROCESSOR_OPTION: { kind: 'value', doc: 'Options of a data preprocessor contradict each other.' },
  BAD_INITIALIZER: {
    kind: 'value',
    doc: 'An initialiser is used on a shape or with an option that it is not defined for.',
  },
  BAD_INIT_CFG: {
    kind: 'type',
    doc: '`initCfg` holds something that is no initialiser, or an override that fits nothing.',
  },
  PRETRAINED: {
    kind: 'value',
    doc: 'A checkpoint named by `initCfg` was not read, or has no weights in common with the module.',
  },
  BAD_FUSION: { kind: 'state', doc: 'Norms are to be folded into the convolutions of a model that is still training.' },
  UNKNOWN_MODULE: { kind: 'key', doc: 'A module is named that the model does not have.' },
  STRUCTURE_CHANGED: {
    kind: 'state',
    doc: 'A model with efficient conv-bn evaluation calls its layers otherwise than when it was first run.',
  },
  BAD_TTA: {
    kind: 'type',
    doc: 'A model for test-time augmentation wraps no model, or gets a batch that is not one of several versions.',
  },
  BAD_LAYERS_MODEL: {
    kind: 'value',
    doc: 'What is given as a TensorFlow.js layers model is none, or has no weights yet.',
  },
  STATE_MISMATCH: { kind: 'value', doc: 'A loaded state has other names, shapes or element types than the model.' },
  NO_FORWARD: { kind: 'state', doc: 'A container, which computes nothing itself, is applied.' },
  DISPOSED: { kind: 'state', doc: 'A parameter or buffer is used after its model was disposed.' },
  NAME_CLASH: { kind: 'key', doc: 'Two parameters or buffers of a model would have the same name.' },
});
