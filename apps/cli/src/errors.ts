import { defineErrors } from '@engine/core';

export const cliErrors = defineErrors('CLI', {
  FILE_NOT_FOUND: { kind: 'file', doc: 'A file named on the command line does not exist.' },
  UNKNOWN_BACKEND: { kind: 'value', doc: '`--backend` names a backend that is not installed.' },
});
