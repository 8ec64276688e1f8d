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
  collect(document.contents, [], {
    value: (path, offset) => {
      requireDepth(path.length, { file, ...position(offset) });
      positions.set(positionKey(path), position(offset));
    },
    twice: (key, offset) => {
      throw syntaxError('keys that are all different', `${key} once more`, { at: { file, ...position(offset) } });
    },
  });
  return { data: toPlain(document, file) ?? {}, positions };
}

/** The parser of the library calls itself for every level. */
function parsed(text: string, lineCounter: LineCounter, file: string): Document {
  try {
    // With the level 'silent' the library passes over a second document.
    // That no key comes twice is seen to by whoever collects them: the library compares each with each.
    return parseDocument(text, {
      lineCounter,
      merge: true,
      prettyErrors: false,
      logLevel: 'error',
      uniqueKeys: false,
    });
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

interface Found {
  value(path: Path, offset: number): void;
  twice(key: string, offset: number): void;
}

/** The value under a key stands where its key does: a misspelt key is what people look for. */
function collect(node: unknown, path: Path, found: Found, keyOffset?: number): void {
  const offset = keyOffset ?? (isNode(node) ? node.range?.[0] : undefined);
  if (offset !== undefined) found.value(path, offset);
  if (isSeq(node)) for (const [index, item] of node.items.entries()) collect(item, [...path, index], found);
  if (!isMap(node)) return;
  const keys = new Set<string>();
  for (const pair of node.items) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    const key = String(pair.key.value);
    if (keys.has(key) && key !== '<<') found.twice(key, pair.key.range?.[0] ?? 0);
    keys.add(key);
    collect(pair.value, [...path, key], found, pair.key.range?.[0]);
  }
}
