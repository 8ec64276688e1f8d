import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileioErrors } from './errors.js';

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;

/** The absolute local path of a path or a `file://` URI. @throws `ENGINE_FILEIO_BAD_URI` */
export function toLocalPath(path: string): string {
  if (typeof path !== 'string' || path === '') throw badUri(String(path), 'a path that is not empty');
  if (!path.startsWith('file://')) {
    if (SCHEME.test(path)) throw badUri(path, 'a path of this machine, or a file:// URI');
    return resolve(path);
  }
  try {
    return fileURLToPath(path);
  } catch (cause) {
    throw badUri(path, 'file:///absolute/path', cause);
  }
}

function badUri(received: string, expected: string, cause?: unknown): Error {
  return fileioErrors.BAD_URI({ expected, received: `"${received}"`, action: 'correct the path', cause });
}
