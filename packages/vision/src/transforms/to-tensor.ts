import { hostArray } from '@engine/core';
import type { Transform } from '@engine/dataset';
import { defineTransform } from '@engine/dataset';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { numbersOf } from '../pixels/number-image.js';

const UNIT = Float32Array.from({ length: 256 }, (_, value) => value / 255);

const toTensorOptions = z.strictObject({});
export interface ToTensorOptions extends z.input<typeof toTensorOptions> {}

/**
 * Makes float32 of the image: uint8 from 0 to 1, int32 (16 bits of a file) as well; floating point keeps its values. The layout stays `(H, W, C)`, and `(H, W)` becomes
 * `(H, W, 1)`: networks here take channels last.
 * @throws `ENGINE_VISION_IMAGE_TYPE`
 */
export class ToTensor implements Transform {
  static readonly entry = defineTransform<'ToTensor', typeof toTensorOptions, ToTensorOptions>({
    name: 'ToTensor',
    options: toTensorOptions,
    create: (options) => new ToTensor(options),
    module: '@engine/vision',
    doc: 'Makes float32 from 0 to 1 of the image.',
  });

  constructor(options: ToTensorOptions = {}) {
    parseOptions(toTensorOptions, options, { subject: 'ToTensor' });
  }

  transform(sample: Record<string, unknown>): Record<string, unknown> {
    const { data, max, height, width, channels } = numbersOf(sample, 'ToTensor');
    const out = new Float32Array(data.length);
    if (data instanceof Uint8Array) for (let i = 0; i < data.length; i++) out[i] = UNIT[data[i] as number] as number;
    else for (let i = 0; i < data.length; i++) out[i] = (data[i] as number) / max;
    return { ...sample, inputs: hostArray('float32', [height, width, channels], out) };
  }
}

declare module '@engine/registry' {
  interface Transforms {
    ToTensor: typeof ToTensor;
  }
}
