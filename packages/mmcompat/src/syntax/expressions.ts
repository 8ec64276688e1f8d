import type {
  Argument,
  BinaryOperator,
  Constant,
  DictItem,
  Expression,
  Generator,
  Parameter,
  Sequence,
  Subscript,
} from './ast.js';
import { decodeNumber, LiteralError } from './literals.js';
import { convertTest, isTest } from './operators.js';
import { type Raw, syntaxError } from './raw.js';
import type { PythonSource } from './source.js';
import { StringConverter } from './strings.js';

const BRACKETS = new Set(['(', ')', '[', ']', '{', '}']);

/** Turns the grammar's expressions into the tree of ast.ts. */
export class ExpressionConverter {
  readonly #source: PythonSource;
  readonly #strings: StringConverter;

  constructor(source: PythonSource) {
    this.#source = source;
    this.#strings = new StringConverter(source, (parts) => this.list(parts));
  }

  /** What stands between two separators of a statement: one expression, or a tuple of several. */
  list(parts: readonly Raw[]): Expression {
    const items = this.#items(parts);
    const [first] = items;
    const isTuple = parts.some(({ name }) => name === ',');
    if (first !== undefined && !isTuple) return first;
    const [start, end] = [parts[0]?.from ?? 0, parts.at(-1)?.to ?? 0];
    if (first === undefined) throw syntaxError(this.#source, start);
    return { kind: 'Tuple', items, start, end };
  }

  readonly one = (raw: Raw): Expression => {
    const span = { start: raw.from, end: raw.to };
    if (isTest(raw)) return convertTest(raw, this.#source.text, this.one);
    switch (raw.name) {
      case 'VariableName':
        if (this.text(raw) === 'yield') return { kind: 'Unsupported', construct: 'yield', ...span };
        return { kind: 'Name', id: this.text(raw).normalize('NFKC'), ...span };
      case 'Number':
        return this.#number(raw);
      case 'String':
        return this.#strings.plain(raw);
      case 'FormatString':
        return this.#strings.format(raw);
      case 'ContinuedString':
        return this.#strings.continued(raw);
      case 'None':
        return { kind: 'Constant', value: null, ...span };
      case 'Boolean':
        return { kind: 'Constant', value: this.text(raw) === 'True', ...span };
      case 'Ellipsis':
      case '...':
        return { kind: 'Constant', value: { ellipsis: true }, ...span };
      case 'ParenthesizedExpression':
        return this.#parenthesized(raw);
      case 'TupleExpression':
        return this.#sequence('Tuple', raw);
      case 'ArrayExpression':
        return this.#sequence('List', raw);
      case 'SetExpression':
        return this.#sequence('Set', raw);
      case 'DictionaryExpression':
        return { kind: 'Dict', entries: this.#dictItems(inside(raw)), ...span };
      case 'ComprehensionExpression':
        return this.#comprehension('GeneratorExpression', raw);
      case 'ArrayComprehensionExpression':
        return this.#comprehension('ListComprehension', raw);
      case 'SetComprehensionExpression':
        return this.#comprehension('SetComprehension', raw);
      case 'DictionaryComprehensionExpression':
        return this.#dictComprehension(raw);
      case 'CallExpression':
        return this.#call(raw);
      case 'MemberExpression':
        return this.#member(raw);
      case 'BinaryExpression':
        return this.#binary(raw);
      case 'UnaryExpression':
        return {
          kind: 'UnaryOperation',
          operator: this.text(raw.children[0]) as '-',
          operand: this.#child(raw, 1),
          ...span,
        };
      case 'ConditionalExpression':
        return {
          kind: 'Conditional',
          body: this.#child(raw, 0),
          test: this.#child(raw, 2),
          otherwise: this.#child(raw, 4),
          ...span,
        };
      case 'LambdaExpression':
        return {
          kind: 'Lambda',
          parameters: this.parameters(raw.children.find(({ name }) => name === 'ParamList')),
          body: this.#child(raw, -1),
          ...span,
        };
      case 'NamedExpression':
        return this.#named(raw.children[0], raw.children[2], raw);
      case 'AwaitExpression':
        return { kind: 'Unsupported', construct: 'await', ...span };
      case 'YieldExpression':
        return { kind: 'Unsupported', construct: 'yield', ...span };
      default:
        throw syntaxError(this.#source, raw.from);
    }
  };

  /** Parameters of a function or a lambda. Annotations are dropped: nothing evaluates them. */
  parameters(raw: Raw | undefined): Parameter[] {
    return splitAt(raw === undefined ? [] : inside(raw), ',').map((parts) => {
      const mark = this.text(parts[0]);
      const name = parts.find((part) => part.name === 'VariableName');
      const equals = parts.findIndex((part) => part.name === 'AssignOp');
      const value = equals === -1 ? undefined : this.#at(parts, equals + 1);
      const form = mark === '*' ? 'star' : mark === '**' ? 'doubleStar' : 'plain';
      return { form, name: name === undefined ? undefined : this.text(name), value, ...spanOf(parts) };
    });
  }

  args(raw: Raw): Argument[] {
    const parts = inside(raw);
    // a generator without brackets of its own is the only argument, and has commas in its targets
    const groups = parts.some(({ name }) => name === 'for') ? [parts] : splitAt(parts, ',');
    const args = groups.map((group) => this.#argument(group));
    const names = new Set<string>();
    for (const [index, { form, name, start }] of args.entries()) {
      if (name !== undefined && names.has(name))
        throw syntaxError(this.#source, start, `keyword argument repeated: ${name}`);
      if (name !== undefined) names.add(name);
      const isLate = args.slice(0, index).some((before) => before.form === 'keyword' || before.form === 'doubleStar');
      if (form === 'positional' && isLate)
        throw syntaxError(this.#source, start, 'positional argument follows keyword argument');
    }
    return args;
  }

  text(raw: Raw | undefined): string {
    return raw === undefined ? '' : this.#source.text.slice(raw.from, raw.to);
  }

  #child(raw: Raw, index: number): Expression {
    return this.#at(raw.children, index < 0 ? raw.children.length + index : index);
  }

  #at(parts: readonly Raw[], index: number): Expression {
    const part = parts[index];
    if (part === undefined) throw syntaxError(this.#source, parts.at(-1)?.to ?? 0);
    return this.one(part);
  }

  #items(parts: readonly Raw[]): Expression[] {
    return splitAt(parts, ',').map((item) => this.#item(item));
  }

  #item(parts: readonly Raw[]): Expression {
    if (parts[0]?.name !== '*') return this.#at(parts, 0);
    return { kind: 'Starred', value: this.#at(parts, 1), ...spanOf(parts) };
  }

  #number(raw: Raw): Constant {
    try {
      return { kind: 'Constant', value: decodeNumber(this.text(raw)), start: raw.from, end: raw.to };
    } catch (error) {
      if (error instanceof LiteralError) throw syntaxError(this.#source, raw.from, error.message);
      throw error;
    }
  }

  #parenthesized(raw: Raw): Expression {
    const parts = inside(raw);
    if (parts[0]?.name === '*') throw syntaxError(this.#source, raw.from, 'cannot use starred expression here');
    return this.#at(parts, 0);
  }

  #sequence(kind: Sequence['kind'], raw: Raw): Sequence {
    return { kind, items: this.#items(inside(raw)), start: raw.from, end: raw.to };
  }

  #dictItems(parts: readonly Raw[]): DictItem[] {
    return splitAt(parts, ',').map((item) => {
      if (item[0]?.name === '**') return { key: undefined, value: this.#at(item, 1), ...spanOf(item) };
      return { key: this.#at(item, 0), value: this.#at(item, 2), ...spanOf(item) };
    });
  }

  #comprehension(kind: 'ListComprehension' | 'SetComprehension' | 'GeneratorExpression', raw: Raw): Expression {
    const parts = inside(raw);
    return { kind, element: this.#at(parts, 0), generators: this.#generators(parts), start: raw.from, end: raw.to };
  }

  #dictComprehension(raw: Raw): Expression {
    const parts = inside(raw);
    return {
      kind: 'DictComprehension',
      key: this.#at(parts, 0),
      value: this.#at(parts, 2),
      generators: this.#generators(parts),
      start: raw.from,
      end: raw.to,
    };
  }

  /** `... for a, b in c if d for ...` */
  #generators(parts: readonly Raw[]): Generator[] {
    const generators: { target: Expression; iterable: Expression; conditions: Expression[] }[] = [];
    for (const [index, part] of parts.entries()) {
      if (part.name === 'async') throw syntaxError(this.#source, part.from, 'asynchronous comprehension');
      if (part.name === 'if') generators.at(-1)?.conditions.push(this.#at(parts, index + 1));
      if (part.name !== 'for') continue;
      const end = parts.findIndex(({ name }, at) => at > index && name === 'in');
      const target = this.list(parts.slice(index + 1, end));
      checkTarget(target, this.#source);
      generators.push({ target, iterable: this.#at(parts, end + 1), conditions: [] });
    }
    return generators;
  }

  #call(raw: Raw): Expression {
    const args = raw.children.at(-1);
    if (args === undefined) throw syntaxError(this.#source, raw.from);
    return { kind: 'Call', func: this.#child(raw, 0), args: this.args(args), start: raw.from, end: raw.to };
  }

  #argument(parts: readonly Raw[]): Argument {
    const [first, second, third] = parts;
    const span = spanOf(parts);
    if (first?.name === '*') return { form: 'star', name: undefined, value: this.#at(parts, 1), ...span };
    if (first?.name === '**') return { form: 'doubleStar', name: undefined, value: this.#at(parts, 1), ...span };
    if (second?.name === 'AssignOp' && third !== undefined) {
      if (this.text(second) === ':=')
        return { form: 'positional', name: undefined, value: this.#named(first, third, third), ...span };
      return { form: 'keyword', name: this.text(first), value: this.one(third), ...span };
    }
    if (second === undefined) return { form: 'positional', name: undefined, value: this.#at(parts, 0), ...span };
    const element = this.#at(parts, 0);
    const value: Expression = { kind: 'GeneratorExpression', element, generators: this.#generators(parts), ...span };
    return { form: 'positional', name: undefined, value, ...span };
  }

  #member(raw: Raw): Expression {
    const value = this.#child(raw, 0);
    const span = { start: raw.from, end: raw.to };
    const last = raw.children.at(-1);
    if (last?.name === 'PropertyName') return { kind: 'Attribute', value, attr: this.text(last), ...span };
    return this.#subscript(value, raw.children.slice(2, -1), span);
  }

  #subscript(value: Expression, parts: readonly Raw[], span: { start: number; end: number }): Subscript {
    const items = splitAt(parts, ',').map((item) => this.#index(item));
    const isTuple = parts.some(({ name }) => name === ',');
    const [first] = items;
    if (first === undefined) throw syntaxError(this.#source, span.end);
    return { kind: 'Subscript', value, index: isTuple ? { kind: 'Tuple', items, ...spanOf(parts) } : first, ...span };
  }

  #index(parts: readonly Raw[]): Expression {
    if (!parts.some(({ name }) => name === ':')) return this.#item(parts);
    const [lower, upper, step] = splitAt(parts, ':', true).map((part) =>
      part.length === 0 ? undefined : this.#at(part, 0),
    );
    return { kind: 'Slice', lower, upper, step, ...spanOf(parts) };
  }

  #binary(raw: Raw): Expression {
    const operator = this.text(raw.children[1]) as BinaryOperator;
    return {
      kind: 'BinaryOperation',
      operator,
      left: this.#child(raw, 0),
      right: this.#child(raw, 2),
      start: raw.from,
      end: raw.to,
    };
  }

  #named(name: Raw | undefined, value: Raw | undefined, at: Raw): Expression {
    if (name?.name !== 'VariableName' || value === undefined) throw syntaxError(this.#source, at.from);
    const target = { kind: 'Name' as const, id: this.text(name), start: name.from, end: name.to };
    return { kind: 'NamedExpression', target, value: this.one(value), start: name.from, end: value.to };
  }
}

/** What can be assigned to, and deleted. @throws `ENGINE_MMCOMPAT_SYNTAX` */
export function checkTarget(target: Expression, source: PythonSource): void {
  if (target.kind === 'Tuple' || target.kind === 'List') {
    for (const item of target.items) checkTarget(item.kind === 'Starred' ? item.value : item, source);
  } else if (target.kind !== 'Name' && target.kind !== 'Attribute' && target.kind !== 'Subscript') {
    throw syntaxError(source, target.start, 'cannot assign to this');
  }
}

/** The children without the brackets around them. */
export function inside(raw: Raw): readonly Raw[] {
  const { children } = raw;
  const first = BRACKETS.has(children[0]?.name ?? '') ? 1 : 0;
  const last = BRACKETS.has(children.at(-1)?.name ?? '') ? children.length - 1 : children.length;
  return children.slice(first, Math.max(first, last));
}

/** The parts between separators; an empty one at the end is dropped unless `keepEmpty`. */
export function splitAt(parts: readonly Raw[], separator: string, keepEmpty = false): Raw[][] {
  const groups: Raw[][] = [[]];
  for (const part of parts) {
    if (part.name === separator) groups.push([]);
    else groups.at(-1)?.push(part);
  }
  return keepEmpty ? groups : groups.filter((group) => group.length > 0);
}

function spanOf(parts: readonly Raw[]): { start: number; end: number } {
  return { start: parts[0]?.from ?? 0, end: parts.at(-1)?.to ?? 0 };
}
