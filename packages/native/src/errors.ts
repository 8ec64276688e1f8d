import { defineErrors } from '@engine/core/plain';

export const nativeErrors = defineErrors('NATIVE', {
  NO_LIBRARY: { kind: 'dependency', doc: 'No TensorFlow library is found on this machine.' },
  NO_FFI: { kind: 'dependency', doc: 'The prebuilt package that calls C functions is not installed.' },
  LOAD_FAILED: { kind: 'dependency', doc: 'A TensorFlow library is there but the system cannot load it.' },
  PLATFORM: {
    kind: 'dependency',
    doc: 'There is no pinned TensorFlow library for this operating system and processor.',
  },
  NO_C_API: {
    kind: 'dependency',
    doc: 'A TensorFlow library lacks functions of its C API: one at hand, or every one that is published for this operating system.',
  },
  THREADS_FIXED: {
    kind: 'value',
    doc: 'A native backend asks for another number of threads than the one that this process already uses.',
  },
  DRIVER_TOO_OLD: { kind: 'dependency', doc: 'The NVIDIA driver is older than the CUDA libraries need.' },
  OP_FAILED: { kind: 'state', doc: 'TensorFlow refuses to run an op.' },
  NO_KERNEL: { kind: 'value', doc: 'TensorFlow has no kernel for an op with these element types on this device.' },
  OUT_OF_MEMORY: { kind: 'state', doc: 'The device has no memory left for the result of an op.' },
  DTYPE: { kind: 'type', doc: 'A tensor of an element type that the native backends do not have.' },
  NO_INDEX: {
    kind: 'dependency',
    doc: 'A library is to be fetched, but there is neither pip nor a package index that is known.',
  },
  OFFLINE: { kind: 'dependency', doc: 'A library is to be installed `--offline`, but no wheel of it is at hand.' },
  INDEX_FAILED: { kind: 'io', doc: 'The package index does not answer, or does not have the pinned wheel.' },
  DOWNLOAD_FAILED: { kind: 'io', doc: 'A wheel could not be fetched whole.' },
  CHECKSUM: { kind: 'file', doc: 'A wheel is not the one whose SHA-256 is pinned in the package.' },
  BAD_WHEEL: { kind: 'file', doc: 'A file is not a wheel, is cut off, or lacks the libraries.' },
  FILE_NOT_FOUND: { kind: 'file', doc: 'The wheel named by `--from-wheel` does not exist.' },
  NO_SPACE: { kind: 'io', doc: 'The disk has no room for the libraries.' },
  CACHE_UNWRITABLE: { kind: 'io', doc: 'The folder for the libraries cannot be written.' },
  UNKNOWN_FLAVOUR: { kind: 'value', doc: 'A library is named that is neither node nor cuda.' },
});
