/**
 * A config as Python source, laid out as MMEngine's `pretty_text` is: the PEP 8 style of yapf. Of all ways to break a line the cheapest is taken;
 * lists and tuples, which end in a comma, have each element on a line of its own.
 */
import type { PyDict } from '../values/dict.js';
import { mustBreak } from './layout-rules.js';
import { LayoutState, WIDTH } from './layout-state.js';
import { sortedEntries, type Token, tokensOf } from './layout-tokens.js';
import { Queue } from './queue.js';

/** After so many ways to begin, those that stand at the same place of a line count as the same, as in yapf. */
const THOROUGH = 10_000;

/** @throws `ENGINE_MMCOMPAT_NOT_PRINTABLE`, `ENGINE_MMCOMPAT_TOO_LARGE` */
export function formatPython(config: PyDict): string {
  return sortedEntries(config)
    .map(({ name, value }) => `${layOut(tokensOf(name, value))}\n`)
    .join('');
}

function layOut(tokens: readonly Token[]): string {
  const isOneLine = (tokens.at(-1)?.total ?? 0) <= WIDTH && !tokens.some((token) => token.mustBreak);
  const indents = isOneLine ? new Map<number, number>() : cheapestBreaks(tokens);
  return tokens
    .map((token) => {
      const indent = indents.get(token.index);
      return (indent === undefined ? ' '.repeat(token.spaces) : `\n${' '.repeat(indent)}`) + token.text;
    })
    .join('');
}

/** A way to place the first tokens. */
interface Step {
  readonly state: LayoutState;
  readonly before: Step | undefined;
  /** The column of the last token, where it starts a line. */
  readonly indent: number | undefined;
}

/** The states that were gone on from. */
class Seen {
  readonly #keys = new Set<string>();
  readonly #places = new Set<string>();

  /** Whether it is new; only `isRough` states are compared by their place on the line alone. */
  add(state: LayoutState, isRough: boolean): boolean {
    const { place } = state;
    const isNew = isRough ? !this.#places.has(place) : !this.#keys.has(state.key);
    this.#places.add(place);
    if (!isRough) this.#keys.add(state.key);
    return isNew;
  }
}

/** The tokens that start lines, with their columns: a shortest path. */
function cheapestBreaks(tokens: readonly Token[]): Map<number, number> {
  const queue = new Queue<Step>();
  const seen = new Seen();
  queue.push({ state: LayoutState.start(tokens), before: undefined, indent: undefined }, 0);
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { item, cost } = next;
    const { state } = item;
    if (state.next >= tokens.length) return breaksOf(item);
    if (!seen.add(state, queue.pushed > THOROUGH)) continue;
    const isRequired = mustBreak(state);
    if (!isRequired) {
      const placed = state.put(false, false);
      queue.push({ state: placed.state, before: item, indent: undefined }, cost + placed.penalty);
    }
    if (isRequired || tokens[state.next]?.canBreak === true) {
      const placed = state.put(true, isRequired);
      queue.push({ state: placed.state, before: item, indent: placed.indent }, cost + placed.penalty);
    }
  }
  return new Map();
}

function breaksOf(last: Step): Map<number, number> {
  const breaks = new Map<number, number>();
  for (let step: Step | undefined = last; step !== undefined; step = step.before) {
    if (step.indent !== undefined) breaks.set(step.state.next - 1, step.indent);
  }
  return breaks;
}
