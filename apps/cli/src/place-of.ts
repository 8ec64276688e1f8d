import { isAbsolute, relative } from 'node:path';
import { formatLocation, type SourceLocation } from '@engine/core/plain';

/** `file:line:column` as people click on it: relative to the folder they are in, where the file is in it. */
export function placeOf(at: SourceLocation | undefined, cwd: string): string {
  if (at === undefined) return '';
  const below = isAbsolute(at.file) ? relative(cwd, at.file) : at.file;
  const isOutside = below.startsWith('..') || isAbsolute(below) || below === '';
  return formatLocation({ ...at, file: isOutside ? at.file : below });
}
