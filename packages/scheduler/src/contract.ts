import type { JsonObject } from '@engine/core';

/** Anything with parameter groups: an `OptimWrapper` or an `Optimizer`. */
export interface Schedulable {
  readonly paramGroups: readonly { [field: string]: unknown }[];
  /** Of a wrapper: what it wraps. Has one group less where the wrapper adds one with the defaults. */
  readonly optimizer?: { readonly paramGroups: readonly unknown[] };
}

/** Sets a field of every parameter group as a function of the step. */
export interface ParamScheduler {
  readonly paramName: string;
  /** True when the unit of a step is an epoch. */
  readonly byEpoch: boolean;
  /** True for schedules that follow a metric: `step()` counts a finished epoch, `step(metrics)` follows a validation. */
  readonly needsMetrics: boolean;
  /** Of those: the name of the metric. */
  readonly monitor?: string;
  /** Whether the run is to log what each step sets. */
  readonly verbose?: boolean;
  readonly lastStep: number;
  /** Advances by one and writes the new values. `metrics` only where `needsMetrics`. */
  step(metrics?: Readonly<Record<string, number>>): void;
  /** The values last written, one a group. */
  lastValues(): readonly number[];
  stateDict(): JsonObject;
  loadStateDict(state: JsonObject): void;
}

declare module '@engine/core' {
  interface Kinds {
    paramScheduler: ParamScheduler;
  }
  interface BuildArgs {
    /** `epochLength` is needed by `convertToIterBased`; the maxima stand in for a missing `end`. */
    paramScheduler: {
      readonly optimizer: Schedulable;
      readonly epochLength?: number;
      readonly maxEpochs?: number;
      readonly maxIters?: number;
    };
  }
}
