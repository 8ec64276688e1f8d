import { defineErrors } from '@engine/core';

export const mmcompatErrors = defineErrors('MMCOMPAT', {
  SYNTAX: {
    kind: 'file',
    doc: 'A `.py` config is not valid Python, or a JSON or YAML file among its bases is not valid.',
  },
  UNSUPPORTED: { kind: 'file', doc: 'A `.py` config uses a part of Python that configs have no need for.' },
  TOO_DEEP: { kind: 'value', doc: 'A `.py` config nests expressions, calls or bases too deeply.' },
});
