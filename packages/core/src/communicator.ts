export type NumericArray = Float32Array | Float64Array | Int32Array | Uint8Array;
export type ReduceOp = 'sum' | 'mean' | 'max' | 'min';

/** Talks to the other processes of a run. All ranks call the same methods in the same order with the same shapes and types. */
export interface Communicator {
  /** 0 is the main process. */
  readonly rank: number;
  /** World size. */
  readonly size: number;
  /** Replaces `data` by its reduction over all ranks, in place, and resolves to it. */
  allReduce<A extends NumericArray>(data: A, op?: ReduceOp): Promise<A>;
  /** Everybody's `data` (lengths may differ), by rank; the arrays belong to the caller. */
  allGather<A extends NumericArray>(data: A): Promise<A[]>;
  /** Overwrites `data` with the root's (default rank 0), in place, and resolves to it. */
  broadcast<A extends NumericArray>(data: A, root?: number): Promise<A>;
  /** Resolves once every rank has called it. */
  barrier(): Promise<void>;
}

/** One process alone: every collective is the identity. The default everywhere. */
export const singleProcess: Communicator = {
  rank: 0,
  size: 1,
  allReduce: (data) => Promise.resolve(data),
  allGather: (data) => Promise.resolve([data.slice() as typeof data]),
  broadcast: (data) => Promise.resolve(data),
  barrier: () => Promise.resolve(),
};
