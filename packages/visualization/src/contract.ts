import type { HostArray } from '@engine/core';
import type { Datasample } from './datasample.js';

export type ScalarRow = Readonly<Record<string, number | string | boolean | null>>;

/** Stores what a run shows. Methods may buffer; `close` flushes. */
export interface VisBackend {
  /** Once, before anything else of a run. */
  init?(where: { readonly saveDir: string; readonly experimentName: string }): void | Promise<void>;
  addConfig?(config: unknown): void | Promise<void>;
  addScalar(name: string, value: number, step: number): void | Promise<void>;
  /** One row of several scalars. `step` is the global iteration. */
  addScalars(row: ScalarRow, step: number): void | Promise<void>;
  /** `(H, W, 1 | 3 | 4)` uint8. The array stays the caller's, who may change it after the returned promise. */
  addImage?(name: string, image: HostArray<'uint8'>, step: number): void | Promise<void>;
  /** How the elements of a tensor are spread; `values` belong to the caller. */
  addHistogram?(name: string, values: Float32Array, step: number): void | Promise<void>;
  addGraph?(graph: unknown): void | Promise<void>;
  close(): void | Promise<void>;
}

/** Hands what a run shows to all its backends. */
export interface VisualizerLike {
  datasetMeta: Readonly<Record<string, unknown>> | undefined;
  addConfig(config: unknown): Promise<void>;
  addScalar(name: string, value: number, step: number): Promise<void>;
  addScalars(row: ScalarRow, step: number): Promise<void>;
  addImage(name: string, image: HostArray<'uint8'>, step: number): Promise<void>;
  /** Shows a sample with what is known or predicted about it. */
  addDatasample?(name: string, image: HostArray<'uint8'>, datasample: Datasample): Promise<void>;
  /** Reaches the backends that have histograms. */
  addHistogram?(name: string, values: Float32Array, step: number): Promise<void>;
  close(): Promise<void>;
}

declare module '@engine/core' {
  interface Kinds {
    visBackend: VisBackend;
    visualizer: VisualizerLike;
  }
}
