// What the author of a plugin runs: the conformance kits of the seams, and a config that names the entries.
import { cpu } from '@engine/backend-cpu';
import { Evaluator } from '@engine/evaluator';
import { describeMetric } from '@engine/evaluator/testing';
import { HookList } from '@engine/hooks';
import { describeHook, makeTestRun, runEpochs } from '@engine/hooks/testing';
import { Registry } from '@engine/registry';
import { defineConfig } from '@engine/standard';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as plugin from './index.js';

beforeAll(() => cpu().init());

const batch = (scores: number[][], labels: number[]) => ({
  batch: undefined,
  predictions: [tf.tensor2d(scores), tf.tensor1d(labels, 'int32')],
});

describeHook(plugin.LossSpikeHook, { interval: 2, window: 3 });
describeMetric(plugin.BalancedAccuracy, {
  batches: () => [
    batch(
      [
        [1, 0],
        [0, 1],
      ],
      [0, 0],
    ),
    batch(
      [
        [1, 0],
        [1, 0],
      ],
      [1, 0],
    ),
  ],
  size: 4,
});

describe('the plugin', () => {
  const registry = new Registry();
  registry.registerExports(plugin);

  it('weighs the classes alike', async () => {
    const metric = registry.build('metric', { type: 'BalancedAccuracy' });
    const { predictions } = batch(
      [
        [1, 0],
        [1, 0],
        [1, 0],
        [1, 0],
      ],
      [0, 0, 0, 1],
    );
    await new Evaluator(metric).process(undefined, predictions);
    tf.dispose(predictions);
    expect(await metric.evaluate(4)).toEqual({ 'balanced/accuracy': 50 });
  });

  it('warns of a jump of the loss, and remembers across a resume', async () => {
    const run = makeTestRun();
    const hook = registry.build('hook', { type: 'LossSpikeHook', interval: 1, factor: 2 });
    hook.loadStateDict?.({ values: { recent: [1e-9] }, tensors: new Map() });
    const list = new HookList();
    list.register(hook);
    await runEpochs(run, list, { from: 0, to: 1 });
    expect(run.logged.some((line) => line.startsWith('WARNING The loss jumped to'))).toBe(true);
    expect((await hook.stateDict?.())?.values['recent']).toHaveLength(5);
    await run.close();
  });

  it('is typed in a config', () => {
    const config = defineConfig({
      customImports: ['engine-plugin-watch'],
      customHooks: [{ type: 'LossSpikeHook', factor: 4, priority: 'LOW' }],
      valEvaluator: { type: 'BalancedAccuracy' },
    });
    // @ts-expect-error: an option that the hook does not have
    defineConfig({ customHooks: [{ type: 'LossSpikeHook', factr: 4 }] });
    expect(config.customImports).toEqual(['engine-plugin-watch']);
  });
});
