import { type HostArray, hostArray, isHostArray } from '@engine/core';
import type * as tf from '@tensorflow/tfjs-core';
import { evaluatorErrors } from '../errors.js';
import { type Detections, detectionsOf, fieldOf, isDumped, numbersOf, typeName } from '../instance-fields.js';
import { isTensor } from '../predictions.js';
import * as cocoMask from './coco-mask.js';

/** What a detector found in one image, as plain data that travels between ranks. */
export interface CocoResult extends Detections {
  readonly imgId: number;
  readonly masks?: readonly cocoMask.Rle[];
  /** Scores of the masks, where a model gives them their own. */
  readonly maskScores?: readonly number[];
}

const EXPECTED =
  'one { imgId, predInstances: { bboxes (N, 4), scores (N), labels (N), masks (N, H, W)? } } a sample, as tensors, host arrays or lists';

/** Reads what `forward` returned in mode 'predict'; tensors are read back. @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_BAD_MASK` */
export async function cocoResults(batch: unknown, predictions: unknown): Promise<CocoResult[]> {
  if (!Array.isArray(predictions)) throw badPredictions(typeName(predictions));
  return Promise.all(predictions.map((prediction: unknown, i) => cocoResult(prediction, sampleOf(batch, i), i)));
}

async function cocoResult(prediction: unknown, sample: unknown, i: number): Promise<CocoResult> {
  const imgId = idOf(fieldOf(prediction, 'imgId') ?? fieldOf(sample, 'imgId'));
  if (imgId === undefined) throw badPredictions(`no imgId in sample ${i}, nor in samples[${i}] of the batch`);
  const { boxes, scores, labels } = await detectionsOf(prediction, i, badPredictions);
  const { length } = scores;
  const instances = fieldOf(prediction, 'predInstances');
  const masks = await masksOf(fieldOf(instances, 'masks'));
  if (masks !== undefined && masks.length !== length)
    throw badPredictions(`${length} scores and ${masks.length} masks in sample ${i}`);
  const own = fieldOf(instances, 'maskScores');
  const name = `predInstances.maskScores of sample ${i}`;
  const maskScores = own === undefined ? undefined : await numbersOf(own, name, badPredictions);
  return {
    imgId,
    boxes,
    scores,
    labels,
    ...(masks === undefined ? {} : { masks }),
    ...(maskScores === undefined ? {} : { maskScores }),
  };
}

/** Sample `i` of a batch: collated to a list, or to one object of stacked arrays. */
function sampleOf(batch: unknown, i: number): unknown {
  const samples = fieldOf(batch, 'samples');
  if (Array.isArray(samples)) return samples[i];
  const ids = fieldOf(samples, 'imgId');
  return isHostArray(ids) ? { imgId: ids.data[i] } : { imgId: (ids as unknown[] | undefined)?.[i] };
}

function idOf(value: unknown): number | undefined {
  if (isHostArray(value) && value.data.length === 1) return Number(value.data[0]);
  return typeof value === 'number' || typeof value === 'bigint' ? Number(value) : undefined;
}

async function masksOf(value: unknown): Promise<cocoMask.Rle[] | undefined> {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return value.map((mask: unknown) => maskOf(mask));
  const array = isTensor(value)
    ? await readBack(value)
    : isDumped(value)
      ? { ...value, data: Uint8Array.from(value.data) }
      : value;
  if (!isHostArray(array) || array.shape.length !== 3)
    throw badPredictions(
      `masks = ${isHostArray(array) ? `${array.dtype} (${array.shape.join(', ')})` : typeName(array)}`,
    );
  const [count = 0, height = 0, width = 0] = array.shape;
  const size = height * width;
  return Array.from({ length: count }, (_, i) =>
    cocoMask.encode(hostArray('uint8', [height, width], (array.data as Uint8Array).subarray(i * size, (i + 1) * size))),
  );
}

/** Bytes, or numbers that only their being 0 is asked of. */
async function readBack(tensor: tf.Tensor): Promise<HostArray> {
  return { dtype: 'uint8', shape: tensor.shape, data: (await tensor.data()) as Uint8Array };
}

function maskOf(mask: unknown): cocoMask.Rle {
  if (isHostArray(mask)) return cocoMask.encode(mask);
  return cocoMask.frPyObjects(mask as cocoMask.Rle, 0, 0);
}

function badPredictions(received: string): Error {
  return evaluatorErrors.BAD_PREDICTIONS({
    subject: 'CocoMetric',
    expected: EXPECTED,
    received,
    action: "return such a list from the model's forward() in mode 'predict'",
  });
}
