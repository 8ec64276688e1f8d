import * as tf from '@tensorflow/tfjs-core';
import { modelErrors } from '../errors.js';
import { filled } from '../layers/elementwise.js';
import { badLossOption, checkLabels } from './check-target.js';
import { type LossOptions, reduce, shapeText } from './reduction.js';

export interface CtcOptions extends LossOptions {
  /** The class that stands for nothing; default 0. */
  readonly blank?: number | undefined;
  /** Counts targets that do not fit into their input as 0 instead of infinity, gradient too; default false. */
  readonly zeroInfinity?: boolean | undefined;
}

/** Operands of `ctcLoss`. */
export interface CtcInput {
  /** (T, N, C) float32, along C the logarithms of probabilities. */
  readonly logProbabilities: tf.Tensor;
  /** (N, S) int32, padded at the end with anything in [0, C). */
  readonly targets: tf.Tensor;
  /** (N) int32: time steps of each sample, at most T. */
  readonly inputLengths: tf.Tensor;
  /** (N) int32: labels of each sample, at most S. */
  readonly targetLengths: tf.Tensor;
}

/** Stands for the logarithm of 0: finite, so that differences of two are no NaN. */
const NEVER = -1e30;

/**
 * The negated log probability of all alignments of a label sequence with the time steps. Graves et al. 2006. A mean divides each
 * sample's loss by its number of labels first. The gradient is that of PyTorch: exact below a log softmax, and only there.
 * @throws `ENGINE_MODEL_SHAPE_MISMATCH`, `ENGINE_MODEL_DTYPE_MISMATCH`, `ENGINE_MODEL_LABEL_OUT_OF_RANGE`, `ENGINE_MODEL_BAD_LOSS_OPTION`
 */
export function ctcLoss(input: CtcInput, options: CtcOptions = {}): tf.Tensor {
  const { reduction = 'mean', blank = 0, zeroInfinity = false } = options;
  checkCtc(input, blank);
  const { logProbabilities, inputLengths, targetLengths } = input;
  const path = pathsOf(input, blank);
  const found = tf.add(logLikelihood(input, path), normalized(logProbabilities, inputLengths));
  const isPossible = tf.greater(found, NEVER / 10);
  const impossible = tf.fill(found.shape, zeroInfinity ? 0 : Number.POSITIVE_INFINITY);
  const losses = tf.where(isPossible, tf.neg(found), impossible);
  if (reduction !== 'mean') return reduce(losses, reduction);
  return tf.mean(tf.div(losses, tf.cast(tf.maximum(targetLengths, tf.scalar(1, 'int32')), 'float32')));
}

interface Paths {
  /** (N, 2 S + 1): the labels with blanks between and around them. */
  readonly labels: tf.Tensor;
  /** (N, 2 S + 1): 0 where a step may come from two places before, else NEVER. */
  readonly skip: tf.Tensor;
}

function pathsOf({ targets }: CtcInput, blank: number): Paths {
  const [batch, count] = targets.shape as [number, number];
  const blanks = filled([batch, count], blank, 'int32');
  const pairs = tf.reshape(tf.stack([blanks, targets], 2), [batch, 2 * count]);
  const labels = tf.concat([pairs, filled([batch, 1], blank, 'int32')], 1);
  const before = tf.concat([filled([batch, 2], blank, 'int32'), tf.slice(labels, [0, 0], [batch, 2 * count - 1])], 1);
  const differs = tf.logicalAnd(tf.notEqual(labels, tf.scalar(blank, 'int32')), tf.notEqual(labels, before));
  return { labels, skip: tf.mul(tf.sub(1, tf.cast(differs, 'float32')), NEVER) };
}

/** (N): the forward variables of all steps, one step after the other; lengths are masks, nothing depends on their values otherwise. */
function logLikelihood(
  { logProbabilities, inputLengths, targetLengths }: CtcInput,
  { labels, skip }: Paths,
): tf.Tensor {
  const [steps, batch, classes] = logProbabilities.shape as [number, number, number];
  const width = labels.shape[1] as number;
  const rows = tf.reshape(tf.mul(tf.range(0, batch, 1, 'int32'), tf.scalar(classes, 'int32')), [batch, 1]);
  const places = tf.reshape(tf.add(rows, labels), [-1]) as tf.Tensor1D;
  const flat = tf.reshape(logProbabilities, [steps, batch * classes]);
  const emitted = tf.unstack(tf.reshape(tf.gather(flat, places, 1), [steps, batch, width]));
  const starts = tf.less(tf.range(0, width, 1, 'int32'), tf.scalar(2, 'int32'));
  const shifted = (x: tf.Tensor, by: number): tf.Tensor =>
    tf.concat([filled([batch, by], NEVER), tf.slice(x, [0, 0], [batch, width - by])], 1);
  let alpha = tf.where(broadcast(starts, [batch, width]), emitted[0] as tf.Tensor, filled([batch, width], NEVER));
  for (let t = 1; t < steps; t++) {
    const ways = [alpha, shifted(alpha, 1), tf.add(shifted(alpha, 2), skip)];
    const next = tf.add(tf.logSumExp(tf.stack(ways), 0), emitted[t] as tf.Tensor);
    const isRunning = tf.reshape(tf.greater(inputLengths, tf.scalar(t, 'int32')), [batch, 1]);
    alpha = tf.where(broadcast(isRunning, [batch, width]), tf.maximum(next, NEVER), alpha);
  }
  const last = tf.reshape(tf.mul(targetLengths, tf.scalar(2, 'int32')), [batch, 1]);
  const place = tf.range(0, width, 1, 'int32');
  const isEnd = tf.logicalOr(tf.equal(place, last), tf.equal(place, tf.sub(last, tf.scalar(1, 'int32'))));
  return tf.logSumExp(tf.where(isEnd, alpha, filled([batch, width], NEVER)), 1);
}

/** `where` of TensorFlow.js wants masks of full shape. */
function broadcast(mask: tf.Tensor, shape: number[]): tf.Tensor {
  return tf.logicalAnd(mask, filled(shape, 1, 'bool'));
}

/** Zeros (N) with the gradient of the steps' total probability, which is 1: below a log softmax it changes nothing, and PyTorch has it. */
function normalized(logProbabilities: tf.Tensor, inputLengths: tf.Tensor): tf.Tensor {
  const [steps, batch] = logProbabilities.shape as [number, number, number];
  const op = tf.customGrad((x: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    (save as tf.GradSaveFunc)([x as tf.Tensor, inputLengths]);
    return {
      value: tf.zeros([batch]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [logp, lengths] = saved as [tf.Tensor, tf.Tensor];
        const time = tf.reshape(tf.range(0, steps, 1, 'int32'), [steps, 1]);
        const isRunning = tf.cast(tf.less(time, lengths), 'float32');
        return tf.neg(tf.mul(tf.exp(logp), tf.reshape(tf.mul(isRunning, dy), [steps, batch, 1])));
      },
    };
  });
  return op(logProbabilities);
}

function checkCtc({ logProbabilities, targets, inputLengths, targetLengths }: CtcInput, blank: number): void {
  const [steps = 0, batch, classes = 0] = logProbabilities.shape;
  const integers = { targets, inputLengths, targetLengths };
  for (const [name, tensor] of Object.entries(integers)) {
    if (tensor.dtype === 'int32') continue;
    throw modelErrors.DTYPE_MISMATCH({
      subject: 'ctcLoss',
      expected: `int32 ${name}`,
      received: shapeText(tensor),
      action: 'keep labels and lengths as integers; tf.cast(x, "int32") converts',
    });
  }
  const fits =
    logProbabilities.rank === 3 &&
    steps > 0 &&
    targets.rank === 2 &&
    (targets.shape[1] ?? 0) > 0 &&
    [targets, inputLengths, targetLengths].every(({ shape }) => shape[0] === batch) &&
    inputLengths.rank === 1 &&
    targetLengths.rank === 1;
  if (!fits) {
    throw modelErrors.SHAPE_MISMATCH({
      subject: 'ctcLoss',
      expected: 'log probabilities (T, N, C), targets (N, S), lengths (N) and (N)',
      received: [logProbabilities, targets, inputLengths, targetLengths].map(shapeText).join(', '),
      action: 'put time first, and pad the targets of a batch to one length',
    });
  }
  if (!(Number.isInteger(blank) && blank >= 0 && blank < classes))
    throw badLossOption('ctcLoss', `blank in [0, ${classes})`, `blank = ${blank}`);
  checkLabels('ctcLoss', targets, { classes });
}
