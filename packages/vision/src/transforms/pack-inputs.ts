import type { Transform } from '@engine/dataset';
import { BaseDataElement, defineTransform, InstanceData, PixelData } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { imageOf } from '../image.js';

/** Fields of a sample with a row an object, and what they are called in the element. */
const INSTANCES: readonly (readonly [string, string])[] = [
  ['gt_bboxes', 'bboxes'],
  ['gt_bboxes_labels', 'labels'],
  ['gt_masks', 'masks'],
  ['gt_keypoints', 'keypoints'],
  ['gt_ignore_flags', 'ignoreFlags'],
];

const packInputsOptions = z.strictObject({
  metaKeys: z._default(z.array(z.string()), [
    'img_id',
    'img_path',
    'ori_shape',
    'img_shape',
    'pad_shape',
    'scale_factor',
    'flip',
    'flip_direction',
  ]),
});
export interface PackInputsOptions extends z.input<typeof packInputsOptions> {}

/**
 * The end of a pipeline: `{ inputs, samples }` and nothing else. Without annotations beside it, the label is passed on: `samples`, or `gt_label`. Otherwise
 * `samples` is a `BaseDataElement`:
 * - `gtInstances`, an `InstanceData` with those there are of `bboxes`, `labels`, `masks`, `keypoints`, `ignoreFlags`;
 * - `gtSemSeg`, a `PixelData` with `semSeg`; `gtLabel`, the label;
 * - as metainfo the fields named by `metaKeys`, those that there are, in camelCase (`oriShape`).
 *
 * Batches of such samples are made by `pseudoCollate`, or `defaultCollate` where images have one size.
 * @throws `ENGINE_VISION_IMAGE_TYPE`
 */
export class PackInputs implements Transform {
  static readonly entry = defineTransform<'PackInputs', typeof packInputsOptions, PackInputsOptions>({
    name: 'PackInputs',
    options: packInputsOptions,
    create: (options) => new PackInputs(options),
    module: '@engine/vision',
    doc: 'Makes what a batch needs of a sample: inputs and samples.',
  });
  readonly #options: z.output<typeof packInputsOptions>;

  constructor(options: PackInputsOptions = {}) {
    this.#options = parseOptions(packInputsOptions, options, { subject: 'PackInputs' }).value;
  }

  transform(sample: Record<string, unknown>): Record<string, unknown> {
    const { array: inputs } = imageOf(sample, 'PackInputs');
    const label = sample.samples ?? sample.gt_label;
    const instances = namedIn(sample, INSTANCES);
    const isPlain = instances === undefined && sample.gt_seg_map === undefined && label !== undefined;
    if (isPlain) return { inputs, samples: label };
    const metainfo: Record<string, unknown> = {};
    for (const key of this.#options.metaKeys) if (sample[key] !== undefined) metainfo[camelCase(key)] = sample[key];
    const samples = new BaseDataElement({ metainfo });
    if (instances !== undefined) samples.setField('gtInstances', new InstanceData(instances));
    if (sample.gt_seg_map !== undefined) samples.setField('gtSemSeg', new PixelData({ semSeg: sample.gt_seg_map }));
    if (label !== undefined) samples.setField('gtLabel', label);
    return { inputs, samples };
  }
}

function namedIn(sample: Record<string, unknown>, names: typeof INSTANCES): Record<string, unknown> | undefined {
  const found = names.filter(([key]) => sample[key] !== undefined);
  return found.length === 0 ? undefined : Object.fromEntries(found.map(([key, name]) => [name, sample[key]]));
}

const camelCase = (key: string): string => key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

declare module '@engine/registry' {
  interface Transforms {
    PackInputs: typeof PackInputs;
  }
}
