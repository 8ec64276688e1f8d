/** Configs by URL: text formats only. */
import { EngineError } from '@engine/core/plain';
import { configErrors } from '../errors.js';
import { requireSize } from '../load-errors.js';
import { decode } from './decode.js';

export function isUrl(path: string): boolean {
  return /^https?:\/\//i.test(path);
}

/** What a config from the web names is on the web as well: it cannot reach into this machine. @throws `ENGINE_CONFIG_BAD_BASE` */
export function besideUrl(path: string, from: string): string {
  const url = new URL(path, from).href;
  if (isUrl(url)) return url;
  throw configErrors.BAD_BASE({
    subject: '_base_',
    expected: 'a path relative to the config, or another http:// or https:// address',
    received: path,
    action: 'correct _base_',
    at: { file: from },
  });
}

/** Undefined where there is no such file. The part that needs the web is loaded when it is used. @throws those of `HttpStorage.get`, `ENGINE_CONFIG_TOO_LARGE` */
export async function readUrl(url: string): Promise<string | undefined> {
  const { HttpStorage } = await import('@engine/fileio/web');
  try {
    const bytes = await new HttpStorage().get(url, {
      onProgress: ({ received, total = 0 }) => requireSize(Math.max(received, total), url),
    });
    return decode(bytes, url);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'ENGINE_FILEIO_NOT_FOUND') return undefined;
    throw error;
  }
}

export function noRemoteCode(url: string): Error {
  return configErrors.REMOTE_CODE({
    subject: url,
    expected: 'JSON, YAML or TOML',
    received: 'a program',
    action: 'programs are not run from the web: download it, look at it, and give its path',
  });
}
