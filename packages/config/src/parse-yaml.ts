import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { requireDepth, tooDeep } from './depth.js';
import { type ParsedText, syntaxError } from './parsed-text.js';
import { type Path, positionKey } from './tree.js';

/**
 * YAML 1.2 (`1e-3` is a number, `yes` is text) with anchors, aliases and merge keys.
 *
 * @throws `ENGINE_CONFIG_SYNTAX` at the offending place, `ENGINE_CONFIG_TOO_DEEP`
 */
export function parseYaml(text: string, file: string): ParsedText {
  const lines = new LineCounter();
  const document = parsed(text, lines, file);
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const [error] = document.errors;
  if (error !== undefined)
    throw syntaxError('valid YAML', firstLine(error.message), {
      at: { file, ...position(error.pos[0]) },
      cause: error,
    });
  const positions = new Map<string, { line: number; column: number }>();
  collect(document.contents, [], (path, offset) => {
    requireDepth(path.length, { file, ...position(offset) });
    positions.set(positionKey(path), position(offset));
  });
  return { data: toPlain(document, file) ?? {}, positions };
}

/** The parser of the library calls itself for every level. */
function parsed(text: string, lineCounter: LineCounter, file: string): Document {
  try {
    // With the level 'silent' the library passes over a second document.
    return parseDocument(text, { lineCounter, merge: true, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    throw error instanceof RangeError
      ? tooDeep({ file }, error)
      : syntaxError('valid YAML', firstLine(String(error)), { at: { file }, cause: error });
  }
}

function toPlain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw syntaxError('valid YAML whose aliases resolve', firstLine(String(error)), { at: { file }, cause: error });
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}

/** The value under a key stands where its key does: a misspelt key is what people look for. */
function collect(node: unknown, path: Path, found: (path: Path, offset: number) => void, keyOffset?: number): void {
  const offset = keyOffset ?? (isNode(node) ? node.range?.[0] : undefined);
  if (offset !== undefined) found(path, offset);
  if (isSeq(node)) for (const [index, item] of node.items.entries()) collect(item, [...path, index], found);
  if (!isMap(node)) return;
  for (const pair of node.items) {
    if (isPair(pair) && isScalar(pair.key))
      collect(pair.value, [...path, String(pair.key.value)], found, pair.key.range?.[0]);
  }
}
