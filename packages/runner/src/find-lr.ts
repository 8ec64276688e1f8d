import { type Logger, tensorScope } from '@engine/core';
import { namedWrappers } from './param-schedulers.js';
import type { SessionInit } from './session.js';
import { probeTraining, type TrainingProbe } from './training-probe.js';

export interface FindLrRequest {
  /** Learning rate of the first step; default 1e-7. */
  readonly minLr?: number | undefined;
  /** Of the last; default 10. */
  readonly maxLr?: number | undefined;
  /** Steps in between, each a constant factor above the one before; default 100. */
  readonly steps?: number | undefined;
  /** Ends when the smoothed loss is this many times the lowest; default 4. */
  readonly divergence?: number | undefined;
}

export interface FoundLr {
  readonly lrs: readonly number[];
  /** Loss at each learning rate. */
  readonly losses: readonly number[];
  /** The same, averaged exponentially and corrected for the start. */
  readonly smoothed: readonly number[];
  /** Where the smoothed loss falls fastest: a good `lr`. Undefined when it never falls. */
  readonly suggestion: number | undefined;
  /** True when the loss ran away before `maxLr`. */
  readonly diverged: boolean;
}

const SMOOTHING = 0.9;
/** Steps at the start whose average is still noise. */
const SETTLING = 5;

/**
 * The learning rate range test (L. N. Smith, "Cyclical Learning Rates for Training Neural Networks", 2017): trains with a learning rate that
 * grows by a constant factor and watches the loss. Groups keep the ratios that the config gives them. Nothing of it stays.
 * @throws `ENGINE_RUNNER_NOTHING_TO_RUN`, and what building and training throw
 */
export function findLr(init: SessionInit, logger: Logger, request: FindLrRequest): Promise<FoundLr> {
  return probeTraining(init, { logger, asked: 'findLr' }, (probe) => rangeTest(probe, request));
}

async function rangeTest(probe: TrainingProbe, request: FindLrRequest): Promise<FoundLr> {
  const { minLr = 1e-7, maxLr = 10, steps = 100, divergence = 4 } = request;
  const setLr = lrSetter(probe);
  const batches = probe.batches();
  const [lrs, losses, smoothed]: [number[], number[], number[]] = [[], [], []];
  let [average, lowest, diverged] = [0, Number.POSITIVE_INFINITY, false];
  try {
    for (let step = 0; step < steps && !diverged; step += 1) {
      const lr = minLr * (maxLr / minLr) ** (step / Math.max(1, steps - 1));
      setLr(lr);
      const loss = await updateOnce(probe, batches, step);
      average = SMOOTHING * average + (1 - SMOOTHING) * loss;
      const smooth = average / (1 - SMOOTHING ** (step + 1));
      diverged = !Number.isFinite(loss) || smooth > divergence * lowest;
      if (!Number.isFinite(loss)) break;
      lrs.push(lr);
      losses.push(loss);
      smoothed.push(smooth);
      if (step >= SETTLING) lowest = Math.min(lowest, smooth);
    }
  } finally {
    await batches.return(undefined as never);
  }
  return { lrs, losses, smoothed, suggestion: steepest(lrs, smoothed), diverged };
}

/** One update, which takes several batches where gradients are accumulated; the mean of their losses. */
async function updateOnce(
  { model, optimWrapper, seed }: TrainingProbe,
  batches: ReturnType<TrainingProbe['batches']>,
  iteration: number,
): Promise<number> {
  let [sum, count] = [0, 0];
  do {
    const { value: batch } = await batches.next();
    model.beginStep?.({ seed, iteration: iteration + count });
    const outputs = tensorScope(() => model.trainStep(batch, optimWrapper));
    sum += await outputs.read('loss');
    outputs.dispose();
    await optimWrapper.settle?.();
    count += 1;
  } while ((optimWrapper.accumulatedCount ?? 0) > 0);
  return sum / count;
}

/** Sets the learning rate of the first group, and of the others in proportion. */
function lrSetter({ optimWrapper }: TrainingProbe): (lr: number) => void {
  const groups = [...namedWrappers(optimWrapper).values()].flatMap(({ optimizer }) => optimizer.paramGroups);
  const first = groups[0]?.lr ?? 0;
  const ratios = groups.map((group) => (first > 0 ? group.lr / first : 1));
  return (lr) => {
    for (const [i, group] of groups.entries()) group.lr = lr * (ratios[i] ?? 1);
  };
}

/** Where the loss falls fastest by the logarithm of the learning rate, up to its lowest place. */
function steepest(lrs: readonly number[], losses: readonly number[]): number | undefined {
  const end = losses.indexOf(Math.min(...losses.slice(SETTLING)));
  let [best, at] = [0, -1];
  for (let i = SETTLING; i < end; i += 1) {
    const slope = (losses[i + 1] ?? 0) - (losses[i - 1] ?? 0);
    if (slope < best) [best, at] = [slope, i];
  }
  return at < 0 ? undefined : lrs[at];
}
