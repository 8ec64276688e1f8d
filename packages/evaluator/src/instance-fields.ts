import { isHostArray } from '@engine/core';
import { isTensor } from './predictions.js';

/** Makes the error that says what was found in place of what a metric wants. */
export type Refuse = (received: string) => Error;

/** Boxes that were found in one image: `[x0, y0, x1, y1]` on end, and a score and a label for each. */
export interface Detections {
  readonly boxes: readonly number[];
  readonly scores: readonly number[];
  readonly labels: readonly number[];
}

/** A field by its name, or by that with underscores, as files and OpenMMLab write it. */
export function fieldOf(from: unknown, name: string): unknown {
  if (typeof from !== 'object' || from === null) return undefined;
  const fields = from as Readonly<Record<string, unknown>>;
  return fields[name] ?? fields[name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
}

/** `predInstances` of what a detector says of image `i`; tensors are read back. @throws what `refuse` makes */
export async function detectionsOf(prediction: unknown, i: number, refuse: Refuse): Promise<Detections> {
  const instances = fieldOf(prediction, 'predInstances');
  const [boxes = [], scores = [], labels = []] = await Promise.all(
    ['bboxes', 'scores', 'labels'].map((name) =>
      numbersOf(fieldOf(instances, name), `predInstances.${name} of sample ${i}`, refuse),
    ),
  );
  const { length } = scores;
  if (boxes.length !== 4 * length || labels.length !== length)
    throw refuse(`${boxes.length} / 4 boxes, ${length} scores and ${labels.length} labels in sample ${i}`);
  return { boxes, scores, labels };
}

/** The numbers of a tensor (read back), host array, typed array or list of numbers or lists; NaN as the least. @throws what `refuse` makes */
export async function numbersOf(value: unknown, name: string, refuse: Refuse): Promise<number[]> {
  if (isTensor(value)) return Array.from(await value.data(), ranked);
  if (isDumped(value)) return value.data.map(ranked);
  if (isHostArray(value)) return Array.from(value.data as ArrayLike<number | bigint>, (item) => ranked(Number(item)));
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>, ranked);
  const flat: unknown[] = Array.isArray(value) ? value.flat() : [undefined];
  if (flat.every((item) => typeof item === 'number')) return flat.map((item) => ranked(item as number));
  throw refuse(`${name} = ${typeName(value)}`);
}

/** NaN cannot be ordered: it is worse than any number. */
const ranked = (value: number): number => (Number.isNaN(value) ? -Number.MAX_VALUE : value);

/** A tensor as `DumpResults` writes it. */
export function isDumped(
  value: unknown,
): value is { readonly dtype: string; readonly shape: readonly number[]; readonly data: readonly number[] } {
  return (
    typeof value === 'object' && value !== null && 'shape' in value && 'data' in value && Array.isArray(value.data)
  );
}

export function typeName(value: unknown): string {
  if (isTensor(value)) return `${value.dtype} (${value.shape.join(', ')})`;
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value;
}
