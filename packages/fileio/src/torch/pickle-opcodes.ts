/** The opcodes of pickle protocols 1 to 5 that torch.save emits, by their names in Python's `pickletools`. */
import { PythonGlobal, type PythonValue } from './python-values.js';
import type { PickleMachine } from './unpickle.js';

type Act = (machine: PickleMachine) => void;

export const STOP = 0x2e;

const text = (machine: PickleMachine, length: number): void => machine.create(machine.cursor.text(length));
const bytes = (machine: PickleMachine, length: number): void => machine.create(machine.cursor.bytes(length));

/** The number where it is exact as one, else the bigint. */
const whole = (value: bigint): PythonValue =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;

/** Decimal digits of a line, as protocol 1 has them: `I01` is True, `L7L` is 7. */
function decimal(machine: PickleMachine): void {
  const line = machine.cursor.line();
  if (line === '00' || line === '01') return machine.push(line === '01');
  if (!/^-?\d{1,2000}L?$/.test(line)) throw machine.refuse.broken('a whole number in the pickle', line.slice(0, 40));
  machine.push(whole(BigInt(line.replace('L', ''))));
}

function stackGlobal(machine: PickleMachine): void {
  const [module, name] = machine.popMany(2);
  if (typeof module !== 'string' || typeof name !== 'string')
    throw machine.refuse.broken('the names of a module and a class', 'other values');
  machine.create(new PythonGlobal(`${module}.${name}`));
}

/** `cls.__new__(cls, *args, **kwargs)`; the keyword arguments become a last argument. */
function newObjectEx(machine: PickleMachine): void {
  const [callee, args, named] = machine.popMany(3);
  const hasNames = named instanceof Map && named.size > 0;
  machine.call(callee as PythonValue, hasNames && Array.isArray(args) ? [...args, named] : (args as PythonValue));
}

function call(machine: PickleMachine): void {
  const [callee, args] = machine.popMany(2);
  machine.call(callee as PythonValue, args as PythonValue);
}

function setItem(machine: PickleMachine): void {
  const items = machine.popMany(2);
  machine.set(machine.top(), items);
}

function append(machine: PickleMachine): void {
  const value = machine.pop();
  machine.append(machine.top(), [value]);
}

function dict(machine: PickleMachine): void {
  const items = machine.popToMark();
  machine.create(new Map());
  machine.set(machine.top(), items);
}

const TABLE: Readonly<Record<string, Act>> = {
  '\x80': (machine) => void machine.cursor.uint8(), // PROTO
  '\x95': (machine) => void machine.cursor.uint64(), // FRAME
  '(': (machine) => machine.mark(),
  '0': (machine) => void machine.pop(), // POP
  '1': (machine) => void machine.popToMark(), // POP_MARK
  '2': (machine) => machine.push(machine.top()), // DUP
  N: (machine) => machine.push(null),
  '\x88': (machine) => machine.push(true),
  '\x89': (machine) => machine.push(false),
  I: decimal, // INT
  L: decimal, // LONG
  J: (machine) => machine.push(machine.cursor.int32()), // BININT
  K: (machine) => machine.push(machine.cursor.uint8()), // BININT1
  M: (machine) => machine.push(machine.cursor.uint16()), // BININT2
  '\x8a': (machine) => machine.push(whole(machine.cursor.integer(machine.cursor.uint8()))), // LONG1
  '\x8b': (machine) => machine.push(whole(machine.cursor.integer(machine.cursor.uint32()))), // LONG4
  G: (machine) => machine.push(machine.cursor.float64()), // BINFLOAT
  X: (machine) => text(machine, machine.cursor.uint32()), // BINUNICODE
  '\x8c': (machine) => text(machine, machine.cursor.uint8()), // SHORT_BINUNICODE
  '\x8d': (machine) => text(machine, machine.cursor.uint64()), // BINUNICODE8
  T: (machine) => text(machine, machine.cursor.uint32()), // BINSTRING, of Python 2
  U: (machine) => text(machine, machine.cursor.uint8()), // SHORT_BINSTRING
  B: (machine) => bytes(machine, machine.cursor.uint32()), // BINBYTES
  C: (machine) => bytes(machine, machine.cursor.uint8()), // SHORT_BINBYTES
  '\x8e': (machine) => bytes(machine, machine.cursor.uint64()), // BINBYTES8
  '\x96': (machine) => bytes(machine, machine.cursor.uint64()), // BYTEARRAY8
  ']': (machine) => machine.create([]), // EMPTY_LIST
  ')': (machine) => machine.create([]), // EMPTY_TUPLE
  '}': (machine) => machine.create(new Map()), // EMPTY_DICT
  '\x8f': (machine) => machine.create(new Set()), // EMPTY_SET
  l: (machine) => machine.create(machine.popToMark()), // LIST
  t: (machine) => machine.create(machine.popToMark()), // TUPLE
  '\x85': (machine) => machine.create(machine.popMany(1)), // TUPLE1
  '\x86': (machine) => machine.create(machine.popMany(2)), // TUPLE2
  '\x87': (machine) => machine.create(machine.popMany(3)), // TUPLE3
  d: dict, // DICT
  '\x91': (machine) => machine.create(new Set(machine.popToMark())), // FROZENSET
  a: append, // APPEND
  e: (machine) => appendMarked(machine), // APPENDS
  '\x90': (machine) => appendMarked(machine), // ADDITEMS
  s: setItem, // SETITEM
  u: (machine) => setMarked(machine), // SETITEMS
  c: (machine) => machine.create(new PythonGlobal(`${machine.cursor.line()}.${machine.cursor.line()}`)), // GLOBAL
  '\x93': stackGlobal, // STACK_GLOBAL
  R: call, // REDUCE
  '\x81': call, // NEWOBJ
  '\x92': newObjectEx, // NEWOBJ_EX
  b: (machine) => machine.build(machine.pop()), // BUILD
  Q: (machine) => machine.create(machine.meaning.persistent(machine.pop())), // BINPERSID
  q: (machine) => machine.put(machine.cursor.uint8()), // BINPUT
  r: (machine) => machine.put(machine.cursor.uint32()), // LONG_BINPUT
  '\x94': (machine) => machine.memoize(), // MEMOIZE
  h: (machine) => machine.get(machine.cursor.uint8()), // BINGET
  j: (machine) => machine.get(machine.cursor.uint32()), // LONG_BINGET
};

function appendMarked(machine: PickleMachine): void {
  const values = machine.popToMark();
  machine.append(machine.top(), values);
}

function setMarked(machine: PickleMachine): void {
  const items = machine.popToMark();
  machine.set(machine.top(), items);
}

/** By byte. */
export const OPCODES: ReadonlyMap<number, Act> = new Map(
  Object.entries(TABLE).map(([character, act]) => [character.charCodeAt(0), act]),
);
