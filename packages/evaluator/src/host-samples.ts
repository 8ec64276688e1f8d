import * as tf from '@tensorflow/tfjs-core';
import { evaluatorErrors } from './errors.js';

/** A tensor as plain data; `shape` and `data` of one sample, without the batch's axis where it was a row. */
interface HostTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** One sample of predictions that were tensors with a row a sample. */
interface TensorRows {
  readonly $rows: readonly HostTensor[];
}

/** The predictions of a batch as one plain value a sample; tensors are read back. @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS` */
export async function samplesOf(predictions: unknown, subject: string): Promise<unknown[]> {
  if (!Array.isArray(predictions)) throw notSamples(predictions, subject);
  const list = predictions as unknown[];
  if (list.length > 0 && list.every(isTensor)) return tensorRows(list, subject);
  return Promise.all(list.map(toHost));
}

/** Undoes {@link samplesOf}: the predictions of a chunk of samples. Tensors that it makes belong to the caller. */
export function predictionsOf(samples: readonly unknown[]): unknown {
  if (samples.length === 0 || !samples.every(isRows)) return samples;
  const [first] = samples as [TensorRows, ...TensorRows[]];
  return first.$rows.map(({ shape, dtype }, i) =>
    tf.tensor(
      samples.flatMap(({ $rows }) => ($rows[i] as HostTensor).data),
      [samples.length, ...shape],
      dtype as tf.DataType,
    ),
  );
}

async function tensorRows(tensors: readonly tf.Tensor[], subject: string): Promise<TensorRows[]> {
  const count = (tensors[0] as tf.Tensor).shape[0];
  if (count === undefined || tensors.some(({ shape }) => shape[0] !== count)) throw notSamples(tensors, subject);
  const all = await Promise.all(tensors.map(async (tensor) => ({ tensor, data: await tensor.data() })));
  return Array.from({ length: count }, (_, row) => ({
    $rows: all.map(({ tensor: { dtype, shape }, data }) => {
      const size = data.length / count;
      return { dtype, shape: shape.slice(1), data: Array.from(data.slice(row * size, (row + 1) * size), Number) };
    }),
  }));
}

async function toHost(value: unknown): Promise<unknown> {
  if (isTensor(value)) {
    return {
      dtype: value.dtype,
      shape: value.shape,
      data: Array.from(await value.data(), Number),
    } satisfies HostTensor;
  }
  if (ArrayBuffer.isView(value)) return Array.from(value as unknown as ArrayLike<number>);
  if (Array.isArray(value)) return Promise.all((value as unknown[]).map(toHost));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([key, item]) => [key, await toHost(item)] as const)),
  );
}

const isTensor = (value: unknown): value is tf.Tensor => value instanceof tf.Tensor;
const isRows = (value: unknown): value is TensorRows =>
  typeof value === 'object' && value !== null && '$rows' in value && Array.isArray(value.$rows);

function notSamples(predictions: unknown, subject: string): Error {
  return evaluatorErrors.BAD_PREDICTIONS({
    subject,
    expected: 'a list with one element a sample, or a list of tensors with a row a sample',
    received: Array.isArray(predictions)
      ? `tensors of shapes ${(predictions as tf.Tensor[]).map(({ shape }) => `(${shape.join(', ')})`).join(' and ')}`
      : typeof predictions,
    action: "return such a list from the model's forward() in mode 'predict'",
  });
}
