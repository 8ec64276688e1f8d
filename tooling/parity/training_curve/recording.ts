/** What a run of ours did, in host memory, for comparing with a golden one. */
import type { HostArray, Json } from '@engine/core';
import type { CheckpointMeta } from '@engine/hooks';

/** Weights and buffers by name, in PyTorch's layout. */
export type State = ReadonlyMap<string, HostArray>;

export interface RecordedIter {
  readonly epoch: number;
  readonly iter: number;
  readonly batchIdx: number;
  readonly lr: number;
  readonly momentum: number;
  readonly labels: readonly number[];
  /** Losses and what else the step returned, by name. */
  readonly outputs: Readonly<Record<string, number>>;
}

export interface RecordedVal {
  readonly epoch: number;
  readonly iter: number;
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** What is on the disk at the end. */
export interface RecordedFiles {
  /** Log lines from the first of the training loop on. */
  readonly logLines: readonly string[];
  readonly scalars: readonly Readonly<Record<string, unknown>>[];
  /** Paths in the work dir, folders with a slash at the end; timestamps are `STAMP1`, `STAMP2`. */
  readonly files: readonly string[];
  readonly lastCheckpoint: string;
  /** By file name. */
  readonly checkpoints: ReadonlyMap<string, RecordedCheckpoint>;
}

export interface RecordedCheckpoint {
  readonly meta: CheckpointMeta;
  readonly tensorNames: readonly string[];
  readonly sections: ReadonlyMap<string, Json>;
  readonly config: unknown;
}

/** What is in memory at the end. */
export interface RecordedEnd {
  readonly epoch: number;
  readonly iter: number;
  readonly weights: State;
  readonly lr: readonly number[];
  readonly schedulers: readonly { readonly type: string; readonly state: Readonly<Record<string, unknown>> }[];
  readonly hubScalars: ReadonlyMap<string, { readonly count: number; readonly last: number }>;
  readonly hubInfos: readonly string[];
  /** Keys of the hub that go into a checkpoint. */
  readonly hubSaved: readonly string[];
}

export interface Recording {
  /** As a model of this seed has them before `initCfg` is done. */
  readonly firstWeights: State;
  /** When training begins: those drawn, or those resumed from. */
  readonly startWeights: State;
  readonly iters: readonly RecordedIter[];
  readonly vals: readonly RecordedVal[];
  readonly end: RecordedEnd;
  readonly disk: RecordedFiles;
}
