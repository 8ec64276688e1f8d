import { parser } from '@lezer/python';
import { mmcompatErrors } from '../errors.js';
import type { Comment } from './ast.js';
import type { PythonSource } from './source.js';

/** A node as the grammar names it, without comments. */
export interface Raw {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly children: readonly Raw[];
}

export interface RawTree {
  readonly root: Raw;
  readonly comments: readonly Comment[];
}

/** Python itself stops at 200 brackets; each is up to three levels of the grammar. */
const DEEPEST = 800;

/** @throws `ENGINE_MMCOMPAT_SYNTAX` at the first place that is not Python, `ENGINE_MMCOMPAT_TOO_DEEP` */
export function parseRaw(source: PythonSource): RawTree {
  const cursor = parseTree(source).cursor();
  const comments: Comment[] = [];
  const root = { name: cursor.name, from: 0, to: source.text.length, children: [] as Raw[] };
  const stack = [root];
  if (!cursor.firstChild()) return { root, comments };
  for (;;) {
    const { name, from, to } = cursor;
    if (cursor.type.isError) throw syntaxError(source, from);
    if (name === 'Comment') comments.push({ text: source.text.slice(from, to), start: from, end: to });
    else {
      const node = { name, from, to, children: [] as Raw[] };
      stack.at(-1)?.children.push(node);
      if (cursor.firstChild()) {
        if (stack.push(node) > DEEPEST) throw tooDeep(source, from);
        continue;
      }
    }
    while (!cursor.nextSibling()) {
      stack.pop();
      if (!cursor.parent() || stack.length === 0) return { root, comments };
    }
  }
}

function parseTree(source: PythonSource) {
  try {
    return parser.parse(forGrammar(source.text));
  } catch (error) {
    if (error instanceof RangeError) throw tooDeep(source, 0);
    throw error;
  }
}

/**
 * The grammar knows neither `1.` nor a bare `yield`. Both are given to it as something it does know and that is as long; values are always read
 * from the text itself, so that it does not matter when a string holds one of them.
 */
function forGrammar(text: string): string {
  return text
    .replace(/(?<![\w.])(\d[\d_]*)\.(?=[eEjJ][\d+-]|[jJ]\b|[^\w.]|$)/g, '$1_')
    .replace(/\byield(?=[ \t]*(?:[)#\n]|$))/g, BARE_YIELD);
}

/** How {@link forGrammar} spells a `yield` that stands alone. */
const BARE_YIELD = '_ield';

export function syntaxError(source: PythonSource, offset: number, reason = 'invalid syntax'): Error {
  const place = source.locate(Math.min(offset, source.text.length));
  const line = source.original.split('\n')[place.line - 1]?.trim() ?? '';
  return mmcompatErrors.SYNTAX({
    subject: source.file,
    expected: 'a file that is valid Python',
    received: `${reason}: ${line.length > 80 ? `${line.slice(0, 77)}...` : line || 'the end of the file'}`,
    action: 'correct the file; a bracket or a quote before this place may be open',
    at: place,
  });
}

function tooDeep(source: PythonSource, offset: number): Error {
  return mmcompatErrors.TOO_DEEP({
    subject: source.file,
    expected: 'expressions that nest less deeply',
    received: `more than ${DEEPEST} levels`,
    action: 'give parts of the value names of their own',
    at: source.locate(offset),
  });
}
