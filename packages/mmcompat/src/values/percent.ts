/** `'%s and %03d' % (a, b)` */
import { PyDict } from './dict.js';
import { typeError, valueError } from './exception.js';
import { format } from './format.js';
import { ascii, repr, str } from './repr.js';
import { asNumber, PyTuple, type PyValue, typeName } from './value.js';

const DIRECTIVE = /%(?:\(([^)]*)\))?([#0\- +]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]?(.)?/gsu;

/** @throws TypeError, ValueError, KeyError (Python's) */
export function percentFormat(template: string, operand: PyValue): string {
  const values = operand instanceof PyTuple ? operand.items : [operand];
  let next = 0;
  const take = (): PyValue => {
    const value = values[next++];
    if (value === undefined) throw typeError('not enough arguments for format string');
    return value;
  };
  const count = (text: string | undefined): string => (text === '*' ? str(take()) : (text ?? ''));
  let isMapped = false;
  const result = template.replace(DIRECTIVE, (_whole, ...groups: (string | undefined)[]) => {
    const [name, flags = '', width, precision, type] = groups;
    if (type === undefined) throw valueError('incomplete format');
    if (type === '%') return '%';
    const [columns, digits] = [count(width), count(precision)];
    if (name !== undefined && !(operand instanceof PyDict)) throw typeError('format requires a mapping');
    isMapped ||= name !== undefined;
    const value = name !== undefined && operand instanceof PyDict ? operand.at(name) : take();
    return directive(value, { flags, width: columns, precision: precision === undefined ? undefined : digits, type });
  });
  const isLeftOver = next < values.length && !(operand instanceof PyDict) && !isMapped;
  if (isLeftOver && !(Array.isArray(operand) && next > 0))
    throw typeError('not all arguments converted during string formatting');
  return result;
}

interface Directive {
  readonly flags: string;
  readonly width: string;
  readonly precision: string | undefined;
  readonly type: string;
}

function directive(value: PyValue, { flags, width, precision, type }: Directive): string {
  const align = flags.includes('-') ? '<' : '';
  const point = precision === undefined ? '' : `.${precision === '' ? '0' : precision}`;
  if (type === 's' || type === 'r' || type === 'a') {
    const text = type === 's' ? str(value) : type === 'r' ? repr(value) : ascii(value);
    return format(text, `${align || '>'}${width}${point}`);
  }
  if (type === 'c') return format(typeof value === 'string' ? value : format(value, 'c'), `${align || '>'}${width}`);
  const number = asNumber(value);
  if (number === undefined) throw typeError(`%${type} format: a real number is required, not ${typeName(value)}`);
  const sign = flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const zero = flags.includes('0') && align === '' ? '0' : '';
  const spec = `${align}${sign}${flags.includes('#') ? '#' : ''}${zero}${width}`;
  if ('eEfFgG'.includes(type)) return format(Number(number), `${spec}${point}${type}`);
  const whole = typeof number === 'number' ? BigInt(Math.trunc(number)) : number;
  if ('diu'.includes(type)) return format(whole, `${spec}d`);
  if ('xXo'.includes(type)) return format(whole, `${spec}${type}`);
  throw valueError(`unsupported format character '${type}'`);
}
