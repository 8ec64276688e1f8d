import { defineErrors } from '@engine/core/plain';

export const nativeErrors = defineErrors('NATIVE', {
  NO_LIBRARY: { kind: 'dependency', doc: 'No TensorFlow library is found on this machine.' },
  NO_FFI: { kind: 'dependency', doc: 'The prebuilt package that calls C functions is not installed.' },
  LOAD_FAILED: { kind: 'dependency', doc: 'A TensorFlow library is there but the system cannot load it.' },
  PLATFORM: {
    kind: 'dependency',
    doc: 'There is no pinned TensorFlow library for this operating system and processor.',
  },
  THREADS_FIXED: {
    kind: 'value',
    doc: 'A native backend asks for another number of threads than the one that this process already uses.',
  },
  OP_FAILED: { kind: 'state', doc: 'TensorFlow refuses to run an op.' },
  NO_KERNEL: { kind: 'value', doc: 'TensorFlow has no kernel for an op with these element types on this device.' },
  OUT_OF_MEMORY: { kind: 'state', doc: 'The device has no memory left for the result of an op.' },
  DTYPE: { kind: 'type', doc: 'A tensor of an element type that the native backends do not have.' },
  UNKNOWN_FLAVOUR: { kind: 'value', doc: 'A library is named that is neither node nor cuda.' },
});
