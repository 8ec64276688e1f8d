import { defineTransform, type SampleContext, type Transform } from '@engine/dataset';
import * as z from 'zod/mini';
import { visionErrors } from '../errors.js';
import { KeyMap, type MappingInit, mappingOptions } from './mapping.js';
import { branch, built, composed, type StageConfig, stage } from './nested.js';

const transformBroadcasterOptions = z.strictObject({
  transforms: z._default(stage, []),
  ...mappingOptions,
  shareRandomParams: z._default(z.boolean(), false),
});
export interface TransformBroadcasterOptions extends Omit<z.input<typeof transformBroadcasterOptions>, 'transforms'> {
  readonly transforms?: StageConfig | undefined;
}
type Fields = Record<string, unknown>;

/**
 * The same transforms for each of several values: `mapping: { inputs: ['lq', 'gt'] }`, or `inputs: 'frames'` where that is a list. Every key of `mapping` (without one: of the
 * sample) has a list, all as long. What comes out are lists again, put back as by `KeyMapper`. `shareRandomParams` (default false): all are changed by the same
 * random numbers.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` when made, `ENGINE_VISION_MAPPED_KEY`, `ENGINE_VISION_UNEVEN_LISTS`
 */
export class TransformBroadcaster implements Transform {
  static readonly entry = defineTransform<
    'TransformBroadcaster',
    typeof transformBroadcasterOptions,
    TransformBroadcasterOptions
  >({
    name: 'TransformBroadcaster',
    options: transformBroadcasterOptions,
    create: ({ transforms, ...map }, ctx) => new TransformBroadcaster(built(ctx, [transforms].flat()), map),
    module: '@engine/vision',
    doc: 'The same transforms for each of several values.',
  });
  readonly #transforms: Transform;
  readonly #map: KeyMap;
  readonly #isShared: boolean;

  constructor(
    transforms: readonly Transform[],
    { shareRandomParams = false, ...map }: MappingInit & { readonly shareRandomParams?: boolean } = {},
  ) {
    this.#transforms = composed(transforms);
    this.#map = new KeyMap('TransformBroadcaster', map);
    this.#isShared = shareRandomParams;
  }

  async transform(sample: Fields, ctx: SampleContext): Promise<Fields | null> {
    const scattered = scatter(this.#map.in(sample), Object.keys(this.#map.mapping ?? sample));
    const results: Fields[] = [];
    for (const [i, each] of scattered.entries()) {
      const result = await this.#transforms.transform(each, this.#isShared ? ctx : branch(ctx, i));
      if (result === null) return null;
      results.push(result);
    }
    const keys = Object.keys(results[0] ?? {});
    return this.#map.out(sample, Object.fromEntries(keys.map((key) => [key, results.map((result) => result[key])])));
  }
}

function scatter(sample: Fields, keys: readonly string[]): Fields[] {
  const present = keys.filter((key) => sample[key] !== undefined);
  const lists = present.map((key) => sample[key]);
  const [first] = lists;
  const count = Array.isArray(first) ? first.length : 0;
  if (count === 0 || lists.some((list) => !Array.isArray(list) || list.length !== count)) {
    throw visionErrors.UNEVEN_LISTS({
      subject: 'TransformBroadcaster',
      expected: 'a list for each key, all of the same length, at least 1',
      received: present.map((key, i) => `${key} = ${describe(lists[i])}`).join(', ') || 'no key of the mapping',
      action: "map to lists: mapping: { inputs: ['lq', 'gt'] }",
    });
  }
  return Array.from({ length: count }, (_, i) => ({
    ...sample,
    ...Object.fromEntries(present.map((key) => [key, (sample[key] as readonly unknown[])[i]])),
  }));
}

const describe = (value: unknown): string => (Array.isArray(value) ? `a list of ${value.length}` : typeof value);

declare module '@engine/registry' {
  interface Transforms {
    TransformBroadcaster: typeof TransformBroadcaster;
  }
}
