/** A config as MMEngine dumps it to JSON and YAML. */

import { plainScalar } from '../config/yaml.js';
import { compareText, iterate } from '../values/compare.js';
import { floatRepr } from '../values/decimal.js';
import { PyDict, PySet } from '../values/dict.js';
import { typeError } from '../values/exception.js';
import { PyRange, PyTuple, type PyValue, typeName } from '../values/value.js';
import { endless } from './canonical.js';

const DEEPEST = 500;

/** Python's `json.dumps(value)`; tuples and sets become lists. @throws TypeError (Python's) for values that JSON does not have */
export function dumpJson(value: PyValue, depth = 0): string {
  if (depth > DEEPEST) throw endless();
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return jsonNumber(value);
  if (typeof value === 'string') return asciiJson(value);
  if (value instanceof PyDict) {
    const members = Array.from(
      value.entries(),
      (entry) => `${asciiJson(jsonKey(entry.key))}: ${dumpJson(entry.value, depth + 1)}`,
    );
    return `{${members.join(', ')}}`;
  }
  if (Array.isArray(value) || value instanceof PyTuple || value instanceof PySet || value instanceof PyRange)
    return `[${Array.from(iterate(value), (item) => dumpJson(item, depth + 1)).join(', ')}]`;
  throw typeError(`${typeName(value)} is unsupported for json dump`);
}

function jsonNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? floatRepr(value) : value > 0 ? 'Infinity' : '-Infinity';
}

function jsonKey(key: PyValue): string {
  if (typeof key === 'string') return key;
  if (typeof key === 'number') return jsonNumber(key);
  if (key === null || typeof key === 'boolean' || typeof key === 'bigint') return String(key);
  throw typeError(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
}

function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) =>
    unit === '\u007f' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** PyYAML's `yaml.dump(value)`: block style, sorted keys. @throws TypeError (Python's) for values that YAML does not have */
export function dumpYaml(value: PyValue): string {
  const inline = inlineYaml(value, 0);
  if (inline !== undefined) return isPlainEnd(value) ? `${inline}\n...\n` : `${inline}\n`;
  return `${blockYaml(value, '', 0).replace(/^\n/, '')}\n`;
}

/** A document that is one plain scalar ends with dots. */
function isPlainEnd(value: PyValue): boolean {
  return (
    !(value instanceof PyDict) &&
    !Array.isArray(value) &&
    !(value instanceof PyTuple) &&
    !(typeof value === 'string' && !isPlain(value))
  );
}

function inlineYaml(value: PyValue, indent: number): string | undefined {
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return yamlFloat(value);
  if (typeof value === 'string') return yamlText(value, indent);
  if (value instanceof PyDict) return value.size === 0 ? '{}' : undefined;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : undefined;
  if (value instanceof PyTuple) return value.items.length === 0 ? '!!python/tuple []' : undefined;
  if (value instanceof PySet) return value.members.size === 0 ? '!!set {}' : undefined;
  throw typeError(`cannot represent an object of type ${typeName(value)}`);
}

function blockYaml(value: PyValue, margin: string, depth: number): string {
  if (depth > DEEPEST) throw endless();
  if (value instanceof PySet)
    return ` !!set${Array.from(value.members.values(), (item) => `\n${margin}? ${inlineYaml(item, margin.length) ?? ''}`).join('')}`;
  if (value instanceof PyDict)
    return yamlEntries(value)
      .map(
        ({ key, value: item }) =>
          `\n${margin}${inlineYaml(key, margin.length) ?? ''}:${memberYaml(item, margin, depth)}`,
      )
      .join('');
  const items = value instanceof PyTuple ? value.items : (value as PyValue[]);
  const tag = value instanceof PyTuple ? ' !!python/tuple' : '';
  return tag + items.map((item) => `\n${margin}-${itemYaml(item, margin, depth)}`).join('');
}

function memberYaml(value: PyValue, margin: string, depth: number): string {
  const inline = inlineYaml(value, margin.length + 2);
  if (inline !== undefined) return ` ${inline}`;
  return blockYaml(value, value instanceof PyDict ? `${margin}  ` : margin, depth + 1);
}

function itemYaml(value: PyValue, margin: string, depth: number): string {
  const inline = inlineYaml(value, margin.length + 2);
  if (inline !== undefined) return ` ${inline}`;
  const block = blockYaml(value, `${margin}  `, depth + 1);
  return value instanceof PyTuple || value instanceof PySet ? block : ` ${block.replace(/^\n */, '')}`;
}

function yamlEntries(dict: PyDict) {
  const entries = [...dict.entries()];
  if (!entries.every(({ key }) => typeof key === 'string')) return entries;
  return entries.sort((left, right) => compareText(String(left.key), String(right.key)));
}

function yamlFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '.nan' : value > 0 ? '.inf' : '-.inf';
  const text = floatRepr(value);
  return text.includes('.') ? text : text.replace('e', '.0e');
}

const WIDTH = 80;

function isPlain(text: string): boolean {
  if (text === '' || typeof plainScalar(text) !== 'string' || text === '=' || text === '<<') return false;
  if (/^[\s]|[\s]$|[^\x20-\x7e]/.test(text)) return false;
  if (/^[#,[\]{}&*!|>'"%@`]|^[-?:](?:\s|$)|^---|^\.\.\./.test(text)) return false;
  return !/: |:$| #/.test(text);
}

function yamlText(text: string, indent: number): string {
  if (isPlain(text)) return folded(text, indent, ' ');
  if (/[^\x20-\x7e\n]/.test(text) || (/\n[ ]|[ ]\n|^[ \n]|[ ]$/.test(text) && text.includes('\n')))
    return doubleQuoted(text);
  return `'${folded(text.replaceAll("'", "''").replaceAll('\n', `\n\n${' '.repeat(indent)}`), indent, ' ')}'`;
}

/** Long texts go on in the next line, broken at single spaces. */
function folded(text: string, indent: number, separator: string): string {
  if (text.length + indent <= WIDTH || !text.includes(separator)) return text;
  const margin = ' '.repeat(indent);
  let [line, result] = ['', ''];
  for (const word of text.split(separator)) {
    if (line !== '' && indent + line.length > WIDTH) {
      result += `${line}\n${margin}`;
      line = word;
    } else line = line === '' ? word : `${line}${separator}${word}`;
  }
  return result + line;
}

const YAML_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '\x85': '\\N',
  '\xa0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function doubleQuoted(text: string): string {
  const escaped = Array.from(text, (character) => {
    const point = character.codePointAt(0) ?? 0;
    if (YAML_ESCAPES[character] !== undefined) return YAML_ESCAPES[character];
    if (point >= 32 && point < 127) return character;
    if (point < 256) return `\\x${point.toString(16).toUpperCase().padStart(2, '0')}`;
    return point < 65536
      ? `\\u${point.toString(16).toUpperCase().padStart(4, '0')}`
      : `\\U${point.toString(16).toUpperCase().padStart(8, '0')}`;
  });
  return `"${escaped.join('')}"`;
}
