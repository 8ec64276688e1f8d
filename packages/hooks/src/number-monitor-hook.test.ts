import { cpu } from '@engine/backend-cpu';
import { EngineError, hostArray } from '@engine/core';
import { BaseModel, Linear, type Mode, mseLoss } from '@engine/model';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NumberMonitorHook, type NumberMonitorHookOptions } from './number-monitor-hook.js';
import { makeTestRun, tinyBatch } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

/** Two layers and a square root, each of which can be made to fail. */
class Fragile extends BaseModel {
  readonly first = new Linear(2, 4);
  readonly second = new Linear(4, 1);
  fault: 'layer' | 'loss' | 'gradient' | 'weight' | undefined;

  override forward(inputs: tf.Tensor2D, targets: tf.Tensor2D, mode: Mode): unknown {
    if (this.fault === 'weight') this.second.weight.value.assign(tf.mul(tf.ones([1, 4]), Number.POSITIVE_INFINITY));
    const hidden = this.first.apply(inputs) as tf.Tensor2D;
    const scaled = this.fault === 'layer' ? (tf.log(tf.mul(hidden, 0)) as tf.Tensor2D) : hidden;
    const outputs = this.second.apply(scaled) as tf.Tensor2D;
    const loss = mseLoss(outputs, targets);
    if (mode !== 'loss') return [outputs, targets];
    if (this.fault === 'loss') return { loss: tf.div(loss, 0) };
    // finite, with a gradient that is not: the slope of a square root at 0
    if (this.fault === 'gradient') return { loss: tf.add(loss, tf.sum(tf.sqrt(tf.mul(outputs, 0)))) };
    return { loss };
  }
}

let run: TestRun;
let model: Fragile;
afterEach(() => run.close());

function setUp(options: NumberMonitorHookOptions = {}): NumberMonitorHook {
  model = new Fragile();
  model.initWeights(0);
  run = makeTestRun({ model });
  const hook = new NumberMonitorHook(options);
  hook.beforeTrain(run);
  return hook;
}

async function step(hook: NumberMonitorHook, batch = tinyBatch(run.iter)): Promise<void> {
  hook.beforeTrainIter(run);
  const outputs = run.trainStep(batch);
  try {
    await hook.afterTrainIter(run, { batchIdx: run.iter, batch, outputs });
  } finally {
    outputs.dispose();
    run.iter += 1;
  }
}

async function faulty(fault: Fragile['fault'], options?: NumberMonitorHookOptions): Promise<EngineError> {
  const hook = setUp(options);
  await step(hook);
  model.fault = fault;
  const thrown: unknown = await step(hook).catch((error: unknown) => error);
  hook.dispose();
  if (thrown instanceof EngineError) return thrown;
  throw new Error(`nothing was found: ${String(thrown)}`);
}

describe('NumberMonitorHook', () => {
  it.each<[Fragile['fault'], string]>([
    ['layer', 'the output of second (Linear)'],
    ['weight', 'the output of second (Linear)'],
    ['loss', 'the gradient of second.bias'],
    ['gradient', 'the gradient of second.bias'],
  ])('names the first tensor for a fault in the %s', async (fault, expected) => {
    const { code, subject, received, action } = await faulty(fault);
    expect([code, fault === 'loss' ? 'the loss' : subject]).toEqual([
      'ENGINE_HOOKS_NOT_FINITE',
      fault === 'loss' ? 'the loss' : expected,
    ]);
    expect(received).toMatch('at epoch 0, iter 1');
    expect(action).toMatch('the inputs of the batch were finite');
  });

  it('says that it was the loss where it is not told of gradients', async () => {
    expect((await faulty('loss', { gradients: false })).subject).toBe('the loss');
    await run.close();
    expect((await faulty('layer', { layers: false, gradients: false })).subject).toBe('the loss');
  });

  it('finds data that is not finite first of all', async () => {
    const hook = setUp();
    const batch = tinyBatch(0);
    const bad = hostArray('float32', [3, 2], Float32Array.of(0, 1, Number.NaN, 3, 4, 5));
    await expect(step(hook, { ...batch, inputs: bad })).rejects.toMatchObject({
      subject: 'the inputs of the batch',
      action: expect.stringContaining('fix or leave out the data'),
    });
    hook.dispose();
  });

  it('warns and goes on when told so', async () => {
    const hook = setUp({ action: 'warn' });
    model.fault = 'layer';
    await step(hook);
    expect(run.logged[0]).toMatch(/^WARNING NumberMonitorHook: NaN or infinity, first of all in the output of second/);
    hook.dispose();
  });

  it('looks at every n-th iteration only, and not while validating', async () => {
    const hook = setUp({ interval: 2 });
    model.fault = 'layer';
    await step(hook);
    expect(hook.ownedTensors).toBe(0);
    tf.dispose(run.valStep(tinyBatch(0)) as tf.TensorContainer);
    expect(hook.ownedTensors).toBe(0);
    await expect(step(hook)).rejects.toThrow('ENGINE_HOOKS_NOT_FINITE');
    hook.dispose();
  });

  it('leaves no tensor and no hook behind', async () => {
    const hook = setUp();
    await step(hook);
    const before = tf.memory().numTensors;
    await step(hook);
    expect(tf.memory().numTensors).toBe(before);
    hook.afterTrain();
    model.fault = 'layer';
    await step(hook);
    expect([run.logged, hook.ownedTensors]).toEqual([[], 0]);
  });

  it('tells a spike of the loss, with what was usual saved in checkpoints', async () => {
    const hook = setUp({ spikeWindow: 3, spikeFactor: 2, layers: false, gradients: false });
    const losses = [1, 1.5, 2, 2.9, 9];
    const feed = async (to: NumberMonitorHook, loss: number): Promise<void> => {
      to.beforeTrainIter(run);
      const outputs = { read: () => Promise.resolve(loss) };
      await to.afterTrainIter(run, { batchIdx: 0, batch: tinyBatch(0), outputs: outputs as never });
    };
    for (const loss of losses.slice(0, 4)) await feed(hook, loss);
    expect(run.logged).toEqual([]);
    const resumed = new NumberMonitorHook({ spikeWindow: 3, spikeFactor: 2, layers: false, gradients: false });
    resumed.loadStateDict(hook.stateDict());
    expect(resumed.stateDict()).toEqual(hook.stateDict());
    resumed.beforeTrain(run);
    await feed(resumed, 9);
    expect(run.logged).toEqual([
      'WARNING The loss of iteration 1 is 9.000, 4.5 times what it was (median of 3: 2.000).',
    ]);
  });

  it('says so when the optimizer does not show gradients', () => {
    setUp();
    const { optimWrapper } = run;
    const silent = Object.create(run, {
      optimWrapper: { value: { ...optimWrapper, onGradients: undefined } },
      model: { value: model },
    }) as TestRun;
    new NumberMonitorHook({ layers: false }).beforeTrain(silent);
    expect(run.logged).toEqual(['WARNING NumberMonitorHook: the optimizer wrapper does not show its gradients.']);
  });
});
