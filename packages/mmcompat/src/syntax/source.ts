import type { SourceLocation } from '@engine/core';

/** Where a text was changed before it was parsed: from `offset` on, it lies `shift` characters after its place in the file. */
export interface Shift {
  readonly offset: number;
  readonly shift: number;
}

/** The text of a Python file: finds line and column of an offset. */
export class PythonSource {
  readonly text: string;
  readonly file: string;
  /** The text as it stands in the file; differs where variables were filled in. */
  readonly original: string;
  readonly #shifts: readonly Shift[];
  #lines: readonly number[] | undefined;

  constructor(text: string, file: string, original = text, shifts: readonly Shift[] = []) {
    this.text = text;
    this.file = file;
    this.original = original;
    this.#shifts = shifts;
  }

  /** Line and column, both from 1, in the file as written. */
  locate(offset: number): SourceLocation & { readonly line: number; readonly column: number } {
    const place = this.#unshift(offset);
    const lines = (this.#lines ??= lineStarts(this.original));
    let [low, high] = [0, lines.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((lines[middle] ?? 0) <= place) low = middle;
      else high = middle - 1;
    }
    return { file: this.file, line: low + 1, column: place - (lines[low] ?? 0) + 1 };
  }

  #unshift(offset: number): number {
    let shift = 0;
    for (const change of this.#shifts) {
      if (change.offset > offset) break;
      shift = change.shift;
    }
    return Math.min(Math.max(0, offset - shift), this.original.length);
  }
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}
