import type { Module } from './ast.js';
import { ExpressionConverter } from './expressions.js';
import { parseRaw } from './raw.js';
import { PythonSource } from './source.js';
import { StatementConverter } from './statements.js';

/**
 * The syntax tree of a Python file; `file` is what messages call it. Nothing is run.
 *
 * @throws `ENGINE_MMCOMPAT_SYNTAX`, `ENGINE_MMCOMPAT_TOO_DEEP`
 */
export function parsePython(text: string | PythonSource, file = 'config.py'): Module {
  const source = typeof text === 'string' ? new PythonSource(normalizeNewlines(text), file) : text;
  const { root, comments } = parseRaw(source);
  const expressions = new ExpressionConverter(source);
  return { kind: 'Module', body: new StatementConverter(source, expressions).all(root.children), comments, source };
}

/** As Python reads text: every line ends with a line feed, and a byte order mark says nothing. */
export function normalizeNewlines(text: string): string {
  return text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
}
