import { type HostArray, sizeOf } from '@engine/core/plain';
import { datasetErrors } from '../errors.js';
import { zeros } from '../zeros.js';

type Copyable = { set(source: unknown, at: number): void; subarray(from: number, to: number): unknown };

/** New array of the rows (first axis) at `places`. */
export function takeRows(array: HostArray, places: readonly number[]): HostArray {
  const size = sizeOf(array.shape.slice(1));
  const out = zeros(array.dtype, [places.length, ...array.shape.slice(1)]);
  const [source, target] = [array.data as unknown as Copyable, out.data as unknown as Copyable];
  places.forEach((place, i) => target.set(source.subarray(place * size, (place + 1) * size), i * size));
  return out;
}

/** New array of all rows. @throws `ENGINE_DATASET_ELEMENT_SHAPE` when they differ in type or in what a row is */
export function catArrays(arrays: readonly HostArray[], name: string): HostArray {
  const [first] = arrays as readonly [HostArray];
  const rowShape = first.shape.slice(1).join(', ');
  for (const { dtype, shape } of arrays) {
    if (dtype === first.dtype && shape.slice(1).join(', ') === rowShape) continue;
    throw datasetErrors.ELEMENT_SHAPE({
      subject: name,
      expected: `${first.dtype} rows of shape (${rowShape})`,
      received: `${dtype} (${shape.join(', ')})`,
      action: 'make the arrays alike but for their number of rows',
    });
  }
  const out = zeros(first.dtype, [
    arrays.reduce((rows, { shape }) => rows + (shape[0] as number), 0),
    ...first.shape.slice(1),
  ]);
  let at = 0;
  for (const { data } of arrays) {
    (out.data as unknown as Copyable).set(data, at);
    at += data.length;
  }
  return out;
}
