import type { Communicator } from '@engine/core';

/** A bigint is a count: logs show it without decimals, trackers get a number. */
export type MetricValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | readonly MetricValue[]
  | { readonly [key: string]: MetricValue };
export type MetricValues = Readonly<Record<string, MetricValue>>;

/** Collects something per batch and turns it into named values once. */
export interface Metric {
  /** Put before every name: `prefix/name`. */
  readonly prefix: string | undefined;
  datasetMeta: Readonly<Record<string, unknown>> | undefined;
  /**
   * Called for each batch with the host batch and the model's predictions, whose tensors live until the call has resolved.
   * Its synchronous start runs in a tensor scope; it may await `tensor.data()`.
   */
  process(batch: unknown, predictions: unknown): void | Promise<void>;
  /** Called once an evaluation with the number of samples; gathers over ranks, computes, clears. */
  evaluate(size: number, communicator?: Communicator): Promise<MetricValues>;
}

/** Several metrics as one. */
export interface EvaluatorLike {
  datasetMeta: Readonly<Record<string, unknown>> | undefined;
  process(batch: unknown, predictions: unknown): Promise<void>;
  evaluate(size: number, communicator?: Communicator): Promise<MetricValues>;
}

declare module '@engine/core' {
  interface Kinds {
    metric: Metric;
    evaluator: EvaluatorLike;
  }
}
