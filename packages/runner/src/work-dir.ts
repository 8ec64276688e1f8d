/** The work dir of a run: its folders, its lock, `last_checkpoint`, and what earlier runs left behind (ARCHITECTURE 5.11). */
import { type Communicator, EngineError, type Logger } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import type { LoadedCheckpoint } from '@engine/hooks';
import { readCheckpoint } from './checkpoint.js';
import { runnerErrors } from './errors.js';
import { TIMESTAMP } from './timestamp.js';

const LAST = 'last_checkpoint';
const SUFFIX = '.safetensors';

export interface WorkDirOptions {
  readonly storage: StorageBackend;
  readonly path: string;
  /** Wanted name of this run's folder; a number is added where it is taken. */
  readonly timestamp: string;
  /** Takes the lock: training owns the work dir alone, validating and testing do not mind others. */
  readonly exclusive: boolean;
  /** The first process opens, the others follow. */
  readonly communicator: Communicator;
}

export class WorkDir {
  readonly path: string;
  /** The run's folder, `path/timestamp`. */
  readonly logDir: string;
  readonly timestamp: string;
  readonly #storage: StorageBackend;
  readonly #shown: string;
  #unlock: (() => Promise<void>) | undefined;

  private constructor(storage: StorageBackend, at: { path: string; shown: string; timestamp: string }) {
    this.#storage = storage;
    this.path = at.path;
    this.#shown = at.shown;
    this.timestamp = at.timestamp;
    this.logDir = storage.join(at.path, at.timestamp);
  }

  /** Creates and locks. @throws `ENGINE_RUNNER_WORK_DIR_UNWRITABLE`, `ENGINE_RUNNER_WORK_DIR_LOCKED` */
  static async open({ storage, path: given, timestamp, exclusive, communicator }: WorkDirOptions): Promise<WorkDir> {
    const path = storage.resolve(given);
    const isMain = communicator.rank === 0;
    let unlock: (() => Promise<void>) | undefined;
    let number = 1;
    try {
      if (isMain) await storage.makeDir(path);
      if (isMain && exclusive) unlock = await takeLock(storage, path);
      if (isMain) number = await makeRunFolder(storage, path, timestamp);
    } catch (cause) {
      await unlock?.();
      throw asWorkDirError(path, cause);
    }
    [number = 1] = await communicator.broadcast(Float64Array.of(number));
    const dir = new WorkDir(storage, { path, shown: given, timestamp: numbered(timestamp, number) });
    dir.#unlock = unlock;
    return dir;
  }

  /** Takes the lock unless it is held already. @throws `ENGINE_RUNNER_WORK_DIR_LOCKED` */
  async lock(): Promise<void> {
    try {
      this.#unlock ??= await takeLock(this.#storage, this.path);
    } catch (cause) {
      throw asWorkDirError(this.path, cause);
    }
  }

  get logFile(): string {
    return this.#storage.join(this.logDir, `${this.timestamp}.log`);
  }

  file(name: string): string {
    return this.#storage.join(this.path, name);
  }

  /** A path in the work dir as the user would write it. */
  show(path: string): string {
    return this.#isBelow(path) ? this.#shown + path.slice(this.path.length) : path;
  }

  #isBelow(path: string): boolean {
    return path.startsWith(this.path) && /^[/\\]/.test(path.slice(this.path.length));
  }

  /** Makes `checkpoint` what `--resume` continues from. Kept relative where it can be, so that the folder may move. */
  async markLast(checkpoint: string): Promise<void> {
    const name = this.#isBelow(checkpoint) ? checkpoint.slice(this.path.length + 1) : checkpoint;
    await this.#storage.putAtomic(this.file(LAST), new TextEncoder().encode(name));
  }

  /**
   * The checkpoint to continue from: what `last_checkpoint` names, or, where that is broken, the furthest one that is whole.
   * Undefined when there is no `last_checkpoint`. Everything passed over is told to `logger`.
   */
  async findLast(logger: Logger): Promise<LoadedCheckpoint | undefined> {
    if (!(await this.#storage.exists(this.file(LAST)))) return undefined;
    const name = new TextDecoder().decode(await this.#storage.get(this.file(LAST))).trim();
    const isPlain = name !== '' && !name.includes('\0');
    const marked = isPlain ? await this.#readOrSkip(this.#isInside(name) ? this.file(name) : name, logger) : undefined;
    if (marked !== undefined) return marked;
    if (!isPlain) logger.warn(`${this.file(LAST)} names no checkpoint; looking for the newest whole one.`);
    let furthest: LoadedCheckpoint | undefined;
    for (const candidate of await this.#checkpointNames()) {
      if (candidate === name || /^(best|exception)_/.test(candidate)) continue;
      const loaded = await this.#readOrSkip(this.file(candidate), logger);
      if (loaded !== undefined && (furthest === undefined || loaded.meta.iter > furthest.meta.iter)) furthest = loaded;
    }
    return furthest;
  }

  /**
   * Puts the checkpoints of an earlier run into that run's own folder and resolves with the folder; undefined when there are none.
   * `last_checkpoint` goes first, so that a kill in between leaves nothing that claims to be resumable and is not.
   */
  async moveOldCheckpoints(logger: Logger): Promise<string | undefined> {
    const names = await this.#checkpointNames();
    if (names.length === 0) {
      await this.#storage.remove(this.file(LAST));
      return undefined;
    }
    const folder = this.file(await this.#oldTimestamp(names, logger));
    if (await this.#storage.exists(this.file(LAST)))
      await this.#storage.rename(this.file(LAST), this.#storage.join(folder, LAST));
    for (const name of names) await this.#storage.rename(this.file(name), this.#storage.join(folder, name));
    return folder;
  }

  /** Gives the lock back. */
  async unlock(): Promise<void> {
    const unlock = this.#unlock;
    this.#unlock = undefined;
    await unlock?.();
  }

  #isInside(name: string): boolean {
    return this.#storage.resolve(name) !== name && !/^[a-z][a-z0-9+.-]*:\/\//i.test(name);
  }

  async #readOrSkip(path: string, logger: Logger): Promise<LoadedCheckpoint | undefined> {
    try {
      return await readCheckpoint(this.#storage, path);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code === runnerErrors.CHECKPOINT_NEWER.code) throw error;
      logger.warn(`Skipping ${path}: ${error.received} (${error.code}).`);
      return undefined;
    }
  }

  async #checkpointNames(): Promise<string[]> {
    return (await this.#storage.list(this.path)).filter((name) => name.endsWith(SUFFIX));
  }

  /** The folder of the run that wrote the newest checkpoint; a run folder that exists when no file tells it. */
  async #oldTimestamp(names: readonly string[], logger: Logger): Promise<string> {
    const last = await this.findLast(logger);
    const told = last === undefined ? undefined : TIMESTAMP.exec(last.meta.experimentName)?.[0];
    if (told !== undefined) return told;
    for (const name of names) {
      const loaded = await this.#readOrSkip(this.file(name), logger);
      const stamp = loaded === undefined ? undefined : TIMESTAMP.exec(loaded.meta.experimentName)?.[0];
      if (stamp !== undefined) return stamp;
    }
    const folders = (await this.#storage.list(this.path)).filter(
      (name) => name.replace(TIMESTAMP, '') === '' && name !== this.timestamp,
    );
    return folders.at(-1) ?? `${this.timestamp}_old`;
  }
}

function numbered(timestamp: string, number: number): string {
  return number === 1 ? timestamp : `${timestamp}_${number}`;
}

/** Makes the run's folder; resolves with the number that tells it from others of the same second. */
async function makeRunFolder(storage: StorageBackend, path: string, timestamp: string): Promise<number> {
  let number = 1;
  while (await storage.exists(storage.join(path, numbered(timestamp, number)))) number += 1;
  await storage.makeDir(storage.join(path, numbered(timestamp, number)));
  return number;
}

function takeLock(storage: StorageBackend, path: string): Promise<() => Promise<void>> {
  return storage.lock(storage.join(path, 'run'));
}

function asWorkDirError(path: string, cause: unknown): Error {
  if (!(cause instanceof EngineError)) throw cause;
  if (cause.code === 'ENGINE_FILEIO_LOCKED') {
    return runnerErrors.WORK_DIR_LOCKED({
      subject: path,
      expected: 'a work dir that no other run uses',
      received: cause.received,
      action: cause.action,
      cause,
    });
  }
  return runnerErrors.WORK_DIR_UNWRITABLE({
    subject: path,
    expected: 'a work dir that can be created and written',
    received: cause.received,
    action: 'choose another workDir, or mend its permissions',
    cause,
  });
}
