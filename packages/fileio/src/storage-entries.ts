/** The storages that configs can name. */
import * as z from 'zod/mini';
import { defineStorage } from './define.js';
import { DownloadCache } from './download-cache.js';
import { fileioErrors } from './errors.js';
import { HttpStorage } from './http-storage.js';
import { LocalStorage } from './local-storage.js';
import { MemoryStorage } from './memory-storage.js';

const none = z.strictObject({});

const httpOptions = z.strictObject({
  /** Sent with every request. They are recorded with the config: for a secret take `tokenFrom`. */
  headers: z.optional(z.record(z.string(), z.string())),
  /** Environment variable whose value is sent as `Authorization: Bearer ...`. */
  tokenFrom: z.optional(z.string().check(z.minLength(1))),
  /** Milliseconds in which something must come. */
  timeout: z._default(z.number().check(z.positive()), 30_000),
  /** Further attempts in a row that may bring nothing new. */
  retries: z._default(z.int().check(z.nonnegative()), 4),
  /** Milliseconds before the second attempt; doubled each time, at most 30 s. */
  backoff: z._default(z.number().check(z.nonnegative()), 500),
  /** Where downloads are kept; default the user's cache folder. */
  cacheFolder: z.optional(z.string()),
});
export interface HttpStorageOptions extends z.input<typeof httpOptions> {}

export const httpStorageEntry = defineStorage<'HttpStorage', typeof httpOptions, HttpStorageOptions>({
  name: 'HttpStorage',
  options: httpOptions,
  create: ({ headers, tokenFrom, cacheFolder, ...rest }) =>
    new HttpStorage({
      ...rest,
      headers: { ...headers, ...(tokenFrom !== undefined && { Authorization: `Bearer ${tokenIn(tokenFrom)}` }) },
      cache: new DownloadCache({ folder: cacheFolder }),
    }),
  module: '@engine/fileio',
  export: 'httpStorageEntry',
  doc: 'Reads files of web servers, with retries, resuming, and a cache for weights.',
});

export const localStorageEntry = defineStorage<'LocalStorage', typeof none>({
  name: 'LocalStorage',
  options: none,
  create: () => new LocalStorage(),
  module: '@engine/fileio',
  export: 'localStorageEntry',
  doc: 'Files of this machine.',
});

export const memoryStorageEntry = defineStorage<'MemoryStorage', typeof none>({
  name: 'MemoryStorage',
  options: none,
  create: () => new MemoryStorage(),
  module: '@engine/fileio',
  export: 'memoryStorageEntry',
  doc: 'Files in memory, gone when the run ends.',
});

/** @throws `ENGINE_FILEIO_NO_TOKEN` */
function tokenIn(variable: string): string {
  const token = process.env[variable];
  if (token) return token;
  throw fileioErrors.NO_TOKEN({
    subject: variable,
    expected: 'an environment variable with a token',
    received: token === undefined ? 'none of this name' : 'an empty one',
    action: `set ${variable}, or take out tokenFrom`,
  });
}
