import type { HostArray } from '@engine/core';

export type ScalarRow = Readonly<Record<string, number | string | boolean | null>>;

/** Stores what a run shows. Methods may buffer; `close` flushes. */
export interface VisBackend {
  /** Once, before anything else of a run. */
  init?(where: { readonly saveDir: string; readonly experimentName: string }): void | Promise<void>;
  addConfig?(config: unknown): void | Promise<void>;
  addScalar(name: string, value: number, step: number): void | Promise<void>;
  /** One row of several scalars. `step` is the global iteration. */
  addScalars(row: ScalarRow, step: number): void | Promise<void>;
  /** `(H, W, 1|3)` uint8. */
  addImage?(name: string, image: HostArray<'uint8'>, step: number): void | Promise<void>;
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
  close(): Promise<void>;
}

declare module '@engine/core' {
  interface Kinds {
    visBackend: VisBackend;
    visualizer: VisualizerLike;
  }
}
