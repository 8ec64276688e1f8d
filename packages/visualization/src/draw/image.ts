import { type HostArray, hostArray } from '@engine/core';
import { visualizationErrors } from '../errors.js';

/** A picture: `(H, W, 1 | 3 | 4)` uint8, gray, RGB or RGBA. */
export type Image = HostArray<'uint8'>;

/**
 * An `(H, W, 3)` copy of a picture: gray is repeated, RGBA laid over white.
 * @throws `ENGINE_VISUALIZATION_BAD_IMAGE`
 */
export function toRgb(image: Image): Image {
  const [height, width, channels] = checkImage(image);
  const data = new Uint8Array(height * width * 3);
  for (let pixel = 0; pixel < height * width; pixel += 1) {
    const from = pixel * channels;
    const alpha = channels === 4 ? (image.data[from + 3] ?? 0) / 255 : 1;
    for (let channel = 0; channel < 3; channel += 1) {
      const value = image.data[from + (channels === 1 ? 0 : channel)] ?? 0;
      data[pixel * 3 + channel] = Math.round(alpha * value + (1 - alpha) * 255);
    }
  }
  return hostArray('uint8', [height, width, 3], data);
}

/**
 * Height, width and channels of a picture.
 * @throws `ENGINE_VISUALIZATION_BAD_IMAGE`
 */
export function checkImage({ dtype, shape, data }: Image): readonly [height: number, width: number, channels: number] {
  const [height = 0, width = 0, channels = 0] = shape;
  const fits = shape.length === 3 && height > 0 && width > 0 && [1, 3, 4].includes(channels);
  if (dtype === 'uint8' && fits && data.length === height * width * channels) return [height, width, channels];
  throw visualizationErrors.BAD_IMAGE({
    expected: 'uint8 of shape (H, W, 1), (H, W, 3) or (H, W, 4)',
    received: `${dtype} of shape (${shape.join(', ')}), ${data.length} elements`,
    action: 'bring the values to 0..255, cast them to uint8 and put the channels last',
  });
}
