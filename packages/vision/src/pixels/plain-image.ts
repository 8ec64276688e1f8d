/** Pixels of a file that is not compressed: rows from the top, one channel or red, green, blue. */
export interface PlainImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint16Array;
}

/** Makes the error of a file, of what was found in it. */
export type Fail = (found: string) => Error;
