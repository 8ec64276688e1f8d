import { EngineError } from '@engine/core';
import type { CheckpointMeta, SaveOptions } from '@engine/hooks';
import { type CheckpointOrigin, encodeInTurns } from './checkpoint.js';
import { captureState } from './checkpoint-state.js';
import { runnerErrors } from './errors.js';
import type { TrainPosition } from './loop.js';
import type { Run } from './run.js';
import { formatTimestamp } from './timestamp.js';

/** Saves a run's checkpoints and remembers which one `--resume` would continue from. */
export class CheckpointStore {
  readonly #origin: CheckpointOrigin;
  #lastGood: string | undefined;
  #saved: { readonly path: string; readonly position: TrainPosition } | undefined;
  #marked: TrainPosition | undefined;
  /** The save that goes on in the background; never rejects. */
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** `lastGood`: the checkpoint that the run was resumed from. */
  constructor(origin: CheckpointOrigin, lastGood: string | undefined) {
    this.#origin = origin;
    this.#lastGood = lastGood;
  }

  /** Path of the checkpoint to continue from, for messages. */
  get lastGood(): string | undefined {
    return this.#lastGood;
  }

  /** True when `last_checkpoint` stands at exactly this position. */
  isSaved(position: TrainPosition): boolean {
    return this.#marked !== undefined && samePosition(this.#marked, position);
  }

  /** Whether a save goes on in the background. */
  get isWriting(): boolean {
    return this.#writing !== undefined;
  }

  /** @throws what a save in the background has failed with, once */
  check(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }

  /** Resolves when every checkpoint is safe. @throws as {@link check} */
  async flush(): Promise<void> {
    await this.#writing;
    this.check();
  }

  /**
   * Writes the run's state atomically and resolves with the path, when it is copied or when it is safe: see `whenSaved`. A save waits for the one before, so that
   * there is one copy of the state at most.
   * @throws `ENGINE_RUNNER_SAVE_FAILED`, `ENGINE_RUNNER_NON_FINITE_LOSS`, `ENGINE_RUNNER_NON_FINITE_GRADIENT`
   */
  async save(run: Run, options: SaveOptions): Promise<string> {
    await this.flush();
    const {
      fileName,
      outDir,
      meta,
      saveOptimizer = true,
      saveParamScheduler = true,
      whenSaved,
      replaces = [],
    } = options;
    const { position } = run;
    const draft = await captureState(
      {
        model: run.model,
        messageHub: run.messageHub,
        hooks: run.hooks,
        optimWrapper: run.optimWrapper,
        paramSchedulers: run.paramSchedulers,
      },
      { ...metaOf(run, position), ...meta, ...(replaces.length > 0 && { replaces }) },
      { optimizer: saveOptimizer, paramScheduler: saveParamScheduler },
    );
    run.checkNumbers();
    await run.call('beforeSaveCheckpoint', { checkpoint: draft });
    const folder = outDir === undefined ? run.workDir : run.storage.resolve(outDir);
    const path = run.storage.join(folder, fileName);
    const content = run.isMainProcess ? encodeInTurns(draft, this.#origin) : undefined;
    const finish = async (): Promise<void> => {
      if (content !== undefined) await this.#guarded(path, async () => run.storage.putAtomic(path, await content));
      await run.communicator.barrier();
      this.#saved = { path, position };
      await whenSaved?.(path);
      await removeBeside(run, path, replaces);
    };
    // Several processes meet here, as they do in their steps: not at the same time.
    if (whenSaved === undefined || run.communicator.size > 1) await finish();
    else this.#writing = this.#inBackground(finish);
    return path;
  }

  async #inBackground(finish: () => Promise<void>): Promise<void> {
    try {
      await finish();
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#writing = undefined;
    }
  }

  async markLast(run: Run, path: string): Promise<void> {
    if (run.isMainProcess) await this.#guarded(run.dir.file('last_checkpoint'), () => run.dir.markLast(path));
    await run.communicator.barrier();
    this.#lastGood = path;
    if (this.#saved?.path === path) this.#marked = this.#saved.position;
  }

  async #guarded(path: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (cause) {
      if (!(cause instanceof EngineError)) throw cause;
      const before = this.#lastGood === undefined ? 'no checkpoint was saved before' : `${this.#lastGood} is untouched`;
      throw runnerErrors.SAVE_FAILED({
        subject: path,
        expected: 'a checkpoint that can be written',
        received: cause.received,
        action: `make room or mend the folder, then continue with --resume; ${before}`,
        cause,
      });
    }
  }
}

function samePosition(a: TrainPosition, b: TrainPosition): boolean {
  return (
    a.epoch === b.epoch && a.iter === b.iter && a.batchInEpoch === b.batchInEpoch && a.validationDue === b.validationDue
  );
}

/** Removes files from the folder of `path`; those that are gone already do not matter, nor does what is no file's name. */
export async function removeBeside(run: Run, path: string, names: readonly string[]): Promise<void> {
  if (!run.isMainProcess) return;
  const folder = path.slice(0, -(path.split(/[/\\]/).at(-1) ?? '').length);
  for (const name of names)
    if (/^[^/\\]+\.safetensors$/.test(name)) await run.storage.remove(run.storage.join(folder, name));
}

function metaOf(run: Run, position: TrainPosition): CheckpointMeta {
  return {
    ...position,
    accumulation: run.optimWrapper?.accumulatedCount ?? 0,
    seeds: { run: run.seed },
    worldSize: run.communicator.size,
    experimentName: run.experimentName,
    time: formatTimestamp(run.platform.now()),
  };
}
