import { fileioErrors } from './errors.js';

/** A folder is to be moved to a place below itself. */
export function intoItself(from: string, to: string): Error {
  return fileioErrors.IO_FAILED({
    subject: from,
    expected: 'a new place outside of the folder',
    received: to,
    action: 'check the path',
  });
}
