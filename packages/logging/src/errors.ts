import { defineErrors } from '@engine/core';

export const loggingErrors = defineErrors('LOGGING', {
  BAD_SCALAR: {
    kind: 'type',
    doc: 'A value given to a history is not one number, or its count is not a positive integer.',
  },
  BAD_WINDOW: {
    kind: 'value',
    doc: 'A statistics window is not a positive integer, or a window name does not apply to the run.',
  },
  EMPTY_HISTORY: { kind: 'state', doc: 'A statistic is asked of a history that holds no value yet.' },
  UNKNOWN_STATISTIC: { kind: 'key', doc: 'A statistic is named that histories do not have.' },
  UNKNOWN_SCALAR: { kind: 'key', doc: 'The message hub is asked for a scalar that nobody recorded.' },
  RESUMED_CHANGED: {
    kind: 'value',
    doc: 'A key of the message hub is used with another `resumed` flag than at first.',
  },
  BAD_STATE: { kind: 'value', doc: 'A saved message hub or history has another form than this version writes.' },
  BAD_OPTION: { kind: 'value', doc: 'An option of the log processor is out of its range.' },
  DUPLICATE_LOG_NAME: { kind: 'value', doc: 'Two entries of `customCfg` write to the same name.' },
});
