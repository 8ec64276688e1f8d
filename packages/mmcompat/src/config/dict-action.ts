import { mmcompatErrors } from '../errors.js';
import { parseFloatText, parseIntegerText } from '../run/parse-number.js';
import { PyDict } from '../values/dict.js';
import { PythonException } from '../values/exception.js';
import { PyTuple, type PyValue } from '../values/value.js';

/**
 * Reads the arguments of `--cfg-options` as MMEngine's `DictAction` does, with integers, floats, lists and tuples kept apart. `[1],[2]`, which never
 * ends there, is a list of both.
 *
 * @throws `ENGINE_MMCOMPAT_BAD_OPTION`
 */
export function parseDictAction(argv: readonly string[]): PyDict {
  const options = new PyDict();
  for (const argument of argv) {
    const equals = argument.indexOf('=');
    if (equals === -1) {
      throw mmcompatErrors.BAD_OPTION({
        subject: '--cfg-options',
        expected: 'an argument of the form key=value',
        received: argument,
        action: 'write key=value, with dots in the key for nested values',
      });
    }
    options.set(argument.slice(0, equals), parseValue(argument.slice(equals + 1), argument));
  }
  return options;
}

function parseValue(written: string, argument: string): PyValue {
  const text = written.replace(/^['"]+|['"]+$/g, '').replaceAll(' ', '');
  const isTuple = isEnclosed(text, '(', ')');
  if (!isTuple && !isEnclosed(text, '[', ']')) return text.includes(',') ? items(text, argument) : scalar(text);
  const inner = items(text.slice(1, -1), argument);
  return isTuple ? new PyTuple(inner) : inner;
}

/** Whether the first character and the last are brackets of each other. */
function isEnclosed(text: string, open: string, close: string): boolean {
  if (!text.startsWith(open) || !text.endsWith(close) || text.length < 2) return false;
  let depth = 0;
  for (const [index, character] of text.split('').entries()) {
    if (character === open) depth += 1;
    else if (character === close) depth -= 1;
    if (depth === 0 && index < text.length - 1) return false;
  }
  return true;
}

function items(text: string, argument: string): PyValue[] {
  const values: PyValue[] = [];
  for (let rest = text; rest !== ''; ) {
    const end = nextComma(rest, argument);
    values.push(parseValue(rest.slice(0, end), argument));
    rest = rest.slice(end + 1);
  }
  return values;
}

function nextComma(text: string, argument: string): number {
  const count = (character: string) => text.split(character).length - 1;
  if (count('(') !== count(')') || count('[') !== count(']')) {
    throw mmcompatErrors.BAD_OPTION({
      subject: '--cfg-options',
      expected: 'brackets that match',
      received: `${argument}: imbalanced brackets in ${text}`,
      action: 'close every bracket, and quote the argument in the shell',
      cause: new PythonException('AssertionError', `Imbalanced brackets exist in ${text}`),
    });
  }
  let [round, square] = [0, 0];
  for (const [index, character] of text.split('').entries()) {
    if (character === ',' && round === 0 && square === 0) return index;
    if (character === '(') round += 1;
    else if (character === ')') round -= 1;
    else if (character === '[') square += 1;
    else if (character === ']') square -= 1;
  }
  return text.length;
}

function scalar(text: string): PyValue {
  if (/^[+-]?\d+(?:_\d+)*$/.test(text) && text.length < 4000) return parseIntegerText(text);
  const float = parseFloatText(text);
  if (float !== undefined) return float;
  if (/^(?:true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text === 'None' ? null : text;
}
