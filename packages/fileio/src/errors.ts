import { defineErrors } from '@engine/core';

export const fileioErrors = defineErrors('FILEIO', {
  NOT_FOUND: { kind: 'file', doc: 'A file or folder does not exist.' },
  ACCESS_DENIED: { kind: 'file', doc: 'This user may not read or write a file or folder.' },
  READ_ONLY: { kind: 'file', doc: 'The file system of a path cannot be written to.' },
  NOT_A_FOLDER: { kind: 'file', doc: 'A part of a path that must be a folder is a file.' },
  IS_A_FOLDER: { kind: 'file', doc: 'A path that must be a file is a folder.' },
  BAD_PATH: { kind: 'file', doc: 'A path is too long or holds characters that the file system refuses.' },
  NO_SPACE: { kind: 'io', doc: 'The disk or the quota is full.' },
  TOO_MANY_FILES: { kind: 'io', doc: 'The process or the system has as many files open as it may.' },
  IO_FAILED: { kind: 'io', doc: 'The operating system reports any other failure of a file operation.' },
  LOCKED: { kind: 'state', doc: 'A path is locked by a process that is alive, or that this machine cannot see.' },
  BAD_URI: { kind: 'value', doc: 'A path is not a path, or its URI is not well formed.' },
  MODULE_NOT_FOUND: { kind: 'dependency', doc: 'A module named in a config or on the command line cannot be found.' },
  SAFETENSORS_TRUNCATED: { kind: 'file', doc: 'A safetensors file ends before its header or its data do.' },
  SAFETENSORS_HEADER: { kind: 'file', doc: 'The header of a safetensors file breaks the rules of the format.' },
  SAFETENSORS_LAYOUT: {
    kind: 'file',
    doc: 'The tensors of a safetensors file overlap, leave gaps or have sizes that do not fit their shapes.',
  },
  SAFETENSORS_DTYPE: { kind: 'file', doc: 'A safetensors file holds an element type that the engine does not have.' },
  SAFETENSORS_CHECKSUM: { kind: 'file', doc: 'The content of a safetensors file is not what was written.' },
  SAFETENSORS_NAME: { kind: 'value', doc: 'Two tensors to be saved have one name, or a name is reserved.' },
});
