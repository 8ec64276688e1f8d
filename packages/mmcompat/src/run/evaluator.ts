import type {
  BinaryOperation,
  Call,
  Generator as Clause,
  Comparison,
  ComparisonOperator,
  Comprehension,
  Dict,
  DictComprehension,
  Expression,
  Replacement,
} from '../syntax/ast.js';
import { binary, unary } from '../values/arithmetic.js';
import { contains, equal, identical, iterate, ordered, truth } from '../values/compare.js';
import { PyDict, PySet } from '../values/dict.js';
import { PythonException, type Site, typeError } from '../values/exception.js';
import { format } from '../values/format.js';
import { getItem, PySlice } from '../values/items.js';
import { ascii, repr, str } from '../values/repr.js';
import { ELLIPSIS, PyBytes, PyIterator, PyTuple, type PyValue, typeName } from '../values/value.js';
import { getAttribute, methodOf } from './attributes.js';
import { dictType } from './builtin-types.js';
import { builtins } from './builtins.js';
import { PyFunction } from './function.js';
import type { Interpreter } from './interpreter.js';
import { dictFrom } from './methods-collection.js';
import { Scope } from './scope.js';

/** Works out the value of expressions. */
export class Evaluator {
  readonly #interpreter: Interpreter;

  constructor(interpreter: Interpreter) {
    this.#interpreter = interpreter;
  }

  readonly value = (node: Expression, scope: Scope): PyValue => {
    const { budget } = this.#interpreter;
    budget.step();
    budget.enter();
    try {
      return this.#value(node, scope);
    } catch (error) {
      if (error instanceof PythonException) error.site ??= this.#site(node);
      throw error;
    } finally {
      budget.leave();
    }
  };

  #value(node: Expression, scope: Scope): PyValue {
    switch (node.kind) {
      case 'Constant':
        return constant(node.value);
      case 'Name':
        return this.#name(node.id, scope);
      case 'Attribute':
        return getAttribute(this.value(node.value, scope), node.attr);
      case 'Subscript':
        return this.#item(this.value(node.value, scope), this.value(node.index, scope));
      case 'Slice':
        return new PySlice(
          this.#optional(node.lower, scope),
          this.#optional(node.upper, scope),
          this.#optional(node.step, scope),
        );
      case 'Call':
        return this.#call(node, scope);
      case 'List':
        return this.items(node.items, scope);
      case 'Tuple':
        return new PyTuple(this.items(node.items, scope));
      case 'Set':
        return new PySet(this.items(node.items, scope));
      case 'Dict':
        return this.#dict(node, scope);
      case 'BinaryOperation':
        return this.#binary(node.operator, this.value(node.left, scope), this.value(node.right, scope));
      case 'UnaryOperation':
        return node.operator === 'not'
          ? !truth(this.value(node.operand, scope))
          : unary(node.operator, this.value(node.operand, scope));
      case 'BooleanOperation': {
        const left = this.value(node.left, scope);
        return truth(left) === (node.operator === 'or') ? left : this.value(node.right, scope);
      }
      case 'Comparison':
        return this.#comparison(node, scope);
      case 'Conditional':
        return this.value(truth(this.value(node.test, scope)) ? node.body : node.otherwise, scope);
      case 'Lambda':
        return this.function('<lambda>', node, scope);
      case 'NamedExpression': {
        const value = this.value(node.value, scope);
        scope.assignOutside(node.target.id, value, this.#site(node));
        return value;
      }
      case 'JoinedString':
        return this.#joined(node.parts, scope);
      case 'ListComprehension':
        return [...this.#comprehension(node, scope)];
      case 'SetComprehension':
        return new PySet(this.#comprehension(node, scope));
      case 'GeneratorExpression':
        return new PyIterator('generator', this.#comprehension(node, scope));
      case 'DictComprehension':
        return this.#dictComprehension(node, scope);
      case 'Starred':
        throw typeError("can't use starred expression here");
      case 'Unsupported':
        throw this.#interpreter.unsupported(node.construct, node.start);
    }
  }

  /** The elements of a list, tuple or set with `*more` unpacked. */
  items(nodes: readonly Expression[], scope: Scope): PyValue[] {
    const items: PyValue[] = [];
    for (const node of nodes) {
      if (node.kind !== 'Starred') items.push(this.value(node, scope));
      else for (const value of this.all(this.value(node.value, scope))) items.push(value);
    }
    return items;
  }

  /** Everything that a loop over the value visits, with each counted. */
  *all(value: PyValue): Generator<PyValue> {
    for (const each of iterate(value)) {
      this.#interpreter.budget.step();
      yield each;
    }
  }

  /** The value of a `def` or `lambda`. */
  function(
    name: string,
    node: Pick<Extract<Expression, { kind: 'Lambda' }>, 'parameters'> & { readonly body: Expression | FunctionBody },
    scope: Scope,
  ): PyFunction {
    const defaults = new Map<string, PyValue>();
    for (const parameter of node.parameters) {
      if (parameter.name !== undefined && parameter.value !== undefined)
        defaults.set(parameter.name, this.value(parameter.value, scope));
    }
    const { body } = node;
    const run = (inner: Scope): PyValue =>
      'kind' in body ? this.value(body, inner) : this.#interpreter.functionBody(body, inner);
    return new PyFunction({ name, parameters: node.parameters, defaults, body, closure: scope, run });
  }

  #weigh(...values: readonly PyValue[]): void {
    for (const value of values) this.#interpreter.budget.weigh(value);
  }

  #item(container: PyValue, index: PyValue): PyValue {
    this.#weigh(index instanceof PySlice ? container : index);
    return getItem(container, index);
  }

  #binary(operator: BinaryOperation['operator'], left: PyValue, right: PyValue): PyValue {
    // what these make is counted where it is made
    if (operator !== '+' && operator !== '*') this.#weigh(left, right);
    return binary(operator, [left, right], this.#interpreter);
  }

  #optional(node: Expression | undefined, scope: Scope): PyValue {
    return node === undefined ? null : this.value(node, scope);
  }

  #site(node: { readonly start: number }): Site {
    return { source: this.#interpreter.source, start: node.start };
  }

  #name(name: string, scope: Scope): PyValue {
    const value = scope.find(name);
    if (value !== undefined) return value;
    const builtin = builtins.get(name);
    if (builtin === undefined) throw new PythonException('NameError', `name '${name}' is not defined`);
    return builtin;
  }

  #call(node: Call, scope: Scope): PyValue {
    const { func } = node;
    if (func.kind === 'Attribute') {
      const target = this.value(func.value, scope);
      const method = methodOf(target, func.attr);
      if (method !== undefined) {
        const given = this.#arguments(node, scope);
        if (!IN_NO_TIME.has(func.attr)) this.#weigh(target, ...given.args, ...given.named.values());
        return method({ ...given, host: this.#interpreter });
      }
      const { args, named } = this.#arguments(node, scope);
      return this.#interpreter.call(getAttribute(target, func.attr), args, named);
    }
    const callee = this.value(func, scope);
    if (callee === dictType) return this.#dictCall(node, scope);
    const { args, named } = this.#arguments(node, scope);
    return this.#interpreter.call(callee, args, named);
  }

  #arguments(node: Call, scope: Scope): { readonly args: PyValue[]; readonly named: Map<string, PyValue> } {
    const args: PyValue[] = [];
    const named = new Map<string, PyValue>();
    for (const { form, name, value: expression } of node.args) {
      const value = this.value(expression, scope);
      if (form === 'positional') args.push(value);
      else if (form === 'star') args.push(...this.all(value));
      else if (name !== undefined) named.set(name, value);
      else
        for (const { key, value: each } of mapping(value).entries()) {
          if (typeof key !== 'string') throw typeError('keywords must be strings');
          if (named.has(key)) throw typeError(`got multiple values for keyword argument '${key}'`);
          named.set(key, each);
        }
    }
    return { args, named };
  }

  /** `dict(...)`: every key remembers its place, or that of the dict it was taken over from. */
  #dictCall(node: Call, scope: Scope): PyDict {
    const positional = node.args.filter(({ form }) => form === 'positional' || form === 'star');
    const args = this.#arguments({ ...node, args: positional }, scope).args;
    this.#weigh(...args);
    const dict = dictFrom({ args, named: new Map(), host: this.#interpreter }, 'dict');
    const given = new Set<PyValue>();
    for (const argument of node.args) {
      if (argument.form === 'keyword' && argument.name !== undefined) {
        given.add(argument.name);
        dict.set(argument.name, this.value(argument.value, scope), this.#site(argument));
      } else if (argument.form === 'doubleStar') {
        for (const entry of mapping(this.value(argument.value, scope)).entries()) {
          if (typeof entry.key !== 'string') throw typeError('keywords must be strings');
          if (given.has(entry.key)) throw typeError(`dict() got multiple values for keyword argument '${entry.key}'`);
          given.add(entry.key);
          dict.put(entry);
        }
      }
    }
    return dict;
  }

  #dict(node: Dict, scope: Scope): PyDict {
    const dict = new PyDict();
    for (const { key, value, start } of node.entries) {
      if (key === undefined) for (const entry of mapping(this.value(value, scope)).entries()) dict.put(entry);
      else {
        const name = this.value(key, scope);
        this.#weigh(name);
        dict.set(name, this.value(value, scope), this.#site({ start }));
      }
    }
    return dict;
  }

  #comparison({ first, operators, operands }: Comparison, scope: Scope): boolean {
    let left = this.value(first, scope);
    for (const [index, operator] of operators.entries()) {
      const node = operands[index];
      if (node === undefined) return true;
      const right = this.value(node, scope);
      if (operator !== 'is' && operator !== 'is not') this.#weigh(left, right);
      if (!compared(operator, left, right)) return false;
      left = right;
    }
    return true;
  }

  #joined(parts: readonly (string | Replacement)[], scope: Scope): string {
    const text = parts.map((part) => (typeof part === 'string' ? part : this.#replacement(part, scope))).join('');
    this.#interpreter.allocate(text.length);
    return text;
  }

  #replacement({ value: expression, selfDoc, conversion, spec }: Replacement, scope: Scope): string {
    const value = this.value(expression, scope);
    const how = conversion ?? (selfDoc !== undefined && spec === undefined ? 'r' : undefined);
    const converted = how === 'r' ? repr(value) : how === 'a' ? ascii(value) : how === 's' ? str(value) : value;
    return (selfDoc ?? '') + format(converted, spec === undefined ? '' : this.#joined(spec, scope));
  }

  /** The first iterable is worked out at once, as in Python; the rest as the values are asked for. */
  #comprehension(node: Comprehension, scope: Scope): Generator<PyValue> {
    return this.#turns(node.generators, scope, (inner) => this.value(node.element, inner));
  }

  #dictComprehension({ key, value, generators }: DictComprehension, scope: Scope): PyDict {
    const dict = new PyDict();
    const pairs = this.#turns(
      generators,
      scope,
      (inner) => new PyTuple([this.value(key, inner), this.value(value, inner)]),
    );
    for (const pair of pairs) {
      const [name = null, each = null] = iterate(pair);
      dict.set(name, each, this.#site(key));
    }
    return dict;
  }

  #turns(generators: readonly Clause[], scope: Scope, result: (inner: Scope) => PyValue): Generator<PyValue> {
    const [first] = generators;
    const values = first === undefined ? [] : iterate(this.value(first.iterable, scope));
    return this.#loop(generators, values, new Scope(scope, undefined, true), result);
  }

  *#loop(
    generators: readonly Clause[],
    values: Iterable<PyValue>,
    scope: Scope,
    result: (inner: Scope) => PyValue,
  ): Generator<PyValue> {
    const [clause, ...rest] = generators;
    if (clause === undefined) return;
    for (const value of values) {
      this.#interpreter.budget.step();
      this.#interpreter.assign(clause.target, value, scope);
      if (!clause.conditions.every((condition) => truth(this.value(condition, scope)))) continue;
      const [next] = rest;
      if (next === undefined) {
        this.#interpreter.allocate(1);
        yield result(scope);
      } else yield* this.#loop(rest, iterate(this.value(next.iterable, scope)), scope, result);
    }
  }
}

/** Methods that take as long on a large value as on a small one. */
const IN_NO_TIME: ReadonlySet<string> = new Set(['append', 'add', 'discard', 'get', 'pop', 'setdefault']);

type FunctionBody = Parameters<Interpreter['functionBody']>[0];

function constant(value: Extract<Expression, { kind: 'Constant' }>['value']): PyValue {
  if (typeof value !== 'object' || value === null) return value;
  return value instanceof Uint8Array ? new PyBytes(value) : ELLIPSIS;
}

function mapping(value: PyValue): PyDict {
  if (value instanceof PyDict) return value;
  throw typeError(`argument after ** must be a mapping, not ${typeName(value)}`);
}

function compared(operator: ComparisonOperator, left: PyValue, right: PyValue): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case 'in':
      return contains(right, left);
    case 'not in':
      return !contains(right, left);
    case 'is':
      return identical(left, right);
    case 'is not':
      return !identical(left, right);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return ordered(operator, left, right);
  }
}
