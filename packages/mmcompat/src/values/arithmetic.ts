import type { BinaryOperator } from '../syntax/ast.js';
import { PyDict, PySet } from './dict.js';
import { exactPow } from './exact-math.js';
import { PythonException, typeError, valueError, zeroDivision } from './exception.js';
import { percentFormat } from './percent.js';
import { asInteger, asNumber, type NativeHost, PyBytes, PyTuple, type PyValue, typeName } from './value.js';

/** Integers beyond this many bits are refused: no config has them, and their powers take for ever. */
const MOST_BITS = 100_000;

type Accounts = Pick<NativeHost, 'allocate'>;

/** Python's `left operator right`. @throws TypeError, ZeroDivisionError, ... (Python's) */
export function binary(operator: BinaryOperator, operands: readonly [PyValue, PyValue], accounts: Accounts): PyValue {
  const [left, right] = operands;
  if (operator === '%' && typeof left === 'string') {
    accounts.allocate(left.length);
    return percentFormat(left, right);
  }
  const [first, second] = [asNumber(left), asNumber(right)];
  if (first !== undefined && second !== undefined) {
    const bitwise =
      typeof left === 'boolean' && typeof right === 'boolean' ? logical(operator, left, right) : undefined;
    return bitwise ?? arithmetic(operator, first, second);
  }
  const result =
    operator === '+'
      ? concatenate(left, right, accounts)
      : operator === '*'
        ? repeated(left, right, accounts)
        : combine(operator, left, right);
  if (result !== undefined) return result;
  throw unsupportedOperands(operator, left, right);
}

function unsupportedOperands(operator: string, left: PyValue, right: PyValue): Error {
  return typeError(`unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`);
}

function logical(operator: BinaryOperator, left: boolean, right: boolean): boolean | undefined {
  if (operator === '&') return left && right;
  if (operator === '|') return left || right;
  return operator === '^' ? left !== right : undefined;
}

function arithmetic(operator: BinaryOperator, left: bigint | number, right: bigint | number): PyValue {
  if (typeof left === 'bigint' && typeof right === 'bigint') return integers(operator, left, right);
  return floats(operator, toFloat(left), toFloat(right));
}

export function toFloat(value: bigint | number): number {
  const float = Number(value);
  if (typeof value === 'bigint' && !Number.isFinite(float))
    throw new PythonException('OverflowError', 'int too large to convert to float');
  return float;
}

function integers(operator: BinaryOperator, left: bigint, right: bigint): PyValue {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return limited(bits(left) + bits(right), () => left * right);
    case '/':
      if (right === 0n) throw zeroDivision('division by zero');
      return toFloat(left) / toFloat(right);
    case '//':
      if (right === 0n) throw zeroDivision('integer division or modulo by zero');
      return (left - floorMod(left, right)) / right;
    case '%':
      if (right === 0n) throw zeroDivision('integer modulo by zero');
      return floorMod(left, right);
    case '**':
      return power(left, right);
    case '<<':
      if (right < 0n) throw valueError('negative shift count');
      return limited(left === 0n ? 0 : bits(left) + Number(right), () => left << right);
    case '>>':
      if (right < 0n) throw valueError('negative shift count');
      return left >> right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '@':
      throw unsupportedOperands('@', left, right);
  }
}

function floorMod(left: bigint, right: bigint): bigint {
  const rest = left % right;
  return rest !== 0n && rest < 0n !== right < 0n ? rest + right : rest;
}

function bits(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  return magnitude < 1n << 53n ? Math.ceil(Math.log2(Number(magnitude) + 1)) : magnitude.toString(16).length * 4;
}

function limited(size: number, compute: () => bigint): bigint {
  if (size <= MOST_BITS) return compute();
  throw new PythonException('OverflowError', `an integer of more than ${MOST_BITS} bits`);
}

function power(base: bigint, exponent: bigint): PyValue {
  if (exponent < 0n) {
    if (base === 0n) throw zeroDivision('0.0 cannot be raised to a negative power');
    return exactPow(toFloat(base), toFloat(exponent));
  }
  const isSmall = base >= -1n && base <= 1n;
  return limited(isSmall ? 1 : bits(base) * Number(exponent), () =>
    isSmall ? base ** (exponent % 2n === 0n && exponent > 0n ? 2n : exponent > 0n ? 1n : 0n) : base ** exponent,
  );
}

function floats(operator: BinaryOperator, left: number, right: number): PyValue {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0) throw zeroDivision('float division by zero');
      return left / right;
    case '//':
      return floorDivision(left, right).quotient;
    case '%':
      return floorDivision(left, right).rest;
    case '**':
      return floatPower(left, right);
    case '<<':
    case '>>':
    case '&':
    case '|':
    case '^':
    case '@':
      throw unsupportedOperands(operator, left, right);
  }
}

function floatPower(base: number, exponent: number): number {
  if (base === 0 && exponent < 0) throw zeroDivision('0.0 cannot be raised to a negative power');
  if (base < 0 && Number.isFinite(base) && Number.isFinite(exponent) && !Number.isInteger(exponent))
    throw typeError('complex numbers are not supported');
  if (base === 1 || exponent === 0) return 1;
  if (base === -1 && !Number.isFinite(exponent) && !Number.isNaN(exponent)) return 1;
  const result = exactPow(base, exponent);
  if (!Number.isFinite(result) && Number.isFinite(base) && Number.isFinite(exponent))
    throw new PythonException('OverflowError', 'Numerical result out of range');
  return result;
}

/** Python's `divmod` of floats: the rest has the sign of the divisor. */
function floorDivision(left: number, right: number): { readonly quotient: number; readonly rest: number } {
  if (right === 0) throw zeroDivision('float floor division by zero');
  let rest = left % right;
  let quotient = (left - rest) / right;
  if (rest === 0) rest = right < 0 ? -0 : 0;
  else if (rest < 0 !== right < 0) {
    rest += right;
    quotient -= 1;
  }
  if (quotient === 0) return { quotient: left / right < 0 ? -0 : 0, rest };
  const floor = Math.floor(quotient);
  return { quotient: quotient - floor > 0.5 ? floor + 1 : floor, rest };
}

function concatenate(left: PyValue, right: PyValue, accounts: Accounts): PyValue | undefined {
  if (typeof left === 'string' && typeof right === 'string') {
    accounts.allocate(left.length + right.length);
    return left + right;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    accounts.allocate(left.length + right.length);
    return [...left, ...right];
  }
  if (left instanceof PyTuple && right instanceof PyTuple) {
    accounts.allocate(left.items.length + right.items.length);
    return new PyTuple([...left.items, ...right.items]);
  }
  if (left instanceof PyBytes && right instanceof PyBytes)
    return new PyBytes(Uint8Array.from([...left.bytes, ...right.bytes]));
  if (typeof left === 'string') throw typeError(`can only concatenate str (not "${typeName(right)}") to str`);
  if (Array.isArray(left)) throw typeError(`can only concatenate list (not "${typeName(right)}") to list`);
  return undefined;
}

function repeated(left: PyValue, right: PyValue, accounts: Accounts): PyValue | undefined {
  const [sequence, times] = asInteger(right) === undefined ? [right, asInteger(left)] : [left, asInteger(right)];
  if (times === undefined) return undefined;
  const count = times < 0n ? 0n : times;
  if (typeof sequence === 'string') {
    accounts.allocate(BigInt(sequence.length) * count);
    return sequence === '' ? '' : sequence.repeat(Number(count));
  }
  const items = Array.isArray(sequence) ? sequence : sequence instanceof PyTuple ? sequence.items : undefined;
  if (items === undefined) return undefined;
  accounts.allocate(BigInt(items.length) * count);
  const made: PyValue[] = [];
  if (items.length > 0) for (let index = 0n; index < count; index++) for (const item of items) made.push(item);
  return Array.isArray(sequence) ? made : new PyTuple(made);
}

/** Sets, and dicts joined by `|`. */
function combine(operator: BinaryOperator, left: PyValue, right: PyValue): PyValue | undefined {
  if (left instanceof PyDict && right instanceof PyDict && operator === '|') {
    const joined = left.copy();
    for (const entry of right.entries()) joined.put(entry);
    return joined;
  }
  if (!(left instanceof PySet && right instanceof PySet)) return undefined;
  const [one, other] = [[...left.members.values()], [...right.members.values()]];
  if (operator === '|') return new PySet([...one, ...other], left.isFrozen);
  if (operator === '&')
    return new PySet(
      one.filter((value) => right.has(value)),
      left.isFrozen,
    );
  if (operator === '-')
    return new PySet(
      one.filter((value) => !right.has(value)),
      left.isFrozen,
    );
  if (operator !== '^') return undefined;
  return new PySet(
    [...one.filter((value) => !right.has(value)), ...other.filter((value) => !left.has(value))],
    left.isFrozen,
  );
}

/** Python's `operator operand`. */
export function unary(operator: '+' | '-' | '~', operand: PyValue): PyValue {
  const number = asNumber(operand);
  if (number !== undefined) {
    if (operator === '+') return number;
    if (operator === '-') return -number;
    if (typeof number === 'bigint') return ~number;
  }
  throw typeError(`bad operand type for unary ${operator}: '${typeName(operand)}'`);
}
