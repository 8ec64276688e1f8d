import { isPlainObject } from '@engine/core/plain';

type View = ArrayBufferView & { readonly length: number };

/**
 * A batch that travels without being copied: typed arrays outside shared memory are put into one shared buffer. (Sent as they are,
 * a view of a whole dataset would take the dataset along.) Lists, plain objects, Map and Set are made anew around them.
 */
export function packBatch(batch: unknown): unknown {
  const views = new Map<ArrayBufferView, number>();
  let bytes = 0;
  visit(batch, (view) => {
    if (views.has(view) || view.buffer instanceof SharedArrayBuffer) return;
    views.set(view, bytes);
    bytes += (view.byteLength + 7) & ~7;
  });
  if (views.size === 0) return batch;
  const memory = new SharedArrayBuffer(bytes);
  const target = new Uint8Array(memory);
  const moved = new Map<ArrayBufferView, ArrayBufferView>();
  for (const [view, at] of views) {
    target.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at);
    const type = typeOf(view);
    moved.set(view, new type(memory, at, view instanceof DataView ? view.byteLength : (view as View).length));
  }
  return replace(batch, moved);
}

/** The typed array's own class, but never Buffer, which other threads do not know. */
function typeOf(view: ArrayBufferView): new (memory: SharedArrayBuffer, at: number, length: number) => ArrayBufferView {
  return (view instanceof Uint8Array ? Uint8Array : view.constructor) as never;
}

function visit(value: unknown, see: (view: ArrayBufferView) => void): void {
  if (typeof value !== 'object' || value === null) return;
  if (ArrayBuffer.isView(value)) see(value);
  else if (Array.isArray(value) || value instanceof Set) for (const item of value) visit(item, see);
  else if (value instanceof Map) for (const pair of value) visit(pair, see);
  else if (isPlainObject(value)) for (const key of Object.keys(value)) visit(value[key], see);
}

function replace(value: unknown, moved: ReadonlyMap<ArrayBufferView, ArrayBufferView>): unknown {
  const again = (item: unknown): unknown => replace(item, moved);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return moved.get(value) ?? value;
  if (Array.isArray(value)) return value.map(again);
  if (value instanceof Set) return new Set([...value].map(again));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [again(key), again(item)]));
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, again(item)]));
}
