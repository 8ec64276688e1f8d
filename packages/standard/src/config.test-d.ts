import { describe, expectTypeOf, it } from 'vitest';
import { defineConfig, type EngineConfig, extendConfig } from './index.js';

describe('defineConfig', () => {
  it('takes every kind by name with its options', () => {
    const config = defineConfig({
      backend: { type: 'wasm', threads: 2 },
      model: { type: 'LeNet5', numClasses: 10 },
      trainDataloader: { dataset: { type: 'MNIST', train: true }, batchSize: 64, shuffle: true },
      trainCfg: { byEpoch: true, maxEpochs: 3 },
      optimWrapper: { optimizer: { type: 'SGD', lr: 0.1, momentum: 0.9 } },
      paramScheduler: [{ type: 'LinearLR', startFactor: 0.1, byEpoch: false, end: 10 }],
      valEvaluator: { type: 'Accuracy' },
      customHooks: [{ type: 'IterTimerHook', priority: 'LOW' }],
      defaultHooks: { checkpoint: { type: 'CheckpointHook', interval: 1 }, timer: null },
      logProcessor: { type: 'LogProcessor', windowSize: 20 },
    });
    expectTypeOf(config).toEqualTypeOf<EngineConfig>();
  });

  it('refuses misspelt keys, options and names', () => {
    // @ts-expect-error optimWraper does not exist
    defineConfig({ optimWraper: {} });
    // @ts-expect-error momentm does not exist in SGDOptions
    defineConfig({ optimWrapper: { optimizer: { type: 'SGD', lr: 0.1, momentm: 0.9 } } });
    // @ts-expect-error SDG is no optimizer
    defineConfig({ optimWrapper: { optimizer: { type: 'SDG' } } });
    // @ts-expect-error batchSize is a number
    defineConfig({ trainDataloader: { dataset: { type: 'MNIST', train: true }, batchSize: '64' } });
    // @ts-expect-error dataset is needed
    defineConfig({ trainDataloader: { batchSize: 64 } });
    // @ts-expect-error tran does not exist in MNISTOptions
    defineConfig({ trainDataloader: { dataset: { type: 'MNIST', tran: true }, batchSize: 64 } });
  });
});

describe('extendConfig', () => {
  it('needs only what differs', () => {
    const base = defineConfig({ optimWrapper: { optimizer: { type: 'SGD', lr: 0.1 } } });
    expectTypeOf(extendConfig([base], { optimWrapper: { optimizer: { lr: 0.2 } } })).toEqualTypeOf<EngineConfig>();
    // @ts-expect-error momentm does not exist
    extendConfig([base], { optimWrapper: { optimizer: { momentm: 0.2 } } });
  });
});
