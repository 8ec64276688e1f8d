import { iterate, textLength } from '../values/compare.js';
import { PyDict } from '../values/dict.js';
import { typeError, valueError } from '../values/exception.js';
import { type NativeCall, PyBytes, PyTuple, type PyValue, typeName } from '../values/value.js';
import { bind, integerArgument, textArgument } from './bind.js';
import { formatTemplate } from './format-template.js';

export type Method<T> = (self: T, call: NativeCall) => PyValue;

const simple =
  (change: (text: string) => PyValue): Method<string> =>
  (self, call) => {
    bind('str method', call, []);
    return change(self);
  };

/** Characters that Python's `strip()` takes away. */
const BLANK = /[\s\x85]/u;

function strip(
  text: string,
  characters: string | undefined,
  sides: { readonly left: boolean; readonly right: boolean },
): string {
  const all = Array.from(text);
  const isGone = (character: string | undefined) =>
    character !== undefined && (characters === undefined ? BLANK.test(character) : characters.includes(character));
  let [start, end] = [0, all.length];
  while (sides.left && start < end && isGone(all[start])) start += 1;
  while (sides.right && end > start && isGone(all[end - 1])) end -= 1;
  return all.slice(start, end).join('');
}

const stripping =
  (left: boolean, right: boolean): Method<string> =>
  (self, call) => {
    const [characters] = bind('strip', call, ['chars?']);
    return strip(self, typeof characters === 'string' ? characters : undefined, { left, right });
  };

function split(self: string, call: NativeCall, fromRight: boolean): PyValue[] {
  const [separator = null, most] = bind('split', call, ['sep?', 'maxsplit?']);
  const limit = Number(integerArgument(most, -1n));
  if (separator === '') throw valueError('empty separator');
  const text = separator === null ? strip(self, undefined, { left: true, right: true }) : self;
  if (separator === null && text === '') return [];
  const pattern = separator === null ? /[\s\x85]+/u : textArgument('split', separator);
  const parts = text.split(pattern);
  call.host.allocate(parts.length);
  if (limit < 0 || parts.length <= limit + 1) return parts;
  const places = separatorsOf(text, pattern);
  const chosen = fromRight ? places.slice(places.length - limit) : places.slice(0, limit);
  const result: string[] = [];
  let at = 0;
  for (const [start, end] of chosen) {
    result.push(text.slice(at, start));
    at = end;
  }
  return [...result, text.slice(at)];
}

function separatorsOf(text: string, pattern: RegExp | string): [number, number][] {
  const expression =
    typeof pattern === 'string'
      ? new RegExp(pattern.replace(/[$()*+.?[\\\]^{|}]/g, '\\$&'), 'gu')
      : new RegExp(pattern, 'gu');
  return Array.from(text.matchAll(expression), (match) => [match.index, match.index + match[0].length]);
}

function affix(name: string, test: (text: string, part: string) => boolean): Method<string> {
  return (self, call) => {
    const [part = null, start, end] = bind(name, call, [name, 'start?', 'end?']);
    const text = start === undefined && end === undefined ? self : sliced(self, start, end);
    const parts = part instanceof PyTuple ? part.items : [part];
    return parts.some((each) => test(text, textArgument(name, each)));
  };
}

function sliced(text: string, start: PyValue | undefined, end: PyValue | undefined): string {
  const characters = Array.from(text);
  const at = (value: PyValue | undefined, otherwise: number) =>
    Number(integerArgument(value ?? undefined, BigInt(otherwise)));
  return characters.slice(at(start, 0), at(end, characters.length)).join('');
}

function finding(name: string, fromRight: boolean, isStrict: boolean): Method<string> {
  return (self, call) => {
    const [part, start, end] = bind(name, call, ['sub', 'start?', 'end?']);
    const text = sliced(self, undefined, end);
    const from = Number(integerArgument(start, 0n));
    const found = fromRight ? text.lastIndexOf(textArgument(name, part)) : text.indexOf(textArgument(name, part), from);
    if (found === -1 && isStrict) throw valueError('substring not found');
    return found === -1 || found < from ? -1n : BigInt(textLength(text.slice(0, found)));
  };
}

function aligning(name: string, place: (text: string, missing: number, fill: string) => string): Method<string> {
  return (self, call) => {
    const [width, fill = ' '] = bind(name, call, ['width', 'fillchar?']);
    const missing = Number(integerArgument(width, 0n)) - textLength(self);
    if (missing <= 0) return self;
    call.host.allocate(missing);
    return place(self, missing, textArgument(name, fill));
  };
}

const testing = (pattern: RegExp): Method<string> => simple((text) => pattern.test(text));

function partition(self: string, call: NativeCall, fromRight: boolean): PyTuple {
  const separator = textArgument('partition', bind('partition', call, ['sep'])[0]);
  if (separator === '') throw valueError('empty separator');
  const at = fromRight ? self.lastIndexOf(separator) : self.indexOf(separator);
  if (at === -1) return new PyTuple(fromRight ? ['', '', self] : [self, '', '']);
  return new PyTuple([self.slice(0, at), separator, self.slice(at + separator.length)]);
}

function title(text: string): string {
  return text.toLowerCase().replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1));
}

export const textMethods: Readonly<Record<string, Method<string>>> = {
  lower: simple((text) => text.toLowerCase()),
  casefold: simple((text) => text.toLowerCase()),
  upper: simple((text) => text.toUpperCase()),
  title: simple(title),
  capitalize: simple((text) => text.charAt(0).toUpperCase() + text.slice(1).toLowerCase()),
  swapcase: simple((text) =>
    text.replace(/\p{L}/gu, (letter) =>
      letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
    ),
  ),
  strip: stripping(true, true),
  lstrip: stripping(true, false),
  rstrip: stripping(false, true),
  split: (self, call) => split(self, call, false),
  rsplit: (self, call) => split(self, call, true),
  splitlines: simple((text) =>
    text
      .replace(/(?:\r\n|[\n\r\v\f\x85\u2028\u2029])$/, '')
      .split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/)
      .slice(text === '' ? 1 : 0),
  ),
  join: (self, call) => {
    const [values = null] = bind('join', call, ['iterable']);
    const parts = Array.from(iterate(values), (value, index) => {
      if (typeof value !== 'string')
        throw typeError(`sequence item ${index}: expected str instance, ${typeName(value)} found`);
      call.host.allocate(value.length + self.length);
      return value;
    });
    return parts.join(self);
  },
  replace: (self, call) => {
    const [old, by, count] = bind('replace', call, ['old', 'new', 'count?']);
    const [from, to] = [textArgument('replace', old), textArgument('replace', by)];
    const most = Number(integerArgument(count, -1n));
    const pieces = from === '' ? ['', ...Array.from(self), ''] : self.split(from);
    const times = Math.min(pieces.length - 1, most < 0 ? pieces.length : most);
    call.host.allocate(self.length + times * to.length);
    return (
      pieces.slice(0, times + 1).join(to) + (times + 1 < pieces.length ? from + pieces.slice(times + 1).join(from) : '')
    );
  },
  startswith: affix('startswith', (text, part) => text.startsWith(part)),
  endswith: affix('endswith', (text, part) => text.endsWith(part)),
  find: finding('find', false, false),
  rfind: finding('rfind', true, false),
  index: finding('index', false, true),
  rindex: finding('rindex', true, true),
  count: (self, call) => {
    const part = textArgument('count', bind('count', call, ['sub'])[0]);
    return BigInt(part === '' ? textLength(self) + 1 : self.split(part).length - 1);
  },
  format: (self, { args, named, host }) => formatTemplate(self, args, (name) => named.get(name), host),
  format_map: (self, call) => {
    const [mapping = null] = bind('format_map', call, ['mapping']);
    return formatTemplate(self, [], (name) => (mapping instanceof PyDict ? mapping.at(name) : undefined), call.host);
  },
  zfill: aligning('zfill', (text, missing) =>
    /^[+-]/.test(text) ? text.charAt(0) + '0'.repeat(missing) + text.slice(1) : '0'.repeat(missing) + text,
  ),
  ljust: aligning('ljust', (text, missing, fill) => text + fill.repeat(missing)),
  rjust: aligning('rjust', (text, missing, fill) => fill.repeat(missing) + text),
  center: aligning('center', (text, missing, fill) => {
    const left = Math.floor(missing / 2) + (missing & (missing + textLength(text)) & 1);
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }),
  isdigit: testing(/^[\p{Nd}\u00b2\u00b3\u00b9]+$/u),
  isdecimal: testing(/^\p{Nd}+$/u),
  isnumeric: testing(/^\p{N}+$/u),
  isalpha: testing(/^\p{L}+$/u),
  isalnum: testing(/^[\p{L}\p{N}]+$/u),
  isspace: testing(/^[\s\x85]+$/u),
  isidentifier: testing(/^[\p{XID_Start}_]\p{XID_Continue}*$/u),
  isupper: simple((text) => text !== text.toLowerCase() && text === text.toUpperCase()),
  islower: simple((text) => text !== text.toUpperCase() && text === text.toLowerCase()),
  partition: (self, call) => partition(self, call, false),
  rpartition: (self, call) => partition(self, call, true),
  removeprefix: (self, call) => {
    const prefix = textArgument('removeprefix', bind('removeprefix', call, ['prefix'])[0]);
    return self.startsWith(prefix) ? self.slice(prefix.length) : self;
  },
  removesuffix: (self, call) => {
    const suffix = textArgument('removesuffix', bind('removesuffix', call, ['suffix'])[0]);
    return suffix !== '' && self.endsWith(suffix) ? self.slice(0, -suffix.length) : self;
  },
  encode: (self) => new PyBytes(new TextEncoder().encode(self)),
};
