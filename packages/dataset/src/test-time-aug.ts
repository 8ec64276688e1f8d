import { isPromise } from '@engine/core/plain';
import { type ConfigOf, thing } from '@engine/registry';
import * as z from 'zod/mini';
import { Compose } from './compose.js';
import type { SampleContext, Transform } from './contract.js';
import { defineTransform } from './define.js';
import { datasetErrors } from './errors.js';

type Fields = Record<string, unknown>;

const testTimeAugOptions = z.strictObject({
  /** One list for each stage of the pipeline: its alternatives. */
  transforms: z.array(z.array(thing('transform')).check(z.minLength(1))).check(z.minLength(1)),
});
export interface TestTimeAugOptions {
  readonly transforms: readonly (readonly ConfigOf<'transform'>[])[];
}

/**
 * Makes several versions of a sample, for `BaseTTAModel`: one for every way to choose a transform from each stage, the last stage changing
 * fastest. The result has the keys of a version, each with a list of the values of all versions, which collate functions keep apart:
 * a batch has one item for each version. Null when a version is null.
 * @throws `ENGINE_DATASET_BAD_OPTION` when made without stages or with an empty one
 */
export class TestTimeAug implements Transform {
  static readonly entry = defineTransform<'TestTimeAug', typeof testTimeAugOptions, TestTimeAugOptions>({
    name: 'TestTimeAug',
    options: testTimeAugOptions,
    create: ({ transforms }, ctx) =>
      new TestTimeAug(
        transforms.map((stage, i) =>
          stage.map((config, j) => ctx.build('transform', config, { key: `transforms.${i}.${j}` })),
        ),
      ),
    module: '@engine/dataset',
    doc: 'Makes several versions of each sample, for a model that merges what it predicts for them.',
  });
  readonly name = 'TestTimeAug';
  /** The pipeline of each version. */
  readonly pipelines: readonly Compose[];

  constructor(transforms: readonly (readonly Transform[])[]) {
    if (transforms.length === 0 || transforms.some((stage) => stage.length === 0))
      throw datasetErrors.BAD_OPTION({
        subject: 'TestTimeAug',
        expected: 'transforms, a list of stages with at least one transform each',
        received: `stages of ${transforms.map(({ length }) => length).join(', ') || 'nothing'}`,
        action: 'write transforms: [[{ type: ... }, { type: ... }], [{ type: ... }]]',
      });
    this.pipelines = product(transforms).map((chosen) => new Compose(chosen));
  }

  transform(sample: Fields, ctx: SampleContext): Fields | null | Promise<Fields | null> {
    const versions = this.pipelines.map((pipeline) => pipeline.transform(sample, ctx));
    return versions.some(isPromise)
      ? Promise.all(versions.map((version) => Promise.resolve(version))).then(columns)
      : columns(versions as readonly (Fields | null)[]);
  }
}

function product(stages: readonly (readonly Transform[])[]): Transform[][] {
  return stages.reduce<Transform[][]>(
    (chosen, stage) => chosen.flatMap((before) => stage.map((transform) => [...before, transform])),
    [[]],
  );
}

function columns(versions: readonly (Fields | null)[]): Fields | null {
  const [first] = versions;
  if (first === undefined || versions.includes(null)) return null;
  return Object.fromEntries(Object.keys(first ?? {}).map((key) => [key, versions.map((version) => version?.[key])]));
}

declare module '@engine/registry' {
  interface Transforms {
    TestTimeAug: typeof TestTimeAug;
  }
}
