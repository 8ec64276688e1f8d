/** How an image is written for a test. */
export interface ImageFile {
  readonly width: number;
  readonly height: number;
  readonly format: 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff';
  /** Bytes of pixel (x, y): 1 to 4 channels. Default: red grows to the right, green downwards, blue is 7. */
  readonly pixel?: (x: number, y: number) => readonly number[];
  readonly orientation?: number;
}

/** The bytes of an image file. */
export async function imageFile({
  width,
  height,
  format,
  pixel = slopes,
  orientation,
}: ImageFile): Promise<Uint8Array> {
  const { default: sharp } = await import('sharp');
  const channels = pixel(0, 0).length as 1 | 2 | 3 | 4;
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++) for (const value of pixel(x, y)) data[at++] = value;
  const image = sharp(data, { raw: { width, height, channels } }).toColourspace(channels < 3 ? 'b-w' : 'srgb');
  const oriented = orientation === undefined ? image : image.withMetadata({ orientation });
  return new Uint8Array(await oriented.toFormat(format, format === 'jpeg' ? { quality: 95 } : {}).toBuffer());
}

const slopes = (x: number, y: number): readonly number[] => [x % 256, y % 256, 7];
