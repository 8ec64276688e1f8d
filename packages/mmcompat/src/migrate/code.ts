/** TypeScript in the making: objects and lists stay open, so that keys can be moved and comments kept; everything else is text. */

/** What is known of a Python value: enough to translate operators that mean different things for different types. */
export type ValueType = 'string' | 'int' | 'float' | 'boolean' | 'null' | 'list' | 'object' | 'unknown';

export interface Commented {
  /** Comments on lines of their own before it, with their `//`. */
  readonly lead: readonly string[];
  /** The comment behind it on the same line. */
  readonly trail: string | undefined;
}

/** `key: value`, or `...value` where there is no key. */
export interface Property extends Commented {
  readonly key: string | undefined;
  readonly value: Code;
}

export interface Item extends Commented {
  readonly value: Code;
  readonly isSpread: boolean;
}

export interface ObjectCode {
  readonly kind: 'object';
  readonly properties: readonly Property[];
  /** Comments after the last property. */
  readonly tail: readonly string[];
}

export interface ArrayCode {
  readonly kind: 'array';
  readonly items: readonly Item[];
  readonly tail: readonly string[];
}

export interface TextCode {
  readonly kind: 'text';
  readonly parts: readonly (string | Code)[];
  readonly type: ValueType;
  /** How strongly it binds, by {@link level}. */
  readonly level: number;
  /** The value of a literal. */
  readonly literal?: string | number | boolean | null;
  /** What the variable or path that this is stands for, where that is known. */
  readonly of?: Code;
}

export type Code = ObjectCode | ArrayCode | TextCode;

/** How strongly JavaScript's operators bind. */
export const level = {
  conditional: 2,
  or: 3,
  and: 4,
  equality: 9,
  relation: 10,
  shift: 11,
  sum: 12,
  product: 13,
  power: 14,
  unary: 15,
  atom: 20,
};

export const bare: Commented = { lead: [], trail: undefined };

export function textCode(
  parts: string | readonly (string | Code)[],
  type: ValueType = 'unknown',
  binds: number = level.atom,
): TextCode {
  return { kind: 'text', parts: typeof parts === 'string' ? [parts] : parts, type, level: binds };
}

export function literalCode(value: string | number | boolean | null, spelling?: string): TextCode {
  const text = spelling ?? (typeof value === 'string' ? quote(value) : String(value));
  const type =
    typeof value === 'number'
      ? Number.isInteger(value)
        ? 'int'
        : 'float'
      : value === null
        ? 'null'
        : (typeof value as 'string' | 'boolean');
  return { ...textCode(text, type, typeof value === 'number' && value < 0 ? level.unary : level.atom), literal: value };
}

export function objectCode(properties: readonly Property[], tail: readonly string[] = []): ObjectCode {
  return { kind: 'object', properties, tail };
}

export function arrayCode(items: readonly Item[], tail: readonly string[] = []): ArrayCode {
  return { kind: 'array', items, tail };
}

export function property(key: string | undefined, value: Code, comments: Commented = bare): Property {
  return { key, value, ...comments };
}

/** An object of plain properties; those without a value are left out. */
export function objectOf(properties: Readonly<Record<string, Code | undefined>>): ObjectCode {
  return objectCode(
    Object.entries(properties).flatMap(([key, value]) => (value === undefined ? [] : [property(key, value)])),
  );
}

export function listOf(values: readonly Code[]): ArrayCode {
  return arrayCode(values.map((value) => ({ value, isSpread: false, ...bare })));
}

export function typeOf(code: Code): ValueType {
  return code.kind === 'object' ? 'object' : code.kind === 'array' ? 'list' : code.type;
}

/** A name for other code: of the same type, and as well known inside. */
export function alias(text: string, of: Code): TextCode {
  return { ...textCode(text, typeOf(of)), of: structureOf(of) };
}

/** The code behind a name, as far as it is known. */
export function structureOf(code: Code): Code {
  return code.kind === 'text' && code.of !== undefined ? code.of : code;
}

/** The last property of a key; undefined where a spread after it may have another. */
export function propertyOf(code: Code | undefined, key: string): Code | undefined {
  const object = code === undefined ? undefined : structureOf(code);
  if (object?.kind !== 'object') return undefined;
  const index = object.properties.findLastIndex((each) => each.key === key);
  const isHidden = object.properties.slice(index + 1).some((each) => each.key === undefined);
  return index < 0 || isHidden ? undefined : object.properties[index]?.value;
}

export function literalOf(code: Code | undefined): string | number | boolean | null | undefined {
  return code?.kind === 'text' ? code.literal : undefined;
}

/** Text in single quotes, as the rest of a config. */
export function quote(text: string): string {
  const json = JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return json.includes("'") && !json.includes('"') ? `"${json}"` : `'${json.replaceAll("'", "\\'")}'`;
}
