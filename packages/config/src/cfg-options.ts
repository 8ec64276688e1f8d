import { MAX_DEPTH } from './depth.js';
import { configErrors } from './errors.js';

/**
 * Reads the arguments of `--cfg-options`: `key=value` with values in MMEngine's notation. `1` and `1e-3` are numbers, `true`/`False` booleans,
 * `None` is null, `[1,2]`, `(1,2)` and `1,2` are lists; everything else is text, without its outer quotes and without spaces.
 * A key may repeat; the last one wins.
 *
 * @throws `ENGINE_CONFIG_BAD_OPTION`
 */
export function parseCfgOptions(argv: readonly string[]): Record<string, unknown> {
  const options = new Map<string, unknown>();
  for (const argument of argv) {
    const equals = argument.indexOf('=');
    if (equals <= 0)
      throw badOption(
        argument,
        'an argument of the form key=value',
        'write key=value, with dots in the key for nested values: optimWrapper.optimizer.lr=0.1',
      );
    options.set(argument.slice(0, equals), parseValue(argument.slice(equals + 1), argument));
  }
  return Object.fromEntries(options);
}

function badOption(argument: string, expected: string, action: string): Error {
  return configErrors.BAD_OPTION({ subject: '--cfg-options', expected, received: argument, action });
}

function parseValue(written: string, argument: string, depth = 0): unknown {
  if (depth > MAX_DEPTH)
    throw badOption(
      argument.slice(0, 40),
      `at most ${MAX_DEPTH} brackets inside each other`,
      'write the value flatter',
    );
  const text = written.replace(/^['"]+|['"]+$/g, '').replaceAll(' ', '');
  const items = splitItems(text, argument);
  const isEnclosed = items.length === 1 && (/^\(.*\)$/s.test(text) || /^\[.*\]$/s.test(text));
  if (!isEnclosed) return items.length === 1 ? parseScalar(text) : parseItems(items, argument, depth);
  const inner = text.slice(1, -1);
  return inner === '' ? [] : parseItems(splitItems(inner, argument), argument, depth);
}

function parseItems(items: readonly string[], argument: string, depth: number): unknown[] {
  const isTrailingComma = items.length > 1 && items.at(-1) === '';
  return (isTrailingComma ? items.slice(0, -1) : items).map((item) => parseValue(item, argument, depth + 1));
}

/** Parts between the commas that are in no bracket. Text without a comma is one part, whatever its brackets. */
function splitItems(text: string, argument: string): string[] {
  if (!text.includes(',')) return [text];
  const count = (character: string) => text.split(character).length - 1;
  if (count('(') !== count(')') || count('[') !== count(']')) {
    throw badOption(
      argument,
      'brackets that match',
      `close every bracket in ${text}, and quote the argument in the shell`,
    );
  }
  const items: string[] = [];
  let [round, square, start] = [0, 0, 0];
  for (const [index, character] of text.split('').entries()) {
    if (character === '(') round += 1;
    else if (character === ')') round -= 1;
    else if (character === '[') square += 1;
    else if (character === ']') square -= 1;
    else if (character === ',' && round === 0 && square === 0) {
      items.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...items, text.slice(start)];
}

const INTEGER = /^[+-]?\d+(?:_\d+)*$/;
const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+)?$/i;

function parseScalar(text: string): unknown {
  if (INTEGER.test(text) || FLOAT.test(text)) return Number(text.replaceAll('_', ''));
  if (/^[+-]?(?:inf|infinity)$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text === 'None' ? null : text;
}
