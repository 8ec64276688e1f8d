import { defineTransform, type SampleContext, type Transform } from '@engine/dataset';
import * as z from 'zod/mini';
import { KeyMap, type MappingInit, mappingOptions } from './mapping.js';
import { built, composed, type StageConfig, stage } from './nested.js';

const keyMapperOptions = z.strictObject({ transforms: z._default(stage, []), ...mappingOptions });
export interface KeyMapperOptions extends Omit<z.input<typeof keyMapperOptions>, 'transforms'> {
  readonly transforms?: StageConfig | undefined;
}

/**
 * Transforms that find their values under other keys: `mapping: { inputs: 'gt_img' }` gives them `gt_img` as `inputs`. What they make comes back under `remapping`, or with
 * `autoRemap` where it came from; without either, under their names. Values of `mapping` may be lists and objects of keys; '...' leaves a key out.
 * @throws `ENGINE_VISION_OPTION_CONFLICT` when made, `ENGINE_VISION_MAPPED_KEY`
 */
export class KeyMapper implements Transform {
  static readonly entry = defineTransform<'KeyMapper', typeof keyMapperOptions, KeyMapperOptions>({
    name: 'KeyMapper',
    options: keyMapperOptions,
    create: ({ transforms, ...map }, ctx) => new KeyMapper(built(ctx, [transforms].flat()), map),
    module: '@engine/vision',
    doc: 'Transforms that find their values under other keys.',
  });
  readonly #transforms: Transform;
  readonly #map: KeyMap;

  constructor(transforms: readonly Transform[], map: MappingInit = {}) {
    this.#transforms = composed(transforms);
    this.#map = new KeyMap('KeyMapper', map);
  }

  async transform(sample: Record<string, unknown>, ctx: SampleContext): Promise<Record<string, unknown> | null> {
    const result = await this.#transforms.transform(this.#map.in(sample), ctx);
    return result === null ? null : this.#map.out(sample, result);
  }
}

declare module '@engine/registry' {
  interface Transforms {
    KeyMapper: typeof KeyMapper;
  }
}
