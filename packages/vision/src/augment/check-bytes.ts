import { visionErrors } from '../errors.js';
import { imageOf } from '../image.js';
import { checkColour } from '../pixels/number-image.js';

/** What policies of augmentation take: uint8, one or three channels. @throws `ENGINE_VISION_IMAGE_TYPE`, `ENGINE_VISION_IMAGE_SHAPE` */
export function checkBytes(sample: Record<string, unknown>, transform: string): void {
  const image = imageOf(sample, transform);
  checkColour(image, transform);
  if (image.array.dtype === 'uint8') return;
  throw visionErrors.IMAGE_TYPE({
    subject: transform,
    expected: 'an image of uint8',
    received: `an image of ${image.array.dtype}`,
    action: 'put the transform before the one that makes floating point of the image',
  });
}
