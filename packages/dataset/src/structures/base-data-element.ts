import { type HostArray, isHostArray, isPlainObject } from '@engine/core/plain';
import { copyPlain } from '../copy-plain.js';
import { datasetErrors } from '../errors.js';
import { typeName } from '../type-name.js';

type Fields = Record<string, unknown>;

/** What an element is made of: its data by name, and facts about it under `metainfo`. */
export interface ElementInit {
  readonly metainfo?: Readonly<Fields> | undefined;
  readonly [name: string]: unknown;
}

/** What a field's value must be: a class, the name of a primitive type, or a test. */
export type FieldType = 'number' | 'string' | 'boolean' | 'hostArray' | (new (...args: never[]) => object);

const addresses = new WeakMap<object, number>();
let lastAddress = 0;

/**
 * Annotations or predictions of one sample that travel together: data fields, and metainfo, which says what they are about (image
 * size, file name). Both are read as properties: `element.boxes`, `element.imgShape`; data may be assigned. No name is in both.
 * Metainfo is copied in and out, data is not.
 *
 * @throws `ENGINE_DATASET_ELEMENT_FIELD` for a name that is taken; `ENGINE_DATASET_ELEMENT_TYPE` for a value of the wrong type
 */
export class BaseDataElement {
  readonly #meta = new Map<string, unknown>();

  constructor({ metainfo, ...data }: ElementInit = {}) {
    if (metainfo !== undefined) this.setMetainfo(metainfo);
    this.setData(data);
  }

  /** An element whose fields the compiler knows. */
  static of<C extends BaseDataElement, D extends Fields>(
    this: new (
      init: ElementInit,
    ) => C,
    data: D,
    metainfo?: Readonly<Fields>,
  ): C & { -readonly [N in keyof D]: D[N] } {
    return new this({ ...data, metainfo }) as C & { -readonly [N in keyof D]: D[N] };
  }

  /** A copy of the facts. */
  get metainfo(): Fields {
    return copyPlain(Object.fromEntries(this.#meta));
  }

  setMetainfo(metainfo: Readonly<Fields>): void {
    if (!isPlainObject(metainfo)) throw notFields('metainfo', metainfo);
    for (const [name, value] of Object.entries(metainfo)) this.setField(name, copyPlain(value), { in: 'metainfo' });
  }

  setData(data: Readonly<Fields>): void {
    if (!isPlainObject(data)) throw notFields('data', data);
    for (const [name, value] of Object.entries(data)) this.setField(name, value);
  }

  /** Sets a field, of data unless told otherwise. `type` is checked now and at every later assignment. */
  setField(
    name: string,
    value: unknown,
    { in: part = 'data', type }: { readonly in?: 'data' | 'metainfo'; readonly type?: FieldType | undefined } = {},
  ): void {
    this.#checkName(name, part);
    if (type !== undefined) checkType(name, value, type);
    if (part === 'metainfo') {
      this.#meta.set(name, value);
      this.#define(name, {
        get: () => this.#meta.get(name),
        set: () => this.#checkName(name, 'data'),
        enumerable: false,
      });
      return;
    }
    this.checkValue(name, value);
    let current = value;
    this.#define(name, {
      get: () => current,
      set: (next: unknown) => {
        if (type !== undefined) checkType(name, next, type);
        this.checkValue(name, next);
        current = next;
      },
      enumerable: true,
    });
  }

  /** What subclasses ask of data. @throws whatever they say */
  protected checkValue(_name: string, _value: unknown): void {}

  /** Takes over the fields of another element. */
  update(other: BaseDataElement): void {
    if (!(other instanceof BaseDataElement)) throw notFields('other', other, 'a data element');
    this.setMetainfo(other.metainfo);
    this.setData(other.#data());
  }

  /** An element of the same class; a part that is given replaces that of this one entirely, the other is taken over. */
  new({ metainfo, ...data }: ElementInit = {}): this {
    const type = this.constructor as new (init: ElementInit) => this;
    const fields = Object.keys(data).length > 0 ? data : this.#data();
    return new type({ ...fields, metainfo: metainfo ?? this.metainfo });
  }

  /** An element with its own metainfo and the same data. */
  clone(): this {
    return this.new();
  }

  keys(): string[] {
    return Object.keys(this);
  }
  values(): unknown[] {
    return Object.values(this);
  }
  items(): [string, unknown][] {
    return Object.entries(this);
  }
  metainfoKeys(): string[] {
    return [...this.#meta.keys()];
  }
  /** Names of metainfo, then of data. */
  allKeys(): string[] {
    return [...this.#meta.keys(), ...this.keys()];
  }

  has(name: string): boolean {
    return this.#meta.has(name) || Object.hasOwn(this, name);
  }

  get(name: string, otherwise?: unknown): unknown {
    return this.has(name) ? this[name as never] : otherwise;
  }

  /** Takes a field out. Without `otherwise`, one that is missing is `ENGINE_DATASET_ELEMENT_FIELD`. */
  pop(...[name, ...otherwise]: [name: string, otherwise?: unknown]): unknown {
    if (!this.has(name) && otherwise.length > 0) return otherwise[0];
    const value = this.get(name);
    this.delete(name);
    return value;
  }

  /** @throws `ENGINE_DATASET_ELEMENT_FIELD` when there is none of that name */
  delete(name: string): void {
    if (!this.has(name)) {
      throw datasetErrors.ELEMENT_FIELD({
        subject: `${this.constructor.name}.${name}`,
        expected: `one of ${this.allKeys().join(', ') || '(no fields)'}`,
        received: name,
        action: 'ask has(name) first, or give pop a value for fields that are missing',
      });
    }
    this.#meta.delete(name);
    delete this[name as never];
  }

  /** Plain objects all the way: metainfo and data in one, elements directly inside too. */
  toDict(): Fields {
    const all = { ...this.metainfo, ...this.#data() };
    return Object.fromEntries(
      Object.entries(all).map(([name, value]) => [name, value instanceof BaseDataElement ? value.toDict() : value]),
    );
  }

  /** An element of the same class with `change` applied to each host array, in elements directly inside too. */
  mapArrays(change: (array: HostArray) => unknown): this {
    const changed = this.items().map(([name, value]) => [
      name,
      value instanceof BaseDataElement ? value.mapArrays(change) : isHostArray(value) ? change(value) : value,
    ]);
    return this.new(Object.fromEntries(changed) as ElementInit);
  }

  toString(): string {
    const number = addresses.get(this) ?? ++lastAddress;
    addresses.set(this, number);
    const lines = (fields: readonly (readonly [string, unknown])[]): string =>
      fields.map(([name, value]) => `\n    ${name}: ${indented(shown(value))}`).join('');
    const meta = lines([...this.#meta]);
    return `<${this.constructor.name}(\n\n    META INFORMATION${meta}\n\n    DATA FIELDS${lines(this.items())}\n) at 0x${number.toString(16)}>`;
  }

  #data(): Fields {
    return Object.fromEntries(this.items());
  }

  #define(name: string, property: PropertyDescriptor): void {
    Object.defineProperty(this, name, { ...property, configurable: true });
  }

  #checkName(name: string, part: 'data' | 'metainfo'): void {
    const taken = part === 'data' ? this.#meta.has(name) : Object.hasOwn(this, name) && !this.#meta.has(name);
    const isMember = name in (Object.getPrototypeOf(this) as object);
    if (!taken && !isMember) return;
    throw datasetErrors.ELEMENT_FIELD({
      subject: `${this.constructor.name}.${name}`,
      expected: `a name for ${part} that nothing else has`,
      received: isMember
        ? `${name}, a member of every data element`
        : `${name}, which is in ${part === 'data' ? 'metainfo' : 'data'}`,
      action: 'choose another name, or delete the field first',
    });
  }
}

function checkType(name: string, value: unknown, type: FieldType): void {
  const fits =
    typeof type === 'function'
      ? value instanceof type
      : type === 'hostArray'
        ? isHostArray(value)
        : typeof value === type;
  if (fits) return;
  throw datasetErrors.ELEMENT_TYPE({
    subject: name,
    expected: typeof type === 'function' ? `an instance of ${type.name}` : `a ${type}`,
    received: typeName(value),
    action: 'give a value of that type',
  });
}

function notFields(subject: string, value: unknown, expected = 'a plain object'): Error {
  return datasetErrors.ELEMENT_TYPE({ subject, expected, received: typeName(value), action: 'give fields by name' });
}

function shown(value: unknown): string {
  if (isHostArray(value))
    return `${value.dtype} (${value.shape.join(', ')}) [${Array.from(value.data as ArrayLike<unknown>)
      .slice(0, 8)
      .join(', ')}${value.data.length > 8 ? ', ...' : ''}]`;
  if (typeof value === 'string') return `'${value}'`;
  if (value instanceof BaseDataElement) return value.toString();
  return JSON.stringify(value) ?? String(value);
}

/** Lines after the first stand below the value, empty ones too. */
function indented(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(8)}`);
}
