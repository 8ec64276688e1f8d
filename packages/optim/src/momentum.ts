import { multiplyAdd } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { optimErrors } from './errors.js';

interface MomentumFields {
  readonly nesterov: boolean;
  readonly momentum: number;
  readonly dampening: number;
}

/** One update of a momentum buffer, and the direction that it gives: `b = momentum b + intake slope`. */
export function momentumOf(
  slope: tf.Tensor,
  buffer: tf.Tensor,
  {
    group,
    hyper,
  }: { readonly group: MomentumFields; readonly hyper: Readonly<Record<'momentum' | 'intake', tf.Tensor>> },
): { readonly direction: tf.Tensor; readonly momentumBuffer: tf.Tensor } {
  const kept = tf.mul(buffer, hyper.momentum);
  const momentumBuffer = group.dampening === 0 ? tf.add(kept, slope) : multiplyAdd(kept, slope, hyper.intake);
  const direction = group.nesterov ? multiplyAdd(slope, momentumBuffer, hyper.momentum) : momentumBuffer;
  return { direction, momentumBuffer };
}

/** Refuses nesterov momentum without momentum or with dampening. `name` is the optimizer's. */
export function checkNesterov(name: string): (fields: MomentumFields) => void {
  return ({ nesterov, momentum, dampening }) => {
    if (!nesterov || (momentum > 0 && dampening === 0)) return;
    throw optimErrors.NESTEROV({
      subject: name,
      expected: 'momentum above 0 and dampening 0 with nesterov',
      received: `nesterov = true, momentum = ${momentum}, dampening = ${dampening}`,
      action: 'set momentum (0.9 is usual) and leave dampening at 0, or turn nesterov off',
    });
  };
}
