/** Calls of the builtins and methods that configs use. */
import type { Argument, Call, Expression } from '../syntax/index.js';
import { type Code, level, literalOf, textCode, typeOf, type ValueType } from './code.js';
import { inParentheses, requireNumber, type Translator } from './operators.js';
import type { Place } from './spelling.js';
import { Untranslatable } from './untranslatable.js';

export function translateCall(expressions: Translator, node: Call, place: Place): Code {
  const { func } = node;
  if (func.kind === 'Name' && func.id === 'dict') return dict(expressions, node, place);
  const args = positional(node);
  if (func.kind === 'Name') {
    const builtin = builtins[func.id];
    if (builtin !== undefined && !expressions.names.has(func.id)) return builtin(expressions, args, node);
  }
  if (func.kind === 'Attribute') {
    const isCopy = func.attr === 'deepcopy' && func.value.kind === 'Name' && func.value.id === 'copy';
    if (isCopy && args.length === 1) return structured(expressions.translate(first(args, node), place));
    if (func.attr === 'copy' && args.length === 0) return structured(expressions.translate(func.value, place));
  }
  throw new Untranslatable(node, `the call ${expressions.names.textOf(func)}(...)`);
}

function dict(expressions: Translator, node: Call, place: Place): Code {
  const entries = node.args.map((arg: Argument) => {
    if (arg.form === 'star' || (arg.form === 'positional' && !isDict(arg.value)))
      throw new Untranslatable(node, 'dict() of pairs');
    return { node: arg, key: arg.form === 'keyword' ? arg.name : undefined, value: arg.value };
  });
  return expressions.object(entries, { place, end: node.end });
}

function isDict(value: Expression): boolean {
  return value.kind === 'Name' || value.kind === 'Dict' || value.kind === 'Attribute' || value.kind === 'Subscript';
}

function positional(node: Call): Expression[] {
  return node.args.map((arg) => {
    if (arg.form === 'positional') return arg.value;
    throw new Untranslatable(node, 'a call with named arguments');
  });
}

function first(args: readonly Expression[], node: Call): Expression {
  const [argument] = args;
  if (argument === undefined) throw new Untranslatable(node, 'a call without arguments');
  return argument;
}

function structured(code: Code): Code {
  return code.kind === 'text' ? textCode(['structuredClone(', code, ')'], code.type) : code;
}

type Builtin = (expressions: Translator, args: readonly Expression[], node: Call) => Code;

function numeric(name: string, type: ValueType): Builtin {
  return (expressions, args, node) => {
    const value = expressions.translate(first(args, node));
    requireNumber(value, node);
    if (args.length > 1) throw new Untranslatable(node, `${name} of several arguments`);
    return textCode([`${name}(`, value, ')'], type);
  };
}

function extreme(name: 'max' | 'min'): Builtin {
  return (expressions, args, node) => {
    if (args.length === 0) throw new Untranslatable(node, `${name} of nothing`);
    const values = args.map((arg) => expressions.translate(arg));
    const isList = values.length === 1;
    return textCode(
      [
        `Math.${name}(${isList ? '...' : ''}`,
        ...values.flatMap((value, i) => (i === 0 ? [value] : [', ', value])),
        ')',
      ],
      'float',
    );
  };
}

function sequence(expressions: Translator, args: readonly Expression[], node: Call): Code {
  const argument = first(args, node);
  if (argument.kind === 'Call' && argument.func.kind === 'Name' && argument.func.id === 'range')
    return range(expressions, positional(argument), argument);
  const value = expressions.translate(argument);
  if (typeOf(value) === 'list') return value;
  throw new Untranslatable(node, 'a sequence of something that is no list');
}

function range(expressions: Translator, args: readonly Expression[], node: Call): Code {
  const [start, stop, step] = args.map((arg) => expressions.translate(arg));
  if (step !== undefined || start === undefined) throw new Untranslatable(node, 'a range with a step');
  if (stop === undefined) return textCode(['Array.from({ length: ', start, ' }, (_, i) => i)'], 'list');
  const count = textCode(
    [inParentheses(stop, level.sum), ' - ', inParentheses(start, level.sum + 1)],
    'int',
    level.sum,
  );
  return textCode(['Array.from({ length: ', count, ' }, (_, i) => ', inParentheses(start, level.sum), ' + i)'], 'list');
}

function round(expressions: Translator, args: readonly Expression[], node: Call): Code {
  const [value, digits] = args.map((arg) => expressions.translate(arg));
  if (value === undefined) throw new Untranslatable(node, 'round of nothing');
  requireNumber(value, node);
  if (digits === undefined) return textCode(['Math.round(', value, ')'], 'int');
  return textCode(['Number(', inParentheses(value, level.atom), '.toFixed(', digits, '))'], 'float');
}

function length(expressions: Translator, args: readonly Expression[], node: Call): Code {
  const value = expressions.translate(first(args, node));
  if (typeOf(value) === 'object') return textCode(['Object.keys(', value, ').length'], 'int');
  if (!['list', 'string'].includes(typeOf(value))) throw new Untranslatable(node, 'len of something unknown');
  return textCode([inParentheses(value, level.atom), '.length'], 'int');
}

function sum(expressions: Translator, args: readonly Expression[], node: Call): Code {
  const value = expressions.translate(first(args, node));
  if (args.length > 1 || typeOf(value) !== 'list') throw new Untranslatable(node, 'sum of something that is no list');
  return textCode([inParentheses(value, level.atom), '.reduce((sum, each) => sum + each, 0)'], 'float');
}

function text(expressions: Translator, args: readonly Expression[], node: Call): Code {
  const value = expressions.translate(first(args, node));
  if (typeof literalOf(value) === 'string') return value;
  if (typeOf(value) !== 'int') throw new Untranslatable(node, 'str of something else than an integer');
  return textCode(['String(', value, ')'], 'string');
}

const builtins: Readonly<Record<string, Builtin>> = {
  list: sequence,
  tuple: sequence,
  range,
  round,
  len: length,
  sum,
  max: extreme('max'),
  min: extreme('min'),
  int: numeric('Math.trunc', 'int'),
  float: numeric('Number', 'float'),
  abs: numeric('Math.abs', 'unknown'),
  str: text,
};
