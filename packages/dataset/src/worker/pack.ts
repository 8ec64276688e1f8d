import { isPlainObject } from '@engine/core/plain';
import { datasetErrors } from '../errors.js';
import { BaseDataElement } from '../structures/base-data-element.js';
import { InstanceData } from '../structures/instance-data.js';
import { LabelData } from '../structures/label-data.js';
import { PixelData } from '../structures/pixel-data.js';
import { typeName } from '../type-name.js';

/** Data elements that come out as what they were; those of other classes do not travel. */
const ELEMENTS = [BaseDataElement, InstanceData, PixelData, LabelData] as const;
/** Key of what stands for a data element on the way. */
const ELEMENT = '@engine/dataset:element';

type View = ArrayBufferView & { readonly length: number };

/** A batch on its way to another thread. */
export interface PackedBatch {
  readonly batch: unknown;
  /** Its memory, which goes along: this thread has it no more. */
  readonly transfer: readonly ArrayBuffer[];
}

/**
 * A batch that travels without being copied: arrays in `memory`, which was made for it, go as they are, others are moved into one more
 * buffer. (Sent as it is, a view of a whole dataset would take the dataset along.) What lies in shared memory stays there. Lists, plain
 * objects, Map and Set are made anew around them; data elements are what they were after {@link unpackBatch}.
 *
 * Transferred rather than shared, since engines do not count shared memory as garbage: it would pile up by the hundred megabytes.
 * @throws `ENGINE_DATASET_COLLATE_TYPE` for instances of other classes, which would arrive without their class
 */
export function packBatch(batch: unknown, memory: ReadonlySet<ArrayBufferLike>): PackedBatch {
  const transfer = new Set<ArrayBuffer>();
  const views = new Map<ArrayBufferView, number>();
  let bytes = 0;
  visit(batch, (view) => {
    const { buffer } = view;
    if (views.has(view) || buffer instanceof SharedArrayBuffer) return;
    if (memory.has(buffer)) {
      transfer.add(buffer as ArrayBuffer);
      return;
    }
    views.set(view, bytes);
    bytes += (view.byteLength + 7) & ~7;
  });
  if (views.size === 0) return { batch: replace(batch, new Map()), transfer: [...transfer] };
  const other = new ArrayBuffer(bytes);
  const target = new Uint8Array(other);
  const moved = new Map<ArrayBufferView, ArrayBufferView>();
  for (const [view, at] of views) {
    target.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at);
    const type = typeOf(view);
    moved.set(view, new type(other, at, view instanceof DataView ? view.byteLength : (view as View).length));
  }
  return { batch: replace(batch, moved), transfer: [...transfer, other] };
}

/** The typed array's own class, but never Buffer, which other threads do not know. */
function typeOf(view: ArrayBufferView): new (memory: ArrayBuffer, at: number, length: number) => ArrayBufferView {
  return (view instanceof Uint8Array ? Uint8Array : view.constructor) as never;
}

function visit(value: unknown, see: (view: ArrayBufferView) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (ArrayBuffer.isView(value)) see(value);
  else if (Array.isArray(value) || value instanceof Set) for (const item of value) visit(item, see);
  else if (value instanceof Map) for (const pair of value) visit(pair, see);
  else if (isPlainObject(value) || value instanceof BaseDataElement)
    for (const item of Object.values(value)) visit(item, see);
}

function replace(value: unknown, moved: ReadonlyMap<ArrayBufferView, ArrayBufferView>): unknown {
  const again = (item: unknown): unknown => replace(item, moved);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return moved.get(value) ?? value;
  if (Array.isArray(value)) return value.map(again);
  if (value instanceof Set) return new Set([...value].map(again));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [again(key), again(item)]));
  if (value instanceof BaseDataElement) return packElement(value, again);
  if (value instanceof Date || value instanceof RegExp || value instanceof ArrayBuffer) return value;
  if (!isPlainObject(value)) throw foreign(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, again(item)]));
}

function packElement(element: BaseDataElement, again: (item: unknown) => unknown): Record<string, unknown> {
  const kind = ELEMENTS.findIndex((type) => element.constructor === type);
  if (kind < 0) throw foreign(element);
  const data = Object.fromEntries(element.items().map(([name, value]) => [name, again(value)]));
  return { [ELEMENT]: kind, metainfo: again(element.metainfo), data };
}

function foreign(value: object): Error {
  return datasetErrors.COLLATE_TYPE({
    subject: 'batch',
    expected: 'plain data, host arrays and data elements (BaseDataElement, InstanceData, PixelData, LabelData)',
    received: `an instance of ${typeName(value)}, which cannot leave a worker thread`,
    action: 'turn it into plain data in the pipeline or collate function, or set numWorkers: 0',
  });
}

/** The batch that {@link packBatch} packed. */
export function unpackBatch(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(unpackBatch);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [unpackBatch(key), unpackBatch(item)]));
  if (!isPlainObject(value)) return value;
  const fields = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unpackBatch(item)]));
  const kind = fields[ELEMENT];
  if (typeof kind !== 'number') return fields;
  const type = ELEMENTS[kind] as typeof BaseDataElement;
  return new type({
    ...(fields.data as Record<string, unknown>),
    metainfo: fields.metainfo as Record<string, unknown>,
  });
}
