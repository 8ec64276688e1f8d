import { type HostArray, hostArray, isHostArray } from '@engine/core/plain';
import { datasetErrors } from '../errors.js';
import { typeName } from '../type-name.js';
import { zeros } from '../zeros.js';
import { BaseDataElement } from './base-data-element.js';
import { type Slice, slicePlaces } from './instance-data.js';

/**
 * Maps of an image, one value (or several) a pixel: host arrays `(C, H, W)`, all of the same H and W. An `(H, W)` map gets a channel axis.
 * @throws `ENGINE_DATASET_ELEMENT_TYPE`, `ENGINE_DATASET_ELEMENT_SHAPE`
 */
export class PixelData extends BaseDataElement {
  /** (H, W); undefined without fields. */
  get shape(): readonly [height: number, width: number] | undefined {
    const [first] = this.values() as readonly HostArray[];
    return first === undefined ? undefined : (first.shape.slice(-2) as unknown as readonly [number, number]);
  }

  override setField(name: string, value: unknown, options?: Parameters<BaseDataElement['setField']>[2]): void {
    const isMap = options?.in !== 'metainfo' && isHostArray(value) && value.shape.length === 2;
    super.setField(name, isMap ? hostArray(value.dtype, [1, ...value.shape], value.data) : value, options);
  }

  protected override checkValue(name: string, value: unknown): void {
    const subject = `${this.constructor.name}.${name}`;
    const action = 'keep one value a pixel here, and anything else in metainfo';
    if (!isHostArray(value))
      throw datasetErrors.ELEMENT_TYPE({ subject, expected: 'a host array', received: typeName(value), action });
    const { shape } = this;
    const [height, width] = shape ?? value.shape.slice(-2);
    const fits = value.shape.length === 3 && value.shape[1] === height && value.shape[2] === width;
    if (fits) return;
    throw datasetErrors.ELEMENT_SHAPE({
      subject,
      expected: shape === undefined ? 'shape (C, H, W) or (H, W)' : `shape (C, ${height}, ${width})`,
      received: typeName(value),
      action,
    });
  }

  /**
   * A window of every map. A number keeps the axis: one row or column.
   * @throws `ENGINE_DATASET_BAD_INDICES`, `ENGINE_DATASET_INDEX_RANGE`
   */
  slice(rows: number | Slice, columns: number | Slice): this {
    const [height, width] = this.shape ?? [0, 0];
    const [ys, xs] = [placesOf(rows, height, 'rows'), placesOf(columns, width, 'columns')];
    return this.mapArrays((array) => window(array, ys, xs));
  }
}

function placesOf(index: number | Slice, length: number, what: string): number[] {
  if (typeof index === 'object' && index !== null && !Array.isArray(index)) return slicePlaces(index, length);
  if (typeof index !== 'number' || !Number.isInteger(index)) {
    throw datasetErrors.BAD_INDICES({
      subject: `PixelData.slice: ${what}`,
      expected: 'an integer or { start, stop, step }',
      received: typeName(index),
      action: 'give rows and columns, each as one of these',
    });
  }
  if (index >= -length && index < length) return [index < 0 ? index + length : index];
  throw datasetErrors.INDEX_RANGE({
    subject: `PixelData.slice: ${what}`,
    expected: `an index from ${-length} to ${length - 1}`,
    received: `index = ${index}`,
    action: 'use places inside the image',
  });
}

function window(array: HostArray, ys: readonly number[], xs: readonly number[]): HostArray {
  const [channels, height, width] = array.shape as unknown as [number, number, number];
  const out = zeros(array.dtype, [channels, ys.length, xs.length]);
  const [source, target] = [array.data as Float32Array, out.data as Float32Array];
  let at = 0;
  for (let c = 0; c < channels; c++)
    for (const y of ys) for (const x of xs) target[at++] = source[(c * height + y) * width + x] as number;
  return out;
}
