import { EngineError, type ErrorFactory } from '@engine/core/plain';
import { fileioErrors } from './errors.js';

interface Explanation {
  readonly error: ErrorFactory;
  readonly expected: string;
  readonly action: string;
}

const NO_ACCESS: Explanation = {
  error: fileioErrors.ACCESS_DENIED,
  expected: 'a path that this user may read and write',
  action: 'correct its permissions, or choose another folder',
};
const FULL: Explanation = {
  error: fileioErrors.NO_SPACE,
  expected: 'free space on the disk and in the quota',
  action: 'free some space, or choose a folder on another disk',
};
const FILE_ABOVE: Explanation = {
  error: fileioErrors.NOT_A_FOLDER,
  expected: 'a folder in each part of the path but the last',
  action: 'check the path',
};
const FOLDER: Explanation = {
  error: fileioErrors.IS_A_FOLDER,
  expected: 'a file',
  action: 'give the path of a file, not of a folder',
};
const BUSY: Explanation = {
  error: fileioErrors.TOO_MANY_FILES,
  expected: 'fewer open files',
  action: 'raise the limit (ulimit -n), or use fewer workers',
};

const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  ENOENT: { error: fileioErrors.NOT_FOUND, expected: 'a file or folder that exists', action: 'check the path' },
  EACCES: NO_ACCESS,
  EPERM: NO_ACCESS,
  EROFS: {
    error: fileioErrors.READ_ONLY,
    expected: 'a file system that can be written to',
    action: 'choose a folder elsewhere',
  },
  ENOSPC: FULL,
  EDQUOT: FULL,
  ENOTDIR: FILE_ABOVE,
  EEXIST: FILE_ABOVE, // of mkdir
  EISDIR: FOLDER,
  ERR_FS_EISDIR: FOLDER,
  ENAMETOOLONG: { error: fileioErrors.BAD_PATH, expected: 'names of at most 255 bytes', action: 'shorten the name' },
  ERR_INVALID_ARG_VALUE: {
    error: fileioErrors.BAD_PATH,
    expected: 'a path without null characters',
    action: 'correct the path',
  },
  EMFILE: BUSY,
  ENFILE: BUSY,
};

const OTHER: Explanation = {
  error: fileioErrors.IO_FAILED,
  expected: 'a disk that works',
  action: 'look at the cause; if the disk or the network is at fault, try again',
};

/** The coded error for what the operating system reported while `doing` something with `path`. Coded errors pass unchanged. */
export function systemError(cause: unknown, doing: string, path: string): EngineError {
  if (cause instanceof EngineError) return cause;
  const code = codeOf(cause);
  const { error, expected, action } = EXPLANATIONS[code ?? ''] ?? OTHER;
  return error({
    subject: path,
    expected,
    received: `${code ?? (cause instanceof Error ? cause.message : String(cause))} while ${doing} ${path}`,
    action,
    cause,
  });
}

/** `ENOENT` and its kind. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
