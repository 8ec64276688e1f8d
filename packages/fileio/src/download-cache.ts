import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.js';
import { checksumInName } from './checksum.js';
import { baseName } from './copy.js';
import { downloadTo } from './download.js';
import type { FileVersion } from './http-reply.js';
import type { UrlCache, UrlCacheOptions } from './http-storage.js';
import { httpSettings, probe } from './http-transfer.js';
import { LocalStorage } from './local-storage.js';

export interface DownloadCacheInit {
  /** Default {@link cacheFolder}. */
  readonly folder?: string | undefined;
}

/**
 * This user's downloads: `FOLDER/downloads/<hash of the URL>/<name>`. A file whose name promises its checksum (`NAME-8hexdigits.EXT`) is
 * checked once and never asked for again. For any other the server is asked whether it has changed; where it does not answer, the file
 * serves as it is.
 */
export class DownloadCache implements UrlCache {
  readonly folder: string;

  constructor({ folder = cacheFolder() }: DownloadCacheInit = {}) {
    this.folder = folder;
  }

  /** @throws as `download` */
  async fetch(url: string, { http, onProgress }: UrlCacheOptions): Promise<string> {
    const name = baseName(url) || 'download';
    const file = join(this.folder, 'downloads', createHash('sha256').update(url).digest('hex').slice(0, 16), name);
    const check = checksumInName(name);
    const notes = new Notes(file);
    await downloadTo(file, {
      url,
      http,
      onProgress,
      checks: check === undefined ? [] : [check],
      isRight: async () => {
        const known = await notes.read();
        return known !== undefined && (check !== undefined || !(await hasChanged(url, known, http)));
      },
      onDone: (version) => notes.write(version),
    });
    return file;
  }

  async read(file: string): Promise<Uint8Array> {
    return new LocalStorage().get(file);
  }
}

async function hasChanged(url: string, known: FileVersion, http: UrlCacheOptions['http']): Promise<boolean> {
  try {
    const now = await probe(url, httpSettings({ ...http, retries: 0 }));
    return now !== undefined && (now.validator !== known.validator || now.total !== known.total);
  } catch {
    return false; // the server is out of reach
  }
}

/** What is known of a file in the cache, beside it. */
class Notes {
  readonly #file: string;
  readonly #path: string;
  readonly #storage = new LocalStorage();

  constructor(file: string) {
    this.#file = file;
    this.#path = `${file}.json`;
  }

  /** Undefined for a file that is not there, or not as it was. */
  async read(): Promise<FileVersion | undefined> {
    try {
      const { validator, total, size } = JSON.parse(await readFile(this.#path, 'utf8')) as FileVersion & {
        size: unknown;
      };
      return (await stat(this.#file)).size === size ? { validator, total } : undefined;
    } catch {
      return undefined;
    }
  }

  async write(version: FileVersion): Promise<void> {
    const { size } = await stat(this.#file);
    await this.#storage.putAtomic(this.#path, new TextEncoder().encode(JSON.stringify({ ...version, size })));
  }
}
