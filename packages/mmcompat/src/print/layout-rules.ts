/** Where a line must be broken, whatever it costs. */
import { INDENT, type LayoutState, WIDTH } from './layout-state.js';
import { closes, opens, type Token } from './layout-tokens.js';

export function mustBreak(state: LayoutState): boolean {
  const token = state.tokens[state.next] as Token;
  const before = state.tokens[state.next - 1] as Token;
  if (token.mustBreak) return true;
  if (state.top.breaksBeforeClosing && token.kind === 'mark' && (token.text === '}' || token.text === ']')) return true;
  if (isMark(token, ')') && isMark(before, ',')) return commas(state, token.match) !== 1;
  if (token.isKey) return !isLoneEntry(state, before);
  if (token.isDictValue && !opens(token) && !entriesFit(state, token.around)) return true;
  if (token.isArgument) return isArgumentBroken(state, token, before);
  if (isFirstArgument(state, token, before)) return true;
  return opens(before) && !opens(token) && isBrokenAfter(state, before);
}

function isMark(token: Token | undefined, text: string): boolean {
  return token?.kind === 'mark' && token.text === text;
}

function fits(state: LayoutState, start: Token, end: Token): boolean {
  return end.total - start.total + start.text.length + state.column <= WIDTH;
}

function pairFits(state: LayoutState, open: Token): boolean {
  return open.match === undefined || fits(state, open, open.match);
}

function commas({ tokens }: LayoutState, open: Token | undefined): number {
  if (open?.match === undefined) return 0;
  return tokens.slice(open.index + 1, open.match.index).filter((each) => each.around === open && isMark(each, ','))
    .length;
}

/** A dict of one entry stays with the brackets of its call while it fits. */
function isLoneEntry(state: LayoutState, before: Token): boolean {
  return isMark(before, '{') && pairFits(state, before) && commas(state, before) === 0;
}

/** Whether each `key: value` of a dict fits on a line of its own. */
function entriesFit(state: LayoutState, open: Token | undefined): boolean {
  if (open?.match === undefined) return true;
  const indent = state.levels.at(-2)?.indent ?? 0;
  const inside = state.tokens
    .slice(open.index + 1, open.match.index)
    .filter((each) => each.around === open || (closes(each) && each.match?.around === open));
  let start = inside[0];
  for (const [index, token] of inside.entries()) {
    if (!token.isKey || token === start || start === undefined) continue;
    const last = inside[index - 2];
    const isContainer = last !== undefined && closes(last) && isMark(state.tokens[(last.match?.index ?? 0) - 1], ':');
    if (last !== undefined && !isContainer && last.total - start.total + start.text.length + indent >= WIDTH)
      return false;
    start = token;
  }
  const last = state.tokens[open.match.index - 1];
  return last === undefined || start === undefined || last.total - start.total + start.text.length + indent <= WIDTH;
}

/** Several named arguments go on lines of their own unless all of them fit on one. */
function isArgumentBroken(state: LayoutState, token: Token, before: Token): boolean {
  if (!isMark(before, '(')) {
    const open = token.around;
    return open?.match !== undefined && open.match.total - open.total + state.top.indent > WIDTH;
  }
  if (pairFits(state, before) && before.around !== undefined) return false;
  return state.column - state.top.lineStart > INDENT;
}

/** A call whose only argument starts with a call or a tuple. */
function isFirstArgument(state: LayoutState, token: Token, before: Token): boolean {
  if (
    token.kind !== 'name' ||
    !isMark(before, '(') ||
    state.tokens[before.index - 1]?.kind !== 'name' ||
    pairFits(state, before)
  )
    return false;
  for (let index = token.index; ; index++) {
    const each = state.tokens[index];
    if (isMark(each, '(')) return !isMark(state.tokens[index + 1], ')');
    if (each?.kind !== 'name' && each?.kind !== 'keyword' && !isMark(each, '=')) return false;
  }
}

function isBrokenAfter(state: LayoutState, before: Token): boolean {
  if (!isMark(before, '(')) return !pairFits(state, before);
  if (state.tokens[before.index - 1]?.kind !== 'name' || pairFits(state, before)) return false;
  if (before.elements.length === 1) return false;
  const stops = [...before.elements, before.match].filter((each) => each !== undefined);
  for (const [index, stop] of stops.entries()) {
    const start = stops[index - 1];
    if (start !== undefined && !opens(start) && !fits(state, start, stop)) return true;
  }
  return (WIDTH - state.column) / WIDTH < 0.3;
}
