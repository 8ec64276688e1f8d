import type { JsonObject } from '@engine/core';

/** Anything with parameter groups: an `OptimWrapper` or an `Optimizer`. */
export interface Schedulable {
  readonly paramGroups: readonly { [field: string]: unknown }[];
}

/** Sets a field of every parameter group as a function of the step. */
export interface ParamScheduler {
  readonly paramName: string;
  /** True when the unit of a step is an epoch. */
  readonly byEpoch: boolean;
  /** True for schedules that follow a metric; they get the metrics after validation. */
  readonly needsMetrics: boolean;
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
    /** `epochLength` is needed by `convertToIterBased`; `defaultEnd` by schedules without an `end`. */
    paramScheduler: {
      readonly optimizer: Schedulable;
      readonly epochLength?: number;
      readonly maxEpochs?: number;
      readonly maxIters?: number;
    };
  }
}
