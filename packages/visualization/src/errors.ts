import { defineErrors } from '@engine/core';

export const visualizationErrors = defineErrors('VISUALIZATION', {
  NOT_STARTED: { kind: 'state', doc: 'A visualization backend is used before `init` told it where to write.' },
  BAD_FILE_NAME: {
    kind: 'value',
    doc: 'A file name given to a visualization backend has a folder in it or another ending than `.json`.',
  },
});
