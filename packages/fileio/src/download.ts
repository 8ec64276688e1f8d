import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError } from '@engine/core/plain';
import { type Checksum, checksum, checksumInName, verify } from './checksum.js';
import type { GetOptions } from './contract.js';
import { baseName } from './copy.js';
import type { FileVersion } from './http-reply.js';
import { type HttpOptions, httpSettings, type TransferTarget, transfer } from './http-transfer.js';
import { toLocalPath } from './local-path.js';
import { makeFolder } from './make-folder.js';
import { syncFolder } from './sync-folder.js';
import { codeOf, systemError } from './system-error.js';
import { waitForLock } from './wait-for-lock.js';

export interface DownloadOptions extends Pick<GetOptions, 'onProgress'> {
  /** Where the file goes; a path that ends with `/` is the folder to put it into, under the name that it has in the URL. */
  readonly to: string;
  /** The file's SHA-256 in hexadecimal digits, or the first 8 of them or more. Default: what its name promises, if anything. */
  readonly sha256?: string | undefined;
  /** The file's MD5, for data that is published with no other. */
  readonly md5?: string | undefined;
  readonly http?: HttpOptions | undefined;
}

/**
 * Downloads a file to this machine and resolves with its path. A file that is there already is checked and taken as it is; what an earlier
 * process has left half-done, even killed, is completed. Under its name it appears whole, checked and on the disk, or not at all. Several
 * processes that want the same file download it once.
 *
 * @throws `ENGINE_FILEIO_CHECKSUM`, `ENGINE_FILEIO_BAD_CHECKSUM`, those of `HttpStorage.get` and those of writing
 */
export async function download(url: string, options: DownloadOptions): Promise<string> {
  const name = baseName(url) || 'download';
  const file = /[/\\]$/.test(options.to) ? join(toLocalPath(options.to), name) : toLocalPath(options.to);
  const sums = [
    options.sha256 === undefined ? undefined : checksum('sha256', options.sha256),
    options.md5 === undefined ? undefined : checksum('md5', options.md5),
  ].filter((sum) => sum !== undefined);
  const checks = sums.length > 0 ? sums : [checksumInName(name)].filter((sum) => sum !== undefined);
  await downloadTo(file, { ...options, url, checks });
  return file;
}

/** What {@link downloadTo} is asked for. */
export interface DownloadRequest extends Pick<DownloadOptions, 'onProgress' | 'http'> {
  readonly url: string;
  readonly checks: readonly Checksum[];
  /** Whether what is there may stay. Default: a file that passes the checks. */
  isRight?(): Promise<boolean>;
  /** Called when a new file is there, before another process may look at it. */
  onDone?(version: FileVersion): Promise<void>;
}

export async function downloadTo(file: string, request: DownloadRequest): Promise<void> {
  const isRight = request.isRight ?? (() => passes(file, request));
  try {
    if (await isRight()) return;
    await makeFolder(dirname(file));
    const release = await waitForLock(file);
    try {
      if (await isRight()) return; // by another process, meanwhile
      const version = await complete(file, request);
      await request.onDone?.(version);
    } finally {
      await release();
    }
  } catch (error) {
    throw systemError(error, 'downloading to', file);
  }
}

async function passes(file: string, { checks, url }: DownloadRequest): Promise<boolean> {
  if (!(await stat(file).then((found) => found.isFile(), isAbsent))) return false;
  try {
    for (const check of checks) await verify(file, check, url);
    return true;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'ENGINE_FILEIO_CHECKSUM') return false;
    throw error;
  }
}

async function complete(file: string, request: DownloadRequest): Promise<FileVersion> {
  for (let isRetry = false; ; isRetry = true) {
    const part = await PartFile.open(file, request.url);
    const continued = part.received > 0;
    try {
      await transfer(request.url, part, {
        settings: httpSettings(request.http ?? {}),
        version: part.version,
        onProgress: request.onProgress,
      });
      await part.close({ sync: true });
      for (const check of request.checks) await verify(part.path, check, request.url);
    } catch (error) {
      await part.close({ sync: false });
      const isDamaged = error instanceof EngineError && error.code === 'ENGINE_FILEIO_CHECKSUM';
      if (isDamaged || part.received === 0) await part.remove();
      if (isDamaged && continued && !isRetry) continue; // what an earlier process left may be at fault
      throw error;
    }
    await rename(part.path, file);
    await part.remove();
    await syncFolder(dirname(file));
    return part.version ?? { validator: undefined, total: undefined };
  }
}

/** The half-done file, and beside it which version of which URL it is part of. */
class PartFile implements TransferTarget {
  readonly path: string;
  readonly #notes: string;
  readonly #url: string;
  readonly #handle: FileHandle;
  #isOpen = true;
  received: number;
  version: FileVersion | undefined;

  private constructor(
    path: string,
    opened: { url: string; handle: FileHandle; received: number; version: FileVersion | undefined },
  ) {
    this.path = path;
    this.#notes = notesOf(path);
    this.#url = opened.url;
    this.#handle = opened.handle;
    this.received = opened.received;
    this.version = opened.version;
  }

  static async open(file: string, url: string): Promise<PartFile> {
    // The name says which URL: what is there of another one is not continued.
    const path = `${file}.${createHash('sha256').update(url).digest('hex').slice(0, 8)}.part`;
    const version = await readNotes(notesOf(path));
    const handle = await open(path, version === undefined ? 'w' : 'a');
    const { size } = await handle.stat();
    return new PartFile(path, { url, handle, received: size, version });
  }

  async begin(version: FileVersion): Promise<void> {
    this.version = version;
    // Bytes without notes are never continued, so the notes go first.
    await writeFile(this.#notes, JSON.stringify({ url: this.#url, ...version }));
  }

  async write(chunk: Uint8Array): Promise<void> {
    await this.#handle.appendFile(chunk);
    this.received += chunk.length;
  }

  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.received = 0;
  }

  async close({ sync }: { readonly sync: boolean }): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      if (sync) await this.#handle.sync();
    } finally {
      await this.#handle.close();
    }
  }

  async remove(): Promise<void> {
    await rm(this.#notes, { force: true });
    await rm(this.path, { force: true });
  }
}

function notesOf(part: string): string {
  return `${part}.json`;
}

async function readNotes(file: string): Promise<FileVersion | undefined> {
  try {
    const { validator, total } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    if (typeof validator !== 'string') return undefined;
    return { validator, total: typeof total === 'number' ? total : undefined };
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): false {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return false;
  throw error;
}
