import { visualizationErrors } from '../errors.js';
import { Canvas } from './canvas.js';
import type { Color } from './color.js';
import { checkImage, type Image } from './image.js';

/** How pictures stand beside each other. */
export interface ContactSheetOptions {
  /** Default: about as many as there are rows. */
  readonly columns?: number | undefined;
  /** A line of text below each picture, in the order of the pictures. */
  readonly captions?: readonly string[] | undefined;
  /** Pixels between cells and around all of them. Default 2. */
  readonly gap?: number;
  /** Default white. */
  readonly background?: Color;
  /** Default black. */
  readonly captionColor?: Color;
}

const CAPTION_HEIGHT = 12;

/**
 * Many pictures as one, row by row, in cells of the size of the largest; smaller ones stand in the middle of theirs.
 * @returns RGB of shape `(H, W, 3)`
 * @throws `ENGINE_VISUALIZATION_BAD_IMAGE`, also for no pictures
 */
export function contactSheet(images: readonly Image[], options: ContactSheetOptions = {}): Image {
  const { columns = Math.ceil(Math.sqrt(images.length)), captions, gap = 2, background = 'white' } = options;
  const sizes = images.map(checkImage);
  if (images.length === 0 || columns < 1) {
    throw visualizationErrors.BAD_IMAGE({
      subject: 'contactSheet',
      expected: 'at least one picture, and one column',
      received: `${images.length} pictures, columns = ${columns}`,
      action: 'pass the pictures to show',
    });
  }
  const height = Math.max(...sizes.map(([rows]) => rows));
  const width = Math.max(...sizes.map(([, across]) => across));
  const cell = { width: width + gap, height: height + gap + (captions === undefined ? 0 : CAPTION_HEIGHT) };
  const sheet = Canvas.blank(
    gap + columns * cell.width,
    gap + Math.ceil(images.length / columns) * cell.height,
    background,
  );
  images.forEach((image, index) => {
    const [rows = 0, across = 0] = sizes[index] ?? [];
    const left = gap + (index % columns) * cell.width;
    const top = gap + Math.floor(index / columns) * cell.height;
    sheet.image(image, [left + Math.floor((width - across) / 2), top + Math.floor((height - rows) / 2)]);
    const caption = captions?.[index];
    if (caption === undefined) return;
    sheet.text(fitting(caption, width), { at: [left, top + height + 2], color: options.captionColor ?? 'black' });
  });
  return sheet.toImage();
}

/** As much of a text as `width` pixels hold. */
function fitting(text: string, width: number): string {
  const room = Math.max(1, Math.floor((width + 1) / 6));
  const characters = Array.from(text);
  return characters.length <= room ? text : `${characters.slice(0, room - 1).join('')}~`;
}
