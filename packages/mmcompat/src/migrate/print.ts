/** Lays code out in lines of at most {@link WIDTH} columns, with the comments where they were. */
import type { ArrayCode, Code, Commented, ObjectCode } from './code.js';

export const WIDTH = 120;
const STEP = '  ';

/** Code that starts in column `column` of a line indented by `indent`. */
export function printCode(code: Code, indent = '', column = indent.length): string {
  const line = flat(code);
  if (line !== undefined && column + line.length <= WIDTH - 1) return line;
  switch (code.kind) {
    case 'object':
      return printObject(code, indent);
    case 'array':
      return printArray(code, indent);
    case 'text':
      return code.parts.map((part) => (typeof part === 'string' ? part : printCode(part, indent, column))).join('');
  }
}

/** On one line; undefined where a comment needs the line's end. */
function flat(code: Code): string | undefined {
  switch (code.kind) {
    case 'object':
      return flatObject(code);
    case 'array':
      return flatArray(code);
    case 'text': {
      const parts = code.parts.map((part) => (typeof part === 'string' ? part : flat(part)));
      return parts.includes(undefined) ? undefined : parts.join('');
    }
  }
}

function flatObject({ properties, tail }: ObjectCode): string | undefined {
  if (tail.length > 0 || properties.some(hasComment)) return undefined;
  const parts = properties.map(({ key, value }) => {
    const text = flat(value);
    return text === undefined ? undefined : propertyText(key, text);
  });
  if (parts.includes(undefined)) return undefined;
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}

function flatArray({ items, tail }: ArrayCode): string | undefined {
  if (tail.length > 0 || items.some(hasComment)) return undefined;
  const parts = items.map(({ value, isSpread }) => {
    const text = flat(value);
    return text === undefined ? undefined : `${isSpread ? '...' : ''}${text}`;
  });
  return parts.includes(undefined) ? undefined : `[${parts.join(', ')}]`;
}

function hasComment({ lead, trail }: Commented): boolean {
  return lead.length > 0 || trail !== undefined;
}

/** `key: value`, or `key` alone where the value is the variable of that name. */
export function propertyText(key: string | undefined, value: string): string {
  if (key === undefined) return `...${value}`;
  return key === value ? key : `${keyText(key)}: ${value}`;
}

function keyText(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) || /^(0|[1-9]\d*)$/.test(key)
    ? key
    : `'${key.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function printObject({ properties, tail }: ObjectCode, indent: string): string {
  const inner = indent + STEP;
  const lines = properties.flatMap(({ key, value, lead, trail }) => {
    const start = key === undefined ? '...' : `${keyText(key)}: `;
    const text = propertyText(key, printCode(value, inner, inner.length + start.length));
    return [...lead.map((line) => inner + line), `${inner}${text},${trail === undefined ? '' : ` ${trail}`}`];
  });
  return ['{', ...lines, ...tail.map((line) => inner + line), `${indent}}`].join('\n');
}

function printArray(code: ArrayCode, indent: string): string {
  const inner = indent + STEP;
  const filled = fill(code, inner);
  if (filled !== undefined) return ['[', ...filled, `${indent}]`].join('\n');
  const lines = code.items.flatMap(({ value, isSpread, lead, trail }) => {
    const dots = isSpread ? '...' : '';
    const text = `${dots}${printCode(value, inner, inner.length + dots.length)}`;
    return [...lead.map((line) => inner + line), `${inner}${text},${trail === undefined ? '' : ` ${trail}`}`];
  });
  return ['[', ...lines, ...code.tail.map((line) => inner + line), `${indent}]`].join('\n');
}

/** A list of literals alone fills its lines. */
function fill({ items, tail }: ArrayCode, indent: string): string[] | undefined {
  const isPlain = tail.length === 0 && items.every((item) => !hasComment(item) && isLiteral(item.value));
  if (!isPlain) return undefined;
  const lines: string[] = [];
  let line = indent;
  for (const { value } of items) {
    const text = `${flat(value)},`;
    if (line !== indent && line.length + text.length + 1 > WIDTH) {
      lines.push(line);
      line = indent;
    }
    line += line === indent ? text : ` ${text}`;
  }
  return [...lines, line];
}

function isLiteral(code: Code): boolean {
  return code.kind === 'text' && code.literal !== undefined;
}
