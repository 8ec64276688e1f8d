/** YAML as PyYAML reads and writes it: the scalars of YAML 1.1, block style, sorted keys. */
import { createRequire } from 'node:module';
import type { Node, Pair, Scalar } from 'yaml';
import { mmcompatErrors } from '../errors.js';
import { PythonSource, type Shift } from '../syntax/source.js';
import { PyDict } from '../values/dict.js';
import { PyOpaque, type PyValue } from '../values/value.js';

const INTEGER = /^[-+]?(?:0b[01_]+|0[0-7_]+|0|[1-9][\d_]*|0x[\da-fA-F_]+|[1-9][\d_]*(?::[0-5]?\d)+)$/;
const FLOAT =
  /^(?:[-+]?\d[\d_]*\.[\d_]*(?:[eE][-+]\d+)?|\.[\d][\d_]*(?:[eE][-+]\d+)?|[-+]?\d[\d_]*(?::[0-5]?\d)+\.[\d_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const DATE = /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)?$/;
const YES = new Set(['yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const NO = new Set(['no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NULL = new Set(['', '~', 'null', 'Null', 'NULL']);
type Yaml = typeof import('yaml');

let loaded: Yaml | undefined;

/** The parser is loaded when a YAML file is met, which most configs have none of; at once, as a base may be read while a config runs. */
function yaml(): Yaml {
  loaded ??= createRequire(import.meta.url)('yaml') as Yaml;
  return loaded;
}

/** More nodes than any config has; aliases count each time they are used. */
const MOST_NODES = 200_000;

/** What a plain scalar means. */
export function plainScalar(text: string): PyValue {
  if (NULL.has(text)) return null;
  if (YES.has(text)) return true;
  if (NO.has(text)) return false;
  if (INTEGER.test(text)) return integer(text.replaceAll('_', ''));
  if (FLOAT.test(text)) return float(text.replaceAll('_', ''));
  if (DATE.test(text)) return new PyOpaque('date', `datetime.date(${text})`);
  return text;
}

function integer(text: string): bigint {
  const sign = text.startsWith('-') ? -1n : 1n;
  const digits = text.replace(/^[-+]/, '');
  if (digits.includes(':')) return sign * digits.split(':').reduce((value, part) => value * 60n + BigInt(part), 0n);
  return sign * BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits);
}

function float(text: string): number {
  const lower = text.toLowerCase();
  if (lower.endsWith('.inf')) return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (lower === '.nan') return Number.NaN;
  if (!text.includes(':')) return Number(text);
  const parts = text.replace(/^[-+]/, '').split(':');
  const value = parts.reduce((sum, part) => sum * 60 + Number(part), 0);
  return text.startsWith('-') ? -value : value;
}

/** @throws `ENGINE_MMCOMPAT_SYNTAX`, `ENGINE_MMCOMPAT_TOO_LARGE` */
export function parseYaml(text: string, file: string, given = new PythonSource(text, file)): PyValue {
  let source = given;
  const { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } = yaml();
  const parse = (written: string) =>
    parseDocument(written, {
      schema: 'failsafe',
      version: '1.1',
      merge: true,
      lineCounter: new LineCounter(),
      uniqueKeys: false,
      keepSourceTokens: false,
    });
  let document = parse(text);
  if (document.errors.some(({ code, message }) => code === 'MISSING_CHAR' && message.includes('closing'))) {
    source = withIndentedQuotes(text, file);
    document = parse(source.text);
  }
  const [error] = document.errors;
  if (error !== undefined) {
    throw mmcompatErrors.SYNTAX({
      subject: file,
      expected: 'valid YAML',
      received: error.message.split('\n', 1)[0] ?? '',
      action: 'correct the file',
      at: source.locate(error.pos[0]),
    });
  }
  let nodes = 0;
  const read = (node: unknown): PyValue => {
    nodes += 1;
    if (nodes > MOST_NODES) throw tooManyNodes(file);
    if (isAlias(node)) return read(node.resolve(document));
    if (isScalar(node)) return scalar(node);
    if (isSeq(node)) return node.items.map(read);
    if (isMap(node)) return mapOf(node.items, read, source);
    return null;
  };
  return read(document.contents);
}

/**
 * PyYAML lets a quoted text go on at any column, the standard only further in than its key. White space at the start of its lines says
 * nothing, so some is put there.
 */
function withIndentedQuotes(original: string, file: string): PythonSource {
  const quoted = /(?:^|[:\-,[{][ \t]+)('(?:[^']|'')*'|"(?:[^"\\]|\\[\s\S])*")/gm;
  const shifts: Shift[] = [];
  let text = '';
  let end = 0;
  for (const match of original.matchAll(quoted)) {
    for (let at = match[0].indexOf('\n', 1); at !== -1; at = match[0].indexOf('\n', at + 1)) {
      const next = match.index + at + 1;
      text += original.slice(end, next) + INDENT;
      end = next;
      shifts.push({ offset: text.length, shift: text.length - end });
    }
  }
  return new PythonSource(text + original.slice(end), file, original, shifts);
}

const INDENT = ' '.repeat(40);

function tooManyNodes(file: string): Error {
  return mmcompatErrors.TOO_LARGE({
    subject: file,
    expected: `at most ${MOST_NODES} values, each use of an alias counted`,
    received: 'more',
    action: 'look for aliases of aliases',
  });
}

function scalar({ value, type, tag }: Scalar): PyValue {
  const text = typeof value === 'string' ? value : '';
  if (tag === 'tag:yaml.org,2002:str' || (type !== 'PLAIN' && type !== undefined)) return text;
  return plainScalar(text);
}

function mapOf(pairs: readonly Pair[], read: (node: unknown) => PyValue, source: PythonSource): PyDict {
  const dict = new PyDict();
  const merged = new PyDict();
  for (const { key, value } of pairs) {
    if (yaml().isScalar(key) && key.value === '<<' && key.type === 'PLAIN') {
      const base = read(value);
      for (const each of Array.isArray(base) ? base : [base])
        if (each instanceof PyDict) for (const entry of each.entries()) if (!merged.has(entry.key)) merged.put(entry);
      continue;
    }
    const start = (key as Node | null)?.range?.[0] ?? 0;
    dict.set(read(key), read(value), { source, start });
  }
  if (merged.size === 0) return dict;
  for (const entry of dict.entries()) merged.put(entry);
  return merged;
}
