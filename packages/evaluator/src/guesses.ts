import * as tf from '@tensorflow/tfjs-core';
import { requireClasses, scoresAndLabels } from './predictions.js';

/** The class that a classifier prefers for a sample, and the right one. */
export interface Guess {
  readonly predicted: number;
  readonly label: number;
}

/**
 * The guesses of a batch `[scores, labels]`, float32 `(N, C)` and int32 `(N)`, on the host; one small read of each.
 *
 * @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_LABEL_RANGE`
 */
export async function guessesOf(
  predictions: unknown,
  subject: string,
): Promise<{ readonly classes: number; readonly guesses: readonly Guess[] }> {
  const { scores, labels } = scoresAndLabels(predictions, subject);
  const classes = scores.shape[1];
  const best = tf.argMax(scores, 1);
  try {
    const [predicted, right] = await Promise.all([best.data<'int32'>(), labels.data<'int32'>()]);
    requireClasses(right, { subject, classes });
    return { classes, guesses: Array.from(right, (label, i) => ({ label, predicted: predicted[i] as number })) };
  } finally {
    best.dispose();
  }
}
