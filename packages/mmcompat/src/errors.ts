import { defineErrors } from '@engine/core';

export const mmcompatErrors = defineErrors('MMCOMPAT', {
  SYNTAX: {
    kind: 'file',
    doc: 'A `.py` config is not valid Python, or a JSON or YAML file among its bases is not valid.',
  },
  TOO_DEEP: { kind: 'value', doc: 'A `.py` config nests expressions, calls or bases too deeply.' },
});
