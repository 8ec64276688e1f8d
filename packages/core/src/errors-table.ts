import { defineErrors } from './errors.js';

export const coreErrors = defineErrors('CORE', {
  SIZE_MISMATCH: { kind: 'value', doc: 'An array has another number of elements than its shape says.' },
  ASYNC_SCOPE: {
    kind: 'type',
    doc: 'A tensor scope was given an async function; a scope must end in the tick in which it began.',
  },
  SCALAR_FREED: { kind: 'state', doc: 'A loss or log value is read after its step has ended.' },
  NOT_SCALAR: { kind: 'type', doc: 'A value that must be a single number has another shape.' },
  UNKNOWN_OUTPUT: { kind: 'key', doc: 'A step output is read that the model did not return.' },
  BACKEND_NOT_READY: { kind: 'state', doc: 'A backend is used before its `init` has resolved.' },
  BACKEND_UNSUPPORTED: { kind: 'value', doc: 'A backend is asked for an op configuration that it cannot compute.' },
  BACKEND_LOAD_FAILED: { kind: 'dependency', doc: 'The files or libraries of a backend could not be loaded.' },
  INT32_RANGE: { kind: 'value', doc: 'A 64-bit integer does not fit into the 32 bits that devices have.' },
  BAD_SEED: { kind: 'value', doc: 'A seed or a range given to a random generator is not an integer in range.' },
});
