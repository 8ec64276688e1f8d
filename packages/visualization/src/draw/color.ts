import { visualizationErrors } from '../errors.js';
import { CSS_COLORS } from './css-colors.js';

/** Red, green, blue, each 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

/**
 * A colour: `[r, g, b]` of 0 to 255, a CSS name, `#rgb` or `#rrggbb` (an alpha after it is dropped), or one of matplotlib's letters
 * `b g r c m y k w`.
 */
export type Color = string | Rgb;

/** Matplotlib's letters; halves are cut to whole numbers, as MMEngine cuts them. */
const LETTERS: Readonly<Record<string, Rgb>> = {
  b: [0, 0, 255],
  g: [0, 127, 0],
  r: [255, 0, 0],
  c: [0, 191, 191],
  m: [191, 0, 191],
  y: [191, 191, 0],
  k: [0, 0, 0],
  w: [255, 255, 255],
};

/**
 * The three numbers of a colour.
 * @throws `ENGINE_VISUALIZATION_BAD_COLOR`
 */
export function rgbOf(color: Color): Rgb {
  const rgb = typeof color === 'string' ? named(color) : color;
  if (rgb?.length === 3 && rgb.every((value) => value >= 0 && value <= 255)) return rgb;
  throw visualizationErrors.BAD_COLOR({
    expected: 'a CSS name, a letter of b g r c m y k w, #rrggbb, or three numbers of 0 to 255',
    received: `color = ${JSON.stringify(color)}`,
    action: 'name another colour',
  });
}

/** Whether this is one colour and not a list of them. */
export function isColor(value: Color | readonly unknown[]): value is Color {
  return typeof value === 'string' || typeof value[0] === 'number';
}

function named(color: string): Rgb | undefined {
  const name = color.toLowerCase();
  if (Object.hasOwn(LETTERS, name)) return LETTERS[name];
  const hex = CSS_COLORS.get(name) ?? /^#([\da-f]{3,4}|[\da-f]{6}|[\da-f]{8})$/.exec(name)?.[1];
  if (hex === undefined) return undefined;
  const digits = hex.length < 6 ? hex.replaceAll(/./g, '$&$&') : hex;
  const value = Number.parseInt(digits.slice(0, 6), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
