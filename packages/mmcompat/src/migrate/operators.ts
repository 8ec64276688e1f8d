/** What translated expressions have in common. */
import type { Expression } from '../syntax/index.js';
import { type Code, textCode, typeOf, type ValueType } from './code.js';
import type { Names } from './names.js';
import type { Place } from './spelling.js';
import { Untranslatable } from './untranslatable.js';

/** Translates expressions where `names` hold. */
export interface Translator {
  readonly names: Names;
  /** `place` tells which keys are declared where the value stands. */
  translate(node: Expression, place?: Place): Code;
  /** An object of keys and values as Python has them; without a key: `**value`. */
  object(entries: readonly PythonEntry[], where: { readonly place: Place; readonly end: number }): Code;
  /** The same with other names. */
  within(names: Names): Translator;
}

export interface PythonEntry {
  readonly node: { readonly start: number; readonly end: number };
  readonly key: string | undefined;
  readonly value: Expression;
}

const numbers: readonly ValueType[] = ['int', 'float'];

export function inParentheses(code: Code, binds: number): Code {
  return code.kind === 'text' && code.level < binds ? textCode(['(', code, ')'], code.type) : code;
}

/** @throws {Untranslatable} for what is known to be no number */
export function requireNumber(code: Code, node: Expression): void {
  const type = typeOf(code);
  if (!numbers.includes(type) && type !== 'unknown') throw new Untranslatable(node, `arithmetic with a ${type}`);
}

/** An object after `=>` would be a block. */
export function arrowBody(code: Code): Code {
  return code.kind === 'object' ? textCode(['(', code, ')'], 'object') : code;
}
