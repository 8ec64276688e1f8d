import { MOST_OBJECTS } from './limits.js';
import { PickleCursor } from './pickle-cursor.js';
import { OPCODES, STOP } from './pickle-opcodes.js';
import { PythonGlobal, PythonObject, type PythonValue } from './python-values.js';
import type { Refuse } from './refuse.js';

/** What a pickle means beside its opcodes. Nothing that it names is ever imported or called. */
export interface PickleMeaning {
  /** What a persistent id stands for, which here is a storage of values. */
  persistent(id: PythonValue): PythonValue;
  /** The value of calling `name`, or a {@link PythonObject} where it is not known. */
  call(name: string, args: readonly PythonValue[]): PythonValue;
  /** The object after `__setstate__`, which may be another one. */
  build(object: PythonObject, state: PythonValue): PythonValue;
}

/** Runs the pickle that begins at `start`. `end` is the byte after it. */
export function unpickle(
  bytes: Uint8Array,
  start: number,
  { meaning, refuse }: { readonly meaning: PickleMeaning; readonly refuse: Refuse },
): { readonly value: PythonValue; readonly end: number } {
  const machine = new PickleMachine(new PickleCursor(bytes, start, refuse), meaning, refuse);
  const value = machine.run();
  return { value, end: machine.cursor.at };
}

/** The stack, marks and memo of Python's unpickler. */
export class PickleMachine {
  readonly #stack: PythonValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PythonValue>();
  /** Where the memo has an object that `build` may replace. */
  readonly #slots = new Map<PythonObject, number>();
  #objects = 0;

  constructor(
    readonly cursor: PickleCursor,
    readonly meaning: PickleMeaning,
    readonly refuse: Refuse,
  ) {}

  run(): PythonValue {
    for (let opcode = this.cursor.uint8(); opcode !== STOP; opcode = this.cursor.uint8()) {
      const act = OPCODES.get(opcode);
      if (act === undefined)
        throw this.refuse.broken('a pickle of protocol 1 to 5', `opcode ${opcode} at byte ${this.cursor.at - 1} of it`);
      act(this);
    }
    return this.pop();
  }

  push(value: PythonValue): void {
    this.#stack.push(value);
  }

  /** {@link push} of what takes memory of its own. */
  create(value: PythonValue): void {
    this.#objects += 1;
    if (this.#objects > MOST_OBJECTS)
      throw this.refuse.limit(`at most ${MOST_OBJECTS} dicts, lists and objects`, 'more');
    this.push(value);
  }

  pop(): PythonValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#empty();
    return this.#stack.pop() as PythonValue;
  }

  top(): PythonValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw this.#empty();
    return this.#stack.at(-1) as PythonValue;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
  }

  /** Takes everything above the last mark, and the mark. */
  popToMark(): PythonValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#empty();
    return this.#stack.splice(mark);
  }

  /** Takes the last `count` values, in their order. */
  popMany(count: number): PythonValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  put(slot: number): void {
    const value = this.top();
    this.#memo.set(slot, value);
    if (value instanceof PythonObject) this.#slots.set(value, slot);
  }

  memoize(): void {
    this.put(this.#memo.size);
  }

  get(slot: number): void {
    const value = this.#memo.get(slot);
    if (value === undefined) throw this.refuse.broken('a value kept earlier in the pickle', `number ${slot}, not kept`);
    this.push(value);
  }

  /** Calls, or takes apart, what is named by `callee`. */
  call(callee: PythonValue, args: PythonValue): void {
    if (!(callee instanceof PythonGlobal) || !Array.isArray(args))
      throw this.refuse.broken('a class or function and its arguments in the pickle', 'other values');
    const name = callee instanceof PythonObject ? `${callee.pythonClass}()` : callee.pythonClass;
    this.create(this.meaning.call(name, args));
  }

  build(state: PythonValue): void {
    const object = this.top();
    if (!(object instanceof PythonObject)) return; // attributes of a dict or tensor, as `_metadata` of a state dict
    const built = this.meaning.build(object, state);
    if (built === object) return;
    this.#stack[this.#stack.length - 1] = built;
    const slot = this.#slots.get(object);
    if (slot !== undefined && this.#memo.get(slot) === object) this.#memo.set(slot, built);
  }

  append(target: PythonValue, values: readonly PythonValue[]): void {
    if (target instanceof PythonObject) target.elements ??= [];
    const elements = target instanceof PythonObject ? target.elements : target;
    if (elements instanceof Set) for (const value of values) elements.add(value);
    else if (Array.isArray(elements)) for (const value of values) elements.push(value);
    else throw this.refuse.broken('a list or set that the pickle adds to', 'another value');
  }

  set(target: PythonValue, items: readonly PythonValue[]): void {
    if (target instanceof PythonObject) target.entries ??= new Map();
    const entries = target instanceof PythonObject ? target.entries : target;
    if (!(entries instanceof Map) || items.length % 2 !== 0)
      throw this.refuse.broken('a dict that the pickle adds keys and values to', 'another value');
    for (let i = 0; i < items.length; i += 2) entries.set(items[i] as PythonValue, items[i + 1] as PythonValue);
  }

  #empty(): Error {
    return this.refuse.broken('a value on the stack of the pickle', `none, at byte ${this.cursor.at} of it`);
  }
}
