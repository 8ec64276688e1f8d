import { type HostArray, isHostArray } from '@engine/core/plain';
import { datasetErrors } from '../errors.js';
import { typeName } from '../type-name.js';
import { BaseDataElement, type ElementInit } from './base-data-element.js';
import { catArrays, takeRows } from './host-rows.js';

/** Every `step`-th place from `start` up to, not with, `stop`; negative ones count from the end, as in Python. */
export interface Slice {
  readonly start?: number | undefined;
  readonly stop?: number | undefined;
  readonly step?: number | undefined;
}

/** Which instances: a place, places, a slice, or a mask with one boolean for each; as lists or 1-D host arrays. */
export type InstanceIndex =
  | number
  | readonly number[]
  | readonly boolean[]
  | Slice
  | HostArray<'int32' | 'int64' | 'bool'>;

/** An own kind of list that instances may be kept in. */
export interface InstanceList {
  readonly length: number;
  slice(start: number, end: number): InstanceList;
  cat(pieces: readonly InstanceList[]): InstanceList;
}

/**
 * One row for each instance (object, box, person) in every field: host arrays `(N, ...)`, lists, strings, typed arrays, or an
 * {@link InstanceList} of one's own. All fields have the same length N.
 * @throws `ENGINE_DATASET_ELEMENT_SHAPE` for another length, `ENGINE_DATASET_ELEMENT_TYPE` for what has none
 */
export class InstanceData extends BaseDataElement {
  /** Rows of the first field; 0 without fields. */
  get length(): number {
    const [first] = this.values();
    return first === undefined ? 0 : (rowsOf(first) as number);
  }

  protected override checkValue(name: string, value: unknown): void {
    const rows = rowsOf(value);
    if (rows === undefined) {
      throw datasetErrors.ELEMENT_TYPE({
        subject: `${this.constructor.name}.${name}`,
        expected: 'something with a length: a host array of at least one axis, a list, a string',
        received: typeName(value),
        action: 'keep facts about the whole image in metainfo',
      });
    }
    const { length } = this;
    if (length === 0 || rows === length) return;
    throw datasetErrors.ELEMENT_SHAPE({
      subject: `${this.constructor.name}.${name}`,
      expected: `${length} rows, as in ${this.keys().join(', ')}`,
      received: `${rows} rows`,
      action: 'give one row for each instance',
    });
  }

  /**
   * These instances, with the metainfo of all. A number keeps the axis: one row.
   * @throws `ENGINE_DATASET_INDEX_RANGE`, `ENGINE_DATASET_BAD_INDICES`, `ENGINE_DATASET_ELEMENT_SHAPE` for a mask of another length
   */
  select(index: InstanceIndex): this {
    const places = this.#places(index);
    const fields = this.items().map(([name, value]) => [name, rowsAt(value, places, name)]);
    return this.new(Object.fromEntries(fields) as ElementInit);
  }

  #places(index: InstanceIndex): number[] {
    const { length } = this;
    if (typeof index === 'number') return [placeIn(index, length)];
    if (isHostArray(index)) return this.#placesOf(index);
    if (Array.isArray(index)) {
      if (index.every((item) => typeof item === 'boolean')) return index.length === 0 ? [] : maskPlaces(index, length);
      return index.map((item: unknown) => placeIn(item, length));
    }
    if (isSlice(index)) return slicePlaces(index, length);
    throw badIndex(typeName(index));
  }

  #placesOf({ dtype, shape, data }: HostArray): number[] {
    if (shape.length !== 1) throw badIndex(`${dtype} (${shape.join(', ')})`);
    if (dtype === 'bool')
      return maskPlaces(
        Array.from(data as Uint8Array, (bit) => bit !== 0),
        this.length,
      );
    if (dtype !== 'int32' && dtype !== 'int64') throw badIndex(`${dtype} (${shape.join(', ')})`);
    return Array.from(data as ArrayLike<number | bigint>, (item) => placeIn(Number(item), this.length));
  }

  /**
   * The instances of several, one after the other, with the metainfo of the first. One alone is returned as it is.
   * @throws `ENGINE_DATASET_ELEMENT_TYPE` for other things and none at all, `ENGINE_DATASET_ELEMENT_FIELD` for other fields
   */
  static cat<T extends InstanceData>(parts: readonly T[]): T {
    const [first] = parts;
    if (first === undefined || !parts.every((part) => part instanceof InstanceData)) {
      throw datasetErrors.ELEMENT_TYPE({
        subject: 'InstanceData.cat',
        expected: 'a list of at least one InstanceData',
        received: first === undefined ? 'an empty list' : parts.map(typeName).join(', '),
        action: 'leave out what is not InstanceData',
      });
    }
    if (parts.length === 1) return first;
    const keys = first.allKeys().sort().join(', ');
    const other = parts.find((part) => part.allKeys().sort().join(', ') !== keys);
    if (other !== undefined) {
      throw datasetErrors.ELEMENT_FIELD({
        subject: 'InstanceData.cat',
        expected: `fields ${keys}`,
        received: `fields ${other.allKeys().sort().join(', ')}`,
        action: 'give all of them the same fields',
      });
    }
    const fields = first.keys().map((name) => [
      name,
      catRows(
        parts.map((part) => part.get(name)),
        name,
      ),
    ]);
    return first.new(Object.fromEntries(fields) as ElementInit);
  }
}

function rowsOf(value: unknown): number | undefined {
  if (isHostArray(value)) return value.shape[0];
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || !('length' in value)) return undefined;
  return typeof value.length === 'number' ? value.length : undefined;
}

type TypedArray = Float32Array & { readonly constructor: new (length: number) => Float32Array };

function rowsAt(value: unknown, places: readonly number[], name: string): unknown {
  if (isHostArray(value)) return takeRows(value, places);
  if (typeof value === 'string') return places.map((place) => value[place]).join('');
  if (Array.isArray(value)) return places.map((place) => value[place] as unknown);
  if (ArrayBuffer.isView(value)) return fill(value as TypedArray, places, (place) => (value as TypedArray)[place]);
  const list = value as InstanceList;
  if (typeof list.cat === 'function') return list.cat(places.map((place) => list.slice(place, place + 1)));
  throw noCat(name, value);
}

/** A typed array of the kind of `like`, from the value that each of `items` stands for. */
function fill(like: TypedArray, items: readonly number[], valueOf: (item: number) => number | undefined): TypedArray {
  const out = new like.constructor(items.length);
  for (const [i, item] of items.entries()) out[i] = valueOf(item) as number;
  return out as TypedArray;
}

function catRows(values: readonly unknown[], name: string): unknown {
  const [first] = values;
  if (isHostArray(first)) return catArrays(values as HostArray[], name);
  if (typeof first === 'string') return values.join('');
  if (Array.isArray(first)) return (values as unknown[][]).flat(1);
  if (ArrayBuffer.isView(first)) {
    const all = (values as TypedArray[]).flatMap((value) => Array.from(value));
    return fill(first as TypedArray, all, (item) => item);
  }
  const list = first as InstanceList;
  if (typeof list.cat === 'function') return list.cat(values as InstanceList[]);
  throw noCat(name, first);
}

function noCat(name: string, value: unknown): Error {
  return datasetErrors.ELEMENT_TYPE({
    subject: name,
    expected: 'a host array, list or string, or an object with slice(start, end) and cat(pieces)',
    received: typeName(value),
    action: 'add slice and cat to its class, or keep it in metainfo',
  });
}

function placeIn(index: unknown, length: number): number {
  if (typeof index !== 'number' || !Number.isInteger(index)) throw badIndex(String(index));
  if (index >= -length && index < length) return index < 0 ? index + length : index;
  throw datasetErrors.INDEX_RANGE({
    subject: 'InstanceData',
    expected: length === 0 ? 'no index: there are no instances' : `an index from ${-length} to ${length - 1}`,
    received: `index = ${index}`,
    action: 'use indices of these instances',
  });
}

function maskPlaces(mask: readonly boolean[], length: number): number[] {
  if (mask.length === length) return mask.flatMap((on, i) => (on ? [i] : []));
  throw datasetErrors.ELEMENT_SHAPE({
    subject: 'InstanceData.select',
    expected: `a mask of ${length} booleans, one for each instance`,
    received: `${mask.length} booleans`,
    action: 'make the mask from the fields of these instances',
  });
}

function isSlice(value: unknown): value is Slice {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([key, item]) => ['start', 'stop', 'step'].includes(key) && (item === undefined || Number.isInteger(item)),
    )
  );
}

/** The places that a slice means among `length`. @throws `ENGINE_DATASET_BAD_INDICES` for a step of 0 */
export function slicePlaces({ start, stop, step = 1 }: Slice, length: number): number[] {
  if (step === 0) throw badIndex('step = 0');
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const clamp = (place: number): number => Math.min(most, Math.max(least, place < 0 ? place + length : place));
  const first = start === undefined ? (step > 0 ? least : most) : clamp(start);
  const end = stop === undefined ? (step > 0 ? most : least) : clamp(stop);
  return Array.from({ length: Math.max(0, Math.ceil((end - first) / step)) }, (_, i) => first + i * step);
}

function badIndex(received: string): Error {
  return datasetErrors.BAD_INDICES({
    subject: 'InstanceData.select',
    expected:
      'an integer, a list of integers or booleans, { start, stop, step }, or a 1-D host array of int32, int64 or bool',
    received,
    action: 'convert the index',
  });
}
