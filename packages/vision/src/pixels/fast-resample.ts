import { smoothTaps, type Taps } from './filters.js';
import type { NumberImage } from './number-image.js';
import type { Window } from './resample.js';
import { BEYOND, BITS, LOWER_BITS, PAIR_BYTES, resampleCode } from './resample-code.js';

/** The part of the platform's `WebAssembly` that is used here: TypeScript declares it with the DOM only. */
interface WebAssemblyApi {
  readonly Memory: new (limits: { initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
}
interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface Passes {
  across(...parameters: number[]): void;
  down(...parameters: number[]): void;
}

const COLOURS = 3;
const PAGE = 65_536;
const LOWER = (1 << LOWER_BITS) - 1;

/** What is resampled: a window of an image of bytes in three channels. */
export interface FastJob {
  readonly image: NumberImage;
  readonly window: Window;
  /** New width and height. */
  readonly width: number;
  readonly height: number;
  readonly interpolation: 'bilinear' | 'bicubic';
}

/** Integer resampling with vectors, in a memory of its own that grows to the largest image. One for each thread. */
export class FastResample {
  readonly #memory: Memory;
  readonly #passes: Passes;

  private constructor(api: WebAssemblyApi, code: Uint8Array) {
    this.#memory = new api.Memory({ initial: 1 });
    const imports = { env: { memory: this.#memory } };
    this.#passes = new api.Instance(new api.Module(code), imports).exports as Passes;
  }

  /** Undefined where the platform has no WebAssembly with vectors. */
  static make(): FastResample | undefined {
    const api = (globalThis as unknown as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;
    const code = resampleCode();
    return api?.validate(code) === true ? new FastResample(api, code) : undefined;
  }

  /** The bytes of the new image: a view of memory that the next call uses again. */
  run({ image, window, width, height, interpolation }: FastJob): Uint8Array {
    const [sourceRow, row] = [image.width * COLOURS, width * COLOURS];
    const columns = window.width === width ? undefined : packed(smoothTaps(window.width, width, interpolation));
    const rows = window.height === height ? undefined : packed(smoothTaps(window.height, height, interpolation));
    // one after the other: source, rows of the new width, new rows, tables
    const sourceBytes = window.height * sourceRow;
    const wide = padded(sourceBytes);
    const out = wide + padded((window.height + (rows?.overlap ?? 0)) * row);
    const tables = out + padded(height * row);
    this.#reserve(tables + padded(columns?.bytes ?? 0) + padded(rows?.bytes ?? 0));
    const memory = new Uint8Array(this.#memory.buffer);
    const first = (window.top * image.width + window.left) * COLOURS;
    const data = image.data as Uint8Array;
    if (columns === undefined)
      for (let y = 0; y < window.height; y++)
        memory.set(data.subarray(first + y * sourceRow, first + y * sourceRow + row), wide + y * row);
    else {
      memory.set(data.subarray(first, first + sourceBytes));
      const { places, weights, turn } = columns.put(this.#memory.buffer, tables, COLOURS);
      this.#passes.across(0, sourceBytes, sourceRow, places, weights, weights, turn, wide);
    }
    if (rows === undefined) return memory.subarray(wide, wide + height * row);
    const { places, weights, turn } = rows.put(this.#memory.buffer, tables + padded(columns?.bytes ?? 0), row);
    this.#passes.down(wide, row, places, weights, weights, turn, out);
    return memory.subarray(out, out + height * row);
  }

  #reserve(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
  }
}

/** To a multiple of 16, with room for what is read and written beyond the end. */
const padded = (bytes: number): number => ((bytes + BEYOND + 15) >> 4) << 4;

interface Tables {
  readonly bytes: number;
  /** How far, in old pixels, weights of nothing reach beyond the last. */
  readonly overlap: number;
  /** Writes them; `step`: bytes from one old pixel (or row) to the next. */
  put(buffer: ArrayBuffer, at: number, step: number): { places: number; weights: number; turn: number };
}

/** Weights in pairs, as many for each new pixel as the one with the most has. */
function packed({ first, count, weights, width }: Taps): Tables {
  let most = 1;
  let end = 0;
  for (let i = 0; i < first.length; i++) {
    most = Math.max(most, count[i] as number);
    end = Math.max(end, (first[i] as number) + (count[i] as number));
  }
  const pairs = (most + 1) >> 1;
  const turn = pairs * PAIR_BYTES;
  return {
    bytes: first.length * (4 + turn),
    overlap: 2 * pairs,
    put(buffer, at, step) {
      const places = new Int32Array(buffer, at, first.length);
      const halves = new Int16Array(buffer, at + 4 * first.length, (first.length * turn) / 2);
      halves.fill(0);
      for (let i = 0; i < first.length; i++) {
        places[i] = (first[i] as number) * step;
        for (let k = 0; k < (count[i] as number); k++) {
          const w = weights[i * width + k] as number;
          const integer = (w * (1 << BITS) + (w < 0 ? -0.5 : 0.5)) | 0;
          const to = (i * turn) / 2 + (k >> 1) * 4 + (k & 1);
          halves[to] = integer >> LOWER_BITS;
          halves[to + 2] = integer & LOWER;
        }
      }
      return { places: at, weights: at + 4 * first.length, turn };
    },
  };
}
