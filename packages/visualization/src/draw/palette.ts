import type { Rgb } from './color.js';

const GOLDEN_TURN = 0.618_033_988_749_895;

/**
 * The colour of class `index`: hues a golden section of the circle apart, so that neighbours differ however many classes there are;
 * every ten classes they get darker. The same index has the same colour everywhere.
 */
export function classColor(index: number): Rgb {
  const hue = ((index * GOLDEN_TURN) % 1) * 6;
  const value = [1, 0.8, 0.6][Math.floor(index / 10) % 3] ?? 1;
  const channel = (shift: number) => {
    const place = (shift + hue) % 6;
    const dip = 0.85 * Math.max(0, Math.min(place, 4 - place, 1));
    return Math.round(255 * value * (1 - dip));
  };
  return [channel(5), channel(3), channel(1)];
}

/** Colours of `count` classes. */
export function palette(count: number): Rgb[] {
  return Array.from({ length: count }, (_, index) => classColor(index));
}

/** Black or white, whichever can be read on `color`. */
export function contrastTo([red, green, blue]: Rgb): Rgb {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140 ? [0, 0, 0] : [255, 255, 255];
}
