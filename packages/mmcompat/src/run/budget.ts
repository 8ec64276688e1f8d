import { mmcompatErrors } from '../errors.js';

/** How much a config may do. Real ones need a thousandth of it. */
export interface Limits {
  /** Statements, expressions and loop turns; default 2 million. */
  readonly steps?: number;
  /** Characters and elements that are made; default 20 million. */
  readonly elements?: number;
  /** Nesting of calls and expressions while running; default 400. */
  readonly depth?: number;
  /** Bytes of one file; default 4 MB. */
  readonly fileBytes?: number;
  /** Files of one config; default 1000. */
  readonly files?: number;
}

/** Counts the work of one config with all its bases. */
export class Budget {
  readonly fileBytes: number;
  readonly #most: { readonly steps: number; readonly elements: number; readonly depth: number; readonly files: number };
  #steps = 0;
  #elements = 0;
  #depth = 0;
  #files = 0;

  constructor({
    steps = 2_000_000,
    elements = 20_000_000,
    depth = 400,
    fileBytes = 4_000_000,
    files = 1000,
  }: Limits = {}) {
    this.#most = { steps, elements, depth, files };
    this.fileBytes = fileBytes;
  }

  step(): void {
    this.#steps += 1;
    if (this.#steps > this.#most.steps) {
      throw mmcompatErrors.TOO_MANY_STEPS({
        expected: `a config that is done after ${this.#most.steps} steps`,
        received: 'one that is not',
        action: 'look for a loop without end or over a huge range',
      });
    }
  }

  allocate(count: number | bigint): void {
    this.#elements += Number(count);
    if (this.#elements > this.#most.elements) {
      throw mmcompatErrors.TOO_LARGE({
        expected: `values of at most ${this.#most.elements} characters and elements together`,
        received: `${Number(count)} more`,
        action: 'make the text, list or range smaller',
      });
    }
  }

  enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#most.depth) throw tooDeep(`more than ${this.#most.depth} levels`);
  }

  leave(): void {
    this.#depth -= 1;
  }

  /** Accounts for one more file. */
  file(): void {
    this.#files += 1;
    if (this.#files > this.#most.files) throw tooDeep(`more than ${this.#most.files} files`);
  }
}

export function tooDeep(received: string): Error {
  return mmcompatErrors.TOO_DEEP({
    expected: 'calls, expressions and bases that nest less deeply',
    received,
    action: 'look for a function that calls itself without end',
  });
}
