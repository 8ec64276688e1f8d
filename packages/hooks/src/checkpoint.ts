import type { HostArray, Json, JsonObject } from '@engine/core';

/** Where a run stood: the position inside the epoch included. */
export interface CheckpointMeta {
  /** Finished epochs (a save inside an epoch counts the finished ones only). */
  epoch: number;
  /** Finished iterations of the whole run. */
  iter: number;
  /** Finished batches of the current epoch; 0 between epochs. */
  batchInEpoch: number;
  /** Batches whose gradients are accumulated and not yet applied. */
  accumulation: number;
  /** True when the last finished epoch has still to be validated. */
  validationDue: boolean;
  seeds: { readonly run: number };
  worldSize: number;
  experimentName: string;
  /** `YYYYMMDD_HHMMSS`, local. */
  time: string;
  datasetMeta?: Json;
  /** Names of files beside this one that go when it is safe; a run that was killed before removes them when it is resumed. */
  replaces?: readonly string[];
}

/** A checkpoint about to be written. Tensors are in the engine's layout; names are `model/<name>`, `optim/...`, `hook/<key>/<name>`. */
export interface CheckpointDraft {
  readonly meta: CheckpointMeta;
  readonly tensors: Map<string, HostArray>;
  /** Everything else by section: `paramGroups`, `schedulers`, `hooks`, `messageHub`, ... */
  readonly sections: Map<string, Json>;
}

/** A checkpoint as read from a file, checked and not yet applied. */
export interface LoadedCheckpoint extends CheckpointDraft {
  readonly path: string;
  readonly config: JsonObject;
}

export interface SaveOptions {
  /** File name; the folder is the work dir unless `outDir` says otherwise. */
  readonly fileName: string;
  readonly outDir?: string | undefined;
  /** Counters to record; default the loop's position. */
  readonly meta?: Partial<Pick<CheckpointMeta, 'epoch' | 'iter' | 'batchInEpoch'>>;
  /** Default true. */
  readonly saveOptimizer?: boolean;
  /** Default true. */
  readonly saveParamScheduler?: boolean;
  /** Names of checkpoints in the same folder that are removed once this one is safe. */
  readonly replaces?: readonly string[];
  /**
   * Called with the path once the file is safe, for what is to be done to files then. With it, in a run of one process, the save goes on in the background:
   * `saveCheckpoint` resolves as soon as the state is copied, and a failure ends the run soon after. Without it `saveCheckpoint` resolves when the file is safe.
   */
  readonly whenSaved?: (path: string) => Promise<void> | void;
}
