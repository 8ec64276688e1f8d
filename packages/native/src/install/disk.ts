import { nativeErrors } from '../errors.js';

/** The coded error of a disk that does not take the libraries; other errors stay. */
export function diskError(error: unknown, folder: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return nativeErrors.NO_SPACE({
      subject: folder,
      expected: 'room for the libraries: 1.2 GB for node, 8 GB for cuda while they are installed',
      received: code,
      action: 'make room, or put them on another disk: --dir FOLDER',
      cause: error,
    });
  }
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].includes(code)) return error;
  return nativeErrors.CACHE_UNWRITABLE({
    subject: folder,
    expected: 'a folder that can be written',
    received: error instanceof Error ? error.message : code,
    action: 'choose another one: --dir FOLDER, or ENGINE_LIBRARIES for good',
    cause: error,
  });
}
