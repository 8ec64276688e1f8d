import { keyError, PythonException, valueError } from '../values/exception.js';
import { format } from '../values/format.js';
import { getItem } from '../values/items.js';
import { ascii, repr, str } from '../values/repr.js';
import type { NativeHost, PyValue } from '../values/value.js';

/**
 * `template.format(...)`: `{}`, `{0}`, `{name.attr[key]!r:>{width}}`.
 *
 * @throws ValueError, IndexError, KeyError (Python's)
 */
export function formatTemplate(
  template: string,
  args: readonly PyValue[],
  named: (name: string) => PyValue | undefined,
  host: NativeHost,
): string {
  let automatic = 0;
  const lookUp = (name: string): PyValue => {
    if (name !== '' && !/^\d+$/.test(name)) {
      const value = named(name);
      if (value === undefined) throw keyError(`'${name}'`);
      return value;
    }
    const value = args[name === '' ? automatic++ : Number(name)];
    if (value === undefined)
      throw new PythonException('IndexError', 'Replacement index out of range for positional args tuple');
    return value;
  };
  const fill = (text: string, depth: number): string => {
    if (depth > 2) throw valueError('Max string recursion exceeded');
    let result = '';
    for (let at = 0; at < text.length; at++) {
      const character = text.charAt(at);
      if ((character === '{' || character === '}') && text[at + 1] === character) {
        result += character;
        at += 1;
      } else if (character === '}') throw valueError("Single '}' encountered in format string");
      else if (character !== '{') result += character;
      else {
        const end = closing(text, at);
        const formatted = field(text.slice(at + 1, end), { lookUp, host, fill: (spec) => fill(spec, depth + 1) });
        host.allocate(formatted.length);
        result += formatted;
        at = end;
      }
    }
    return result;
  };
  return fill(template, 0);
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  throw valueError("expected '}' before end of string");
}

interface FieldSource {
  readonly host: NativeHost;
  lookUp(name: string): PyValue;
  fill(spec: string): string;
}

function field(text: string, { lookUp, host, fill }: FieldSource): string {
  const [, path = '', conversion, spec = ''] = /^([^!:]*)(?:!(.))?(?::(.*))?$/s.exec(text) ?? [];
  const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(path) ?? [];
  let value = lookUp(first);
  for (const [, attribute, item] of rest.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
    value =
      attribute === undefined
        ? getItem(value, /^\d+$/.test(item ?? '') ? BigInt(item ?? 0) : (item ?? ''))
        : host.attribute(value, attribute);
  }
  const converted =
    conversion === 'r' ? repr(value) : conversion === 'a' ? ascii(value) : conversion === 's' ? str(value) : value;
  return format(converted, fill(spec));
}
