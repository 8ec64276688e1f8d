import { type HostArray, isHostArray } from '@engine/core/plain';
import { datasetErrors } from '../errors.js';
import { typeName } from '../type-name.js';
import { zeros } from '../zeros.js';
import { BaseDataElement } from './base-data-element.js';

/** Labels of a whole image. */
export class LabelData extends BaseDataElement {
  /** The places of the ones in a 1-D array of zeros and ones, int32. @throws `ENGINE_DATASET_ELEMENT_TYPE`, `ENGINE_DATASET_ELEMENT_SHAPE` */
  static onehotToLabel(onehot: HostArray): HostArray<'int32'> {
    checkArray('onehot', onehot);
    const values = Array.from(onehot.data as ArrayLike<number | bigint>, Number);
    if (onehot.shape.length !== 1 || values.some((value) => value !== 0 && value !== 1)) {
      throw datasetErrors.ELEMENT_SHAPE({
        subject: 'LabelData.onehotToLabel',
        expected: 'a 1-D array of zeros and ones',
        received: `${typeName(onehot)} with values ${[...new Set(values)].slice(0, 5).join(', ')}`,
        action: 'convert labels with labelToOnehot, scores with a threshold',
      });
    }
    const places = values.flatMap((value, i) => (value === 1 ? [i] : []));
    const label = zeros('int32', [places.length]);
    label.data.set(places);
    return label;
  }

  /** Zeros of the labels' type with ones at the labels, `(numClasses)`. @throws `ENGINE_DATASET_ELEMENT_TYPE`, `ENGINE_DATASET_INDEX_RANGE` */
  static labelToOnehot(label: HostArray, numClasses: number): HostArray {
    checkArray('label', label);
    const onehot = zeros(label.dtype, [numClasses]);
    for (const value of label.data as Iterable<number | bigint>) {
      const place = Number(value);
      if (!Number.isInteger(place) || place < 0 || place >= numClasses) {
        throw datasetErrors.INDEX_RANGE({
          subject: 'LabelData.labelToOnehot',
          expected: `labels from 0 to ${numClasses - 1}`,
          received: `label = ${place}`,
          action: 'raise numClasses, or correct the label',
        });
      }
      (onehot.data as unknown as (number | bigint)[])[place] = typeof value === 'bigint' ? 1n : 1;
    }
    return onehot;
  }
}

function checkArray(name: string, value: unknown): void {
  if (isHostArray(value)) return;
  throw datasetErrors.ELEMENT_TYPE({
    subject: `LabelData: ${name}`,
    expected: 'a host array',
    received: typeName(value),
    action: "make one: hostArray('int32', [n], Int32Array.from(labels))",
  });
}
