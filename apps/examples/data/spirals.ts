// A dataset and a transform of one's own, shown in docs/data.md.
import { hostArray } from '@engine/core';
import {
  BaseDataset,
  baseDatasetInit,
  baseDatasetOptions,
  type DataInfo,
  defineDataset,
  defineTransform,
  sampleRandom,
} from '@engine/dataset';
import * as z from 'zod/mini';

/** Points on two spirals. */
export class Spirals extends BaseDataset {
  static override readonly METAINFO = { classes: ['left', 'right'] };
  static readonly entry = defineDataset({
    name: 'Spirals', // also the name of the export
    options: z.extend(baseDatasetOptions, { points: z.int() }),
    create: ({ points, ...options }, ctx) => new Spirals(points, baseDatasetInit(options, ctx)),
    module: import.meta.url, // where worker threads find it again
  });

  constructor(
    readonly points: number,
    init: ConstructorParameters<typeof BaseDataset>[0],
  ) {
    super(init);
  }

  override async loadDataList(): Promise<DataInfo[]> {
    return Array.from({ length: this.points }, (_, i) => ({ angle: i / 20, label: i % 2 }));
  }
}

/** A point with some noise, and its class. */
export const Point = defineTransform({
  name: 'Point',
  options: z.strictObject({ noise: z._default(z.number(), 0) }),
  create: ({ noise }) => ({
    transform({ angle, label }, ctx) {
      const random = sampleRandom(ctx); // the same numbers for the same seed, epoch and sample
      const turn = (angle as number) + Math.PI * (label as number);
      const point = [Math.cos(turn), Math.sin(turn)].map((x) => x * (angle as number) + noise * random.nextNormal());
      return { inputs: hostArray('float32', [2], Float32Array.from(point)), samples: label };
    },
  }),
  module: import.meta.url,
});

declare module '@engine/registry' {
  interface Datasets {
    Spirals: typeof Spirals;
  }
  interface Transforms {
    Point: typeof Point;
  }
}
