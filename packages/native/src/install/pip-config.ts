/** Where the user's own tools would look for packages. No index is known here. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Surroundings } from '../folders.js';

export interface Index {
  readonly url: string;
  /** What named it, for messages. */
  readonly from: string;
}

/** pip's configuration files, the strongest first, as pip documents them. */
export function pipConfigFiles({ env, platform, home }: Surroundings): string[] {
  const named = platform === 'win32' ? 'pip.ini' : 'pip.conf';
  const given = env['PIP_CONFIG_FILE'];
  const environments = [env['VIRTUAL_ENV'], env['CONDA_PREFIX']]
    .filter((prefix): prefix is string => prefix !== undefined && prefix !== '')
    .map((prefix) => join(prefix, named));
  const user =
    platform === 'win32'
      ? [join(env['APPDATA'] ?? join(home, 'AppData', 'Roaming'), 'pip', named)]
      : [
          ...(platform === 'darwin' ? [join(home, 'Library', 'Application Support', 'pip', named)] : []),
          join(env['XDG_CONFIG_HOME'] ?? join(home, '.config'), 'pip', named),
          join(home, '.pip', named),
        ];
  const everyone = platform === 'win32' ? [] : ['/etc/pip.conf', '/etc/xdg/pip/pip.conf'];
  return [...(given === undefined || given === '' ? [] : [given]), ...environments, ...user, ...everyone];
}

/** `index-url` of the section `global`, `install` or `download`. */
export function indexInConfig(text: string): string | undefined {
  let section = '';
  let found: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*\[([^\]]+)\]\s*$/.exec(line);
    if (heading !== null) section = (heading[1] as string).trim();
    const value = /^\s*index[-_]url\s*[=:]\s*(\S+)\s*$/.exec(line);
    if (value !== null && ['global', 'install', 'download'].includes(section)) found = value[1] as string;
  }
  return found;
}

/** The index to ask: `--index`, then `PIP_INDEX_URL`, `UV_INDEX_URL` or `UV_DEFAULT_INDEX`, then pip's configuration. */
export function findIndex(given: string | undefined, surroundings: Surroundings): Index | undefined {
  if (given !== undefined) return { url: given, from: '--index' };
  for (const name of ['PIP_INDEX_URL', 'UV_DEFAULT_INDEX', 'UV_INDEX_URL']) {
    const url = surroundings.env[name];
    if (url !== undefined && url !== '') return { url, from: name };
  }
  for (const file of pipConfigFiles(surroundings)) {
    const url = existsSync(file) ? indexInConfig(readFileSync(file, 'utf8')) : undefined;
    if (url !== undefined) return { url, from: file };
  }
  return undefined;
}
