import { deserialize, serialize } from './serialize.js';

/** The bytes of all samples in one buffer and where each ends. Both buffers are shared: threads read the same memory. */
export interface SharedSamples {
  readonly bytes: SharedArrayBuffer;
  readonly ends: SharedArrayBuffer;
}

/** Many plain objects, either serialised in shared memory (the default) or as they are. Each read gives a new copy. */
export class SampleStore<T> {
  readonly #items: readonly T[] | undefined;
  readonly #bytes: Uint8Array;
  readonly #ends: Float64Array;

  private constructor(items: readonly T[] | undefined, shared: SharedSamples | undefined) {
    this.#items = items;
    this.#bytes = new Uint8Array(shared?.bytes ?? new SharedArrayBuffer(0));
    this.#ends = new Float64Array(shared?.ends ?? new SharedArrayBuffer(0));
  }

  /** @throws `ENGINE_DATASET_NOT_SERIALIZABLE` */
  static of<T>(items: readonly T[], { serialized }: { readonly serialized: boolean }): SampleStore<T> {
    if (!serialized) return new SampleStore(items, undefined);
    return SampleStore.#ofBytes(items.map((item) => serialize(item).slice()));
  }

  /** On what another thread shared. */
  static on<T>(shared: SharedSamples): SampleStore<T> {
    return new SampleStore<T>(undefined, shared);
  }

  static #ofBytes<T>(parts: readonly Uint8Array[]): SampleStore<T> {
    const ends = new Float64Array(new SharedArrayBuffer(parts.length * 8));
    let total = 0;
    parts.forEach((part, i) => {
      total += part.length;
      ends[i] = total;
    });
    const bytes = new Uint8Array(new SharedArrayBuffer(total));
    parts.forEach((part, i) => bytes.set(part, (ends[i] as number) - part.length));
    return new SampleStore<T>(undefined, {
      bytes: bytes.buffer as unknown as SharedArrayBuffer,
      ends: ends.buffer as unknown as SharedArrayBuffer,
    });
  }

  get isSerialized(): boolean {
    return this.#items === undefined;
  }

  /** The buffers, when serialised. */
  get shared(): SharedSamples | undefined {
    if (!this.isSerialized) return undefined;
    return {
      bytes: this.#bytes.buffer as unknown as SharedArrayBuffer,
      ends: this.#ends.buffer as unknown as SharedArrayBuffer,
    };
  }

  get length(): number {
    return this.#items?.length ?? this.#ends.length;
  }

  /** A copy of item `i`, which must exist. */
  read(i: number): T {
    if (this.#items !== undefined) return structuredClone(this.#items[i]) as T;
    const [start, end] = this.#place(i);
    return deserialize(this.#bytes, start, end) as T;
  }

  /** The items at `places`, independent of this store, kept as these are. */
  pick(places: readonly number[]): SampleStore<T> {
    const { isSerialized } = this;
    if (!isSerialized)
      return new SampleStore<T>(
        places.map((i) => this.read(i)),
        undefined,
      );
    return SampleStore.#ofBytes(places.map((i) => this.#bytes.subarray(...this.#place(i))));
  }

  #place(i: number): [number, number] {
    return [i === 0 ? 0 : (this.#ends[i - 1] as number), this.#ends[i] as number];
  }
}
