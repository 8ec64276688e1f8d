import { Compose, defineTransform, type SampleContext, type Transform } from '@engine/dataset';
import * as z from 'zod/mini';
import { branch, builtStage, type StageConfig, stage } from './nested.js';

const testTimeAugOptions = z.strictObject({
  transforms: z.array(z.array(stage).check(z.minLength(1))).check(z.minLength(1)),
});
export interface TestTimeAugOptions {
  readonly transforms: readonly (readonly StageConfig[])[];
}
type Fields = Record<string, unknown>;

/**
 * Every way through several stages, of which each has alternatives: `transforms: [[resize1, resize2], [flip, noFlip], [pack]]` gives four versions of a sample, the last
 * stage's alternatives changing fastest. The result has a list for each key, one value a version. A version that is null makes the sample null.
 */
export class TestTimeAug implements Transform {
  static readonly entry = defineTransform<'TestTimeAug', typeof testTimeAugOptions, TestTimeAugOptions>({
    name: 'TestTimeAug',
    options: testTimeAugOptions,
    create: ({ transforms }, ctx) =>
      new TestTimeAug(
        transforms.map((row, i) => row.map((config, j) => builtStage(ctx, config, `transforms.${i}.${j}`))),
      ),
    module: '@engine/vision',
    doc: 'Every way through several stages, of which each has alternatives.',
  });
  readonly #ways: readonly Compose[];

  constructor(stages: readonly (readonly Transform[])[]) {
    const ways = stages.reduce<Transform[][]>(
      (so, row) => so.flatMap((way) => row.map((next) => [...way, next])),
      [[]],
    );
    this.#ways = ways.map((way) => new Compose(way));
  }

  transform(sample: Fields, ctx: SampleContext): Promise<Fields | null> {
    return versions(sample, this.#ways, ctx);
  }
}

/** The sample through each pipeline; a list for each key. */
export async function versions(sample: Fields, ways: readonly Transform[], ctx: SampleContext): Promise<Fields | null> {
  const results: Fields[] = [];
  for (const [i, way] of ways.entries()) {
    const result = await way.transform(sample, branch(ctx, i));
    if (result === null) return null;
    results.push(result);
  }
  const keys = Object.keys(results[0] ?? {});
  return Object.fromEntries(keys.map((key) => [key, results.map((result) => result[key])]));
}

declare module '@engine/registry' {
  interface Transforms {
    TestTimeAug: typeof TestTimeAug;
  }
}
