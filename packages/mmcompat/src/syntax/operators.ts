/**
 * The grammar gives `not`, `and`, `or` and comparisons one precedence too few (`not a and b` comes as `not (a and b)`). A tree of these
 * operators is therefore flattened and put together again by Python's rules.
 */
import type { ComparisonOperator, Expression } from './ast.js';
import type { Raw } from './raw.js';

type Token =
  | { readonly operand: Raw }
  | { readonly operator: 'not' | 'and' | 'or' | ComparisonOperator; readonly at: number };

const LOGIC = new Set(['and', 'or', 'in', 'not', 'is', 'CompareOp']);

/** Whether `raw` is one of the operators of this file. */
export function isTest(raw: Raw): boolean {
  if (raw.name === 'UnaryExpression') return raw.children[0]?.name === 'not';
  return raw.name === 'BinaryExpression' && LOGIC.has(raw.children[1]?.name ?? '');
}

export function convertTest(raw: Raw, text: string, convert: (operand: Raw) => Expression): Expression {
  const tokens: Token[] = [];
  flatten(raw, text, tokens);
  return new TestParser(tokens, convert).or();
}

function flatten(raw: Raw, text: string, tokens: Token[]): void {
  if (!isTest(raw)) {
    tokens.push({ operand: raw });
    return;
  }
  const { children } = raw;
  const operands = children.filter(({ name }) => !LOGIC.has(name));
  const words = children.filter(({ name }) => LOGIC.has(name));
  const operator = words.map(({ from, to }) => text.slice(from, to)).join(' ') as ComparisonOperator;
  const token = { operator, at: words[0]?.from ?? raw.from };
  const [left, right] = operands;
  if (raw.name === 'UnaryExpression') {
    tokens.push(token);
    if (left !== undefined) flatten(left, text, tokens);
    return;
  }
  if (left !== undefined) flatten(left, text, tokens);
  tokens.push(token);
  if (right !== undefined) flatten(right, text, tokens);
}

class TestParser {
  readonly #tokens: readonly Token[];
  readonly #convert: (operand: Raw) => Expression;
  #next = 0;

  constructor(tokens: readonly Token[], convert: (operand: Raw) => Expression) {
    this.#tokens = tokens;
    this.#convert = convert;
  }

  or(): Expression {
    return this.#chain('or', () => this.#chain('and', () => this.#not()));
  }

  #chain(operator: 'and' | 'or', part: () => Expression): Expression {
    let left = part();
    while (this.#peek() === operator) {
      this.#next += 1;
      const right = part();
      left = { kind: 'BooleanOperation', operator, left, right, start: left.start, end: right.end };
    }
    return left;
  }

  #not(): Expression {
    const token = this.#tokens[this.#next];
    if (token === undefined || !('operator' in token) || token.operator !== 'not') return this.#comparison();
    this.#next += 1;
    const operand = this.#not();
    return { kind: 'UnaryOperation', operator: 'not', operand, start: token.at, end: operand.end };
  }

  #comparison(): Expression {
    const first = this.#operand();
    const operators: ComparisonOperator[] = [];
    const operands: Expression[] = [];
    for (let operator = this.#peek(); operator !== undefined; operator = this.#peek()) {
      if (operator === 'and' || operator === 'or' || operator === 'not') break;
      this.#next += 1;
      operators.push(operator);
      operands.push(this.#operand());
    }
    const last = operands.at(-1);
    if (last === undefined) return first;
    return { kind: 'Comparison', first, operators, operands, start: first.start, end: last.end };
  }

  #operand(): Expression {
    const token = this.#tokens[this.#next];
    if (token === undefined || !('operand' in token)) return this.#not();
    this.#next += 1;
    return this.#convert(token.operand);
  }

  #peek(): ComparisonOperator | 'and' | 'or' | 'not' | undefined {
    const token = this.#tokens[this.#next];
    return token !== undefined && 'operator' in token ? token.operator : undefined;
  }
}
