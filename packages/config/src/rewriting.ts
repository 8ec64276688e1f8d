import { LineStarts } from './line-starts.js';

/** From `offset` on, a text lies `shift` characters after its place before the replacements. */
interface Shift {
  readonly offset: number;
  readonly shift: number;
}

interface Place {
  readonly line: number;
  readonly column: number;
}

/** Remembers what was replaced in the text of a file, so that places in the result lead back to the file. */
export class Rewriting {
  readonly #original: string;
  readonly #passes: (readonly Shift[])[] = [];

  constructor(original: string) {
    this.#original = original;
  }

  /** Replaces all matches of a pattern; `text` is what the replacements before gave. */
  replace(text: string, pattern: RegExp, replacement: (match: RegExpExecArray) => string): string {
    const shifts: Shift[] = [];
    let result = '';
    let end = 0;
    for (const match of text.matchAll(pattern)) {
      result += text.slice(end, match.index) + replacement(match);
      end = match.index + match[0].length;
      shifts.push({ offset: result.length, shift: result.length - end });
    }
    this.#passes.push(shifts);
    return result + text.slice(end);
  }

  /** Gives for lines and columns, from 1, of the text as it is now those in the file; what follows a replacement on its line is moved back. */
  placesIn(text: string): (place: Place) => Place {
    if (this.#passes.every((shifts) => shifts.length === 0)) return (place) => place;
    const [now, file] = [new LineStarts(text), new LineStarts(this.#original)];
    return (place) => file.position(this.#passes.reduceRight(unshifted, now.offset(place)));
  }
}

/** The offset before a pass of replacements. */
function unshifted(offset: number, shifts: readonly Shift[]): number {
  let low = 0;
  let high = shifts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((shifts[middle]?.offset ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, offset - (shifts[low - 1]?.shift ?? 0));
}
