import { mmcompatErrors } from '../errors.js';
import { PyDict, PySet } from '../values/dict.js';
import { PyTuple, type PyValue } from '../values/value.js';

/** How much a config may do. Real ones need a thousandth of it. */
export interface Limits {
  /** Statements, expressions and loop turns; default 2 million. */
  readonly steps?: number;
  /** Characters and elements that are made; default 20 million. */
  readonly elements?: number;
  /** Values of a config, each counted wherever it stands; default 1 million. */
  readonly values?: number;
  /** Nesting of calls and expressions while running; default 400. */
  readonly depth?: number;
  /** Bytes of one file; default 1 MB. */
  readonly fileBytes?: number;
  /** Files of one config; default 1000. */
  readonly files?: number;
}

/** Counts the work of one config with all its bases. */
export class Budget {
  readonly fileBytes: number;
  readonly #most: Required<Omit<Limits, 'fileBytes'>>;
  #steps = 0;
  #elements = 0;
  #depth = 0;
  #files = 0;

  constructor({
    steps = 2_000_000,
    elements = 20_000_000,
    values = 1_000_000,
    depth = 400,
    fileBytes = 1_000_000,
    files = 1000,
  }: Limits = {}) {
    this.#most = { steps, elements, values, depth, files };
    this.fileBytes = fileBytes;
  }

  step(): void {
    this.#spend(1);
  }

  /** Accounts for an operation that goes through all of a value: a step for every 2 elements, at any depth, or 64 characters. */
  weigh(value: PyValue, depth = 0): void {
    if (typeof value === 'string') {
      if (value.length > FREE_CHARACTERS) this.#spend(value.length / FREE_CHARACTERS);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    if (depth > DEEPEST) throw tooDeep(`a value of more than ${DEEPEST} levels`);
    const items = membersOf(value);
    this.#spend(items.length / FREE_ELEMENTS);
    for (const item of items) this.weigh(item, depth + 1);
  }

  /** Accounts for a value as it is when everything in it is written out, which sharing can make far more than what is stored. */
  whole(value: PyValue): void {
    let count = 0;
    const walk = (each: PyValue, depth: number): void => {
      count += 1;
      if (count > this.#most.values) throw tooLarge(this.#most.values, 'values that hold each other again and again');
      if (depth > DEEPEST) throw tooDeep(`a value of more than ${DEEPEST} levels`);
      if (typeof each === 'object' && each !== null) for (const item of membersOf(each)) walk(item, depth + 1);
    };
    walk(value, 0);
  }

  #spend(steps: number): void {
    this.#steps += steps;
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
    if (this.#elements > this.#most.elements) throw tooLarge(this.#most.elements, `${Number(count)} more`);
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

const FREE_CHARACTERS = 64;
const FREE_ELEMENTS = 2;
const DEEPEST = 500;

function membersOf(value: Exclude<PyValue, null | boolean | bigint | number | string>): readonly PyValue[] {
  if (Array.isArray(value)) return value;
  if (value instanceof PyTuple) return value.items;
  if (value instanceof PyDict) return value.values();
  return value instanceof PySet ? [...value.members.values()] : [];
}

function tooLarge(most: number, received: string): Error {
  return mmcompatErrors.TOO_LARGE({
    expected: `values of at most ${most} characters and elements together`,
    received,
    action: 'make the text, list or range smaller',
  });
}

export function tooDeep(received: string): Error {
  return mmcompatErrors.TOO_DEEP({
    expected: 'calls, expressions and bases that nest less deeply',
    received,
    action: 'look for a function that calls itself without end',
  });
}
