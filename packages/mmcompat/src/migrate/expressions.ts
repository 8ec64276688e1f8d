/** Python expressions as TypeScript ones that give the same value. */
import type {
  Attribute,
  BinaryOperation,
  BooleanOperation,
  Comparison,
  Conditional,
  Constant,
  Dict,
  Expression,
  JoinedString,
  Sequence,
  Subscript,
  UnaryOperation,
} from '../syntax/index.js';
import { translateCall } from './calls.js';
import {
  arrayCode,
  type Code,
  type Item,
  level,
  literalCode,
  literalOf,
  objectCode,
  type Property,
  structureOf,
  textCode,
  typeOf,
  type ValueType,
} from './code.js';
import { translateComprehension } from './comprehensions.js';
import type { Names } from './names.js';
import { arrowBody, inParentheses, type PythonEntry, requireNumber, type Translator } from './operators.js';
import { baseReference, predefinedText } from './references.js';
import type { Place } from './spelling.js';
import { Untranslatable } from './untranslatable.js';

/** Translates expressions where `names` hold. `place` tells which keys are declared where the value stands. */
export class Expressions implements Translator {
  readonly names: Names;

  constructor(names: Names) {
    this.names = names;
  }

  within(names: Names): Expressions {
    return new Expressions(names);
  }

  translate(node: Expression, place: Place = []): Code {
    switch (node.kind) {
      case 'Constant':
        return this.#constant(node);
      case 'Name':
        return this.names.read(node.id, node);
      case 'Attribute':
        return this.#attribute(node);
      case 'Subscript':
        return this.#subscript(node);
      case 'Call':
        return translateCall(this, node, place);
      case 'List':
      case 'Tuple':
        return this.#sequence(node, place);
      case 'Set':
        return this.#set(node);
      case 'Dict':
        return this.#dict(node, place);
      case 'BinaryOperation':
        return this.#binary(node, place);
      case 'UnaryOperation':
        return this.#unary(node);
      case 'BooleanOperation':
        return this.#boolean(node);
      case 'Comparison':
        return this.#comparison(node);
      case 'Conditional':
        return this.#conditional(node, place);
      case 'JoinedString':
        return this.#joined(node);
      case 'ListComprehension':
      case 'GeneratorExpression':
      case 'DictComprehension':
        return translateComprehension(this, node, place);
      case 'Lambda':
      case 'NamedExpression':
      case 'SetComprehension':
      case 'Slice':
      case 'Starred':
      case 'Unsupported':
        throw new Untranslatable(node, node.kind);
    }
  }

  /** The same with parentheses where an operator of that level needs them. */
  operand(node: Expression, binds: number): Code {
    return inParentheses(this.translate(node), binds);
  }

  #constant(node: Constant): Code {
    const { value } = node;
    if (typeof value === 'bigint') return this.#integer(node, value);
    if (typeof value === 'number') return literalFloat(value, this.names.textOf(node), node);
    if (typeof value === 'string') return predefinedText(this.names, value, node) ?? literalCode(value);
    if (value === null || typeof value === 'boolean') return literalCode(value);
    throw new Untranslatable(node, 'bytes or ...');
  }

  #integer(node: Constant, value: bigint): Code {
    if (value > BigInt(Number.MAX_SAFE_INTEGER))
      this.names.warn(`${value} is not exact as a number of JavaScript`, node);
    return literalCode(Number(value));
  }

  #attribute(node: Attribute): Code {
    const reference = baseReference(this.names, node) ?? this.names.imported(node);
    if (reference !== undefined) return reference;
    return this.names.member(this.translate(node.value), node.attr, node);
  }

  #subscript(node: Subscript): Code {
    const reference = baseReference(this.names, node);
    if (reference !== undefined) return reference;
    const { index } = node;
    const value = this.translate(node.value);
    if (index.kind === 'Slice') return this.#slice(value, node);
    const at = this.translate(index);
    const key = literalOf(at);
    if (typeof key === 'string') return this.names.member(value, key, node);
    if (typeof key === 'number') return elementOf(value, key, node);
    return textCode([inParentheses(value, level.atom), '[', at, ']']);
  }

  #slice(value: Code, node: Subscript): Code {
    const slice = node.index;
    if (slice.kind !== 'Slice' || slice.step !== undefined) throw new Untranslatable(node, 'a slice with a step');
    const bounds = [slice.lower, slice.upper].map((bound) => (bound === undefined ? undefined : this.translate(bound)));
    const last = bounds[1] === undefined ? [] : [', ', bounds[1]];
    return textCode([inParentheses(value, level.atom), '.slice(', bounds[0] ?? '0', ...last, ')'], typeOf(value));
  }

  #sequence(node: Sequence, place: Place): Code {
    const below = this.names.spelling.item(place);
    const items = node.items.map((item): Item => {
      const isSpread = item.kind === 'Starred';
      const { built, lead, trail } = this.names.comments.around(item, () =>
        this.translate(isSpread ? item.value : item, isSpread ? place : below),
      );
      return { value: built, isSpread, lead, trail };
    });
    return arrayCode(items, this.names.comments.before(node.end));
  }

  /** `{{_base_.x}}` outside of quotes is a set of a set to Python. */
  #set(node: Sequence): Code {
    const [inner, ...others] = node.items;
    const [reference] = inner?.kind === 'Set' ? inner.items : [];
    const found = others.length === 0 && reference !== undefined ? baseReference(this.names, reference) : undefined;
    if (found === undefined) throw new Untranslatable(node, 'a set');
    return found;
  }

  #dict(node: Dict, place: Place): Code {
    const entries = node.entries.map((entry) => ({
      node: entry,
      key: entry.key && this.#key(entry.key),
      value: entry.value,
    }));
    return this.object(entries, { place, end: node.end });
  }

  #key(node: Expression): string {
    if (node.kind === 'Constant' && typeof node.value === 'string') return node.value;
    if (node.kind === 'Constant' && typeof node.value === 'bigint') return String(node.value);
    throw new Untranslatable(node, 'a key that is neither a text nor an integer');
  }

  /** An object of keys and values as Python has them; without a key: `**value`. */
  object(entries: readonly PythonEntry[], where: { readonly place: Place; readonly end: number }): Code {
    const { spelling, comments } = this.names;
    const inside = spelling.inside(where.place, this.#typeName(entries));
    const properties = entries.map(({ node, key, value }): Property => {
      const name = key === undefined ? undefined : spelling.key(inside, key);
      const { built, lead, trail } = comments.around(node, () =>
        this.translate(value, name === undefined ? where.place : spelling.below(inside, name)),
      );
      return { key: name, value: built, lead, trail };
    });
    return objectCode(properties, comments.before(where.end - 1));
  }

  #typeName(entries: readonly { readonly key: string | undefined; readonly value: Expression }[]): string | undefined {
    const type = entries.find(({ key }) => key === 'type')?.value;
    if (type === undefined) return undefined;
    if (type.kind === 'Constant') return typeof type.value === 'string' ? type.value : undefined;
    const literal = type.kind === 'Name' || type.kind === 'Attribute' ? this.#quietly(type) : undefined;
    const value = literalOf(literal);
    return typeof value === 'string' ? value : undefined;
  }

  #quietly(node: Expression): Code | undefined {
    try {
      return this.translate(node);
    } catch (error) {
      if (error instanceof Untranslatable) return undefined;
      throw error;
    }
  }

  #binary(node: BinaryOperation, place: Place): Code {
    if (node.operator === '+' || node.operator === '*') {
      const [left, right] = [this.translate(node.left, place), this.translate(node.right, place)];
      return node.operator === '+' ? sum(left, right, node) : product(left, right, node);
    }
    return this.#arithmetic(node);
  }

  #arithmetic(node: BinaryOperation): Code {
    const [a, b] = [this.translate(node.left), this.translate(node.right)];
    for (const side of [a, b]) requireNumber(side, node);
    const both = (binds: number, operator: string, type: ValueType): Code =>
      textCode([inParentheses(a, binds), ` ${operator} `, inParentheses(b, binds + 1)], type, binds);
    switch (node.operator) {
      case '-':
        return both(level.sum, '-', numeric(a, b));
      case '/':
        return both(level.product, '/', 'float');
      case '//':
        return textCode(['Math.floor(', both(level.product, '/', 'int'), ')'], 'int');
      case '**':
        return textCode(
          [inParentheses(a, level.atom), ' ** ', inParentheses(b, level.unary)],
          numeric(a, b),
          level.power,
        );
      case '<<':
      case '>>':
        return both(level.shift, node.operator, 'int');
      case '%':
      case '&':
      case '*':
      case '+':
      case '@':
      case '^':
      case '|':
        throw new Untranslatable(node, `the operator ${node.operator}`);
    }
  }

  #unary(node: UnaryOperation): Code {
    const operand = this.translate(node.operand);
    const value = literalOf(operand);
    if (node.operator === '-' && typeof value === 'number' && operand.kind === 'text')
      return { ...textCode(['-', ...operand.parts], operand.type, level.unary), literal: -value };
    if (node.operator === 'not' && typeOf(operand) === 'boolean')
      return textCode(['!', inParentheses(operand, level.unary)], 'boolean', level.unary);
    if (node.operator === 'not' || node.operator === '~') throw new Untranslatable(node, node.operator);
    requireNumber(operand, node);
    return textCode([node.operator, inParentheses(operand, level.unary + 1)], typeOf(operand), level.unary);
  }

  /** Only of booleans: what Python and JavaScript take for true differs. */
  #boolean(node: BooleanOperation): Code {
    const [left, right] = [this.translate(node.left), this.translate(node.right)];
    if (typeOf(left) !== 'boolean') throw new Untranslatable(node, `${node.operator} of something that is no boolean`);
    const binds = node.operator === 'and' ? level.and : level.or;
    const sign = node.operator === 'and' ? ' && ' : ' || ';
    return textCode([inParentheses(left, binds + 1), sign, inParentheses(right, binds + 1)], typeOf(right), binds);
  }

  #comparison(node: Comparison): Code {
    const [operator] = node.operators;
    const [right] = node.operands;
    if (node.operators.length !== 1 || operator === undefined || right === undefined)
      throw new Untranslatable(node, 'a chain of comparisons');
    return compared(operator, this.translate(node.first), this.translate(right), node);
  }

  #conditional(node: Conditional, place: Place): Code {
    const test = this.translate(node.test);
    if (typeOf(test) !== 'boolean') throw new Untranslatable(node, 'a condition that is no boolean');
    const [body, otherwise] = [this.translate(node.body, place), this.translate(node.otherwise, place)];
    const type = typeOf(body) === typeOf(otherwise) ? typeOf(body) : 'unknown';
    return textCode([inParentheses(test, level.or), ' ? ', body, ' : ', otherwise], type, level.conditional);
  }

  #joined(node: JoinedString): Code {
    const parts = node.parts.flatMap((part): (string | Code)[] => {
      if (typeof part === 'string')
        return [part.replace(/[\\`]|\$\{/g, (found) => `\\${found}`).replaceAll('\n', '\\n')];
      if (part.spec !== undefined || part.conversion !== undefined || part.selfDoc !== undefined)
        throw new Untranslatable(node, 'a format in an f-string');
      const value = this.translate(part.value);
      if (!['string', 'int'].includes(typeOf(value)))
        throw new Untranslatable(node, 'an f-string of something else than text and integers');
      return ['${', value, '}'];
    });
    return textCode(['`', ...parts, '`'], 'string');
  }
}

function literalFloat(value: number, written: string, node: Constant): Code {
  if (!Number.isFinite(value)) throw new Untranslatable(node, 'a float beyond the largest number');
  const isTypeScript = /^\d+(\.\d+)?([eE][+-]?\d+)?$/.test(written) && !/^0\d/.test(written);
  return { ...literalCode(value, isTypeScript ? written : undefined), type: 'float' };
}

function numeric(a: Code, b: Code): ValueType {
  const types = [typeOf(a), typeOf(b)];
  return types.every((type) => type === 'int') ? 'int' : types.includes('unknown') ? 'unknown' : 'float';
}

function sum(left: Code, right: Code, node: BinaryOperation): Code {
  const types = [typeOf(left), typeOf(right)];
  if (types.includes('list')) {
    if (types.some((type) => type !== 'list' && type !== 'unknown'))
      throw new Untranslatable(node, 'a list plus something else');
    return arrayCode([left, right].flatMap(itemsOf));
  }
  if (types.every((type) => type === 'unknown')) throw new Untranslatable(node, 'a + whose operands are not known');
  if (types.some((type) => ['object', 'null', 'boolean'].includes(type)))
    throw new Untranslatable(node, 'a + of other things');
  const type = types.includes('string') ? 'string' : numeric(left, right);
  return textCode([inParentheses(left, level.sum), ' + ', inParentheses(right, level.sum + 1)], type, level.sum);
}

function itemsOf(code: Code): readonly Item[] {
  if (code.kind === 'array' && code.tail.length === 0) return code.items;
  return [{ value: code, isSpread: true, lead: [], trail: undefined }];
}

function product(left: Code, right: Code, node: BinaryOperation): Code {
  const [list, times] = typeOf(left) === 'list' ? [left, right] : [right, left];
  if (typeOf(list) === 'list') return repeated(list, times, node);
  if (typeOf(left) === 'string') return textCode([inParentheses(left, level.atom), '.repeat(', right, ')'], 'string');
  for (const side of [left, right]) requireNumber(side, node);
  return textCode(
    [inParentheses(left, level.product), ' * ', inParentheses(right, level.product + 1)],
    numeric(left, right),
    level.product,
  );
}

function repeated(list: Code, times: Code, node: BinaryOperation): Code {
  requireNumber(times, node);
  const [item] = list.kind === 'array' ? list.items : [];
  if (list.kind === 'array' && list.items.length === 1 && item?.isSpread === false) {
    if (literalOf(item.value) !== undefined) return textCode(['Array(', times, ').fill(', item.value, ')'], 'list');
    return textCode(['Array.from({ length: ', times, ' }, () => ', arrowBody(item.value), ')'], 'list');
  }
  return textCode(['Array.from({ length: ', times, ' }, () => ', list, ').flat()'], 'list');
}

function elementOf(value: Code, index: number, node: Expression): Code {
  const list = structureOf(value);
  const item = list.kind === 'array' && !list.items.some((each) => each.isSpread) ? list.items.at(index) : undefined;
  if (typeOf(value) !== 'list') throw new Untranslatable(node, 'a number as index of something that is no list');
  const parts = [inParentheses(value, level.atom), index < 0 ? `.at(${index})!` : `[${index}]!`];
  return item === undefined ? textCode(parts) : { ...textCode(parts, typeOf(item.value)), of: structureOf(item.value) };
}

function compared(operator: string, left: Code, right: Code, node: Comparison): Code {
  const scalar = (code: Code): boolean => !['list', 'object'].includes(typeOf(code));
  const binary = (sign: string, binds: number): Code =>
    textCode([inParentheses(left, binds + 1), ` ${sign} `, inParentheses(right, binds + 1)], 'boolean', binds);
  if (['==', 'is'].includes(operator) && scalar(left) && scalar(right)) return binary('===', level.equality);
  if (['!=', 'is not'].includes(operator) && scalar(left) && scalar(right)) return binary('!==', level.equality);
  if (['<', '<=', '>', '>='].includes(operator)) return binary(operator, level.relation);
  if (operator === 'in' && typeOf(right) === 'list')
    return textCode([inParentheses(right, level.atom), '.includes(', left, ')'], 'boolean');
  throw new Untranslatable(node, `the comparison ${operator}`);
}
