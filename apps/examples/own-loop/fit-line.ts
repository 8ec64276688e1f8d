// No Runner, no config: an optimizer and a schedule in a loop of one's own. Nothing to tidy, nothing to dispose.
import { wasm } from '@engine/backend-wasm';
import { Linear, mseLoss } from '@engine/model';
import { AdamW, OptimWrapper } from '@engine/optim';
import { CosineAnnealingLR } from '@engine/scheduler';
import * as tf from '@tensorflow/tfjs-core';

/** Fits y = 3x - 1 and gives the loss every hundred steps. */
export async function fitLine(steps = 500): Promise<number[]> {
  const backend = wasm({ threads: 1 });
  await backend.init();
  const model = new Linear(1, 1);
  model.initWeights(0);
  const optim = new OptimWrapper({ optimizer: new AdamW(model.parameters(), { lr: 0.1 }), clipGrad: { maxNorm: 1 } });
  const schedule = new CosineAnnealingLR(optim, { tMax: steps });

  const x = tf.tidy(() => tf.reshape(tf.linspace(-1, 1, 64), [64, 1]));
  const y = tf.tidy(() => tf.sub(tf.mul(x, 3), 1));
  const losses: number[] = [];
  for (let step = 1; step <= steps; step += 1) {
    const { loss } = optim.updateParams(() => mseLoss(model.apply(x), y));
    schedule.step();
    if (step % 100 === 0) losses.push(await loss.read());
  }
  tf.dispose([x, y]);
  optim.dispose();
  model.dispose();
  await backend.dispose();
  return losses;
}
