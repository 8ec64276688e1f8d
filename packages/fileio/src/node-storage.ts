import { DownloadCache } from './download-cache.js';
import { HttpStorage } from './http-storage.js';
import type { HttpOptions } from './http-transfer.js';
import { LocalStorage } from './local-storage.js';
import { StorageRouter, type StorageTable } from './storage-router.js';

export interface NodeStorageInit {
  /** Storages of further prefixes, or others for those below. */
  readonly storages?: StorageTable;
  readonly http?: HttpOptions;
  /** Where downloads are kept; default `cacheFolder()`. */
  readonly cacheFolder?: string;
}

/** What a path or URI means in Node: files of this machine, and `http://` and `https://` through this user's cache. */
export function nodeStorage({ storages, http, cacheFolder }: NodeStorageInit = {}): StorageRouter {
  const local = new LocalStorage();
  const web = new HttpStorage({ ...http, cache: new DownloadCache({ folder: cacheFolder }) });
  return new StorageRouter({ '': local, file: local, http: web, https: web, ...storages });
}
