import { LONGEST_INTEGER } from './limits.js';
import type { Refuse } from './refuse.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Reads the operands of pickle opcodes one after the other. */
export class PickleCursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #refuse: Refuse;
  /** Where the next byte is read. */
  at: number;

  constructor(bytes: Uint8Array, at: number, refuse: Refuse) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#refuse = refuse;
    this.at = at;
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint64(): number {
    return Number(this.#view.getBigUint64(this.#take(8), true));
  }

  /** Most significant byte first, as pickles have it. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8), false);
  }

  /** A copy, which outlives the file. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  text(length: number): string {
    const at = this.#take(length);
    return decoder.decode(this.#bytes.subarray(at, at + length));
  }

  /** Up to the next line feed, which is taken and not returned. */
  line(): string {
    const end = this.#bytes.indexOf(10, this.at);
    if (end < 0) throw this.#refuse.truncated('a line feed in the pickled structure', 'none');
    const text = this.text(end - this.at);
    this.at += 1;
    return text;
  }

  /** A two's complement whole number of any length, least significant byte first. */
  integer(length: number): bigint {
    if (length > LONGEST_INTEGER)
      throw this.#refuse.limit(`whole numbers of at most ${LONGEST_INTEGER} bytes`, `one of ${length} bytes`);
    let value = 0n;
    for (const byte of this.bytes(length).reverse()) value = (value << 8n) | BigInt(byte);
    return BigInt.asIntN(8 * length, value);
  }

  #take(length: number): number {
    const { at } = this;
    if (length > this.#bytes.length - at)
      throw this.#refuse.truncated(
        `${length} more bytes of the pickled structure`,
        `${this.#bytes.length - at}, from byte ${at} on`,
      );
    this.at += length;
    return at;
  }
}
