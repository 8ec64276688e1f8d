import { posix } from 'node:path';
import { decodeText, type Files, tooLarge } from './config/files.js';

/** Files that are not on a disk, below `/c`. */
export function memoryFiles(
  texts: Readonly<Record<string, string | Uint8Array>>,
  env: Readonly<Record<string, string>> = {},
): Files {
  const at = (path: string) => texts[posix.relative('/c', path)];
  return {
    cwd: '/c',
    env: (name) => env[name],
    resolve: (path) => posix.resolve('/c', path),
    kindOf: (path) => (at(path) === undefined ? undefined : 'file'),
    read(path, most) {
      const content = at(path);
      if (content === undefined) return undefined;
      if (content.length > most) throw tooLarge(path, content.length, most);
      return typeof content === 'string' ? content : decodeText(content, path);
    },
    packageFolder: (name) => (name === 'mmdet' || name === 'mine' ? `/c/site/${name}` : undefined),
  };
}
