import type { LazyImage } from './lazy-image.js';

/** What a value of a channel becomes. */
type Change = (value: number, channel: number) => number;

/** Changes single values, each for itself, in the pass that makes the image: tables of all values of a byte are made once. */
export class PerValue {
  readonly #change: Change;
  readonly #tables = new WeakMap<Float32Array, Float32Array>();

  constructor(change: Change) {
    this.#change = change;
  }

  /** The image with its values changed; undefined where it does not consist of bytes with channels. */
  of(image: LazyImage): LazyImage | undefined {
    const { table } = image;
    if (table === undefined || image.shape.length !== 3) return undefined;
    const changed = this.#tables.get(table) ?? table.map((value, i) => this.#change(value, i >> 8));
    this.#tables.set(table, changed);
    return image.lookUp(changed);
  }
}
