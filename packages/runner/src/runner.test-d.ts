import type { Config } from '@engine/config';
import type { Backend, StopSignal } from '@engine/core';
import type { MetricValues } from '@engine/evaluator';
import { SGD } from '@engine/optim';
import { expectTypeOf } from 'vitest';
import { defineLoop, Runner, type RunnerOptions, type TrainResult } from './index.js';
import { BoringDataset, BoringMetric, BoringModel } from './testing/index.js';

declare const backend: Backend;
declare const config: Config;

const complete = {
  backend,
  model: new BoringModel(),
  workDir: 'runs',
  trainDataloader: { dataset: new BoringDataset(), batchSize: 3, shuffle: true },
  trainCfg: { byEpoch: true, maxEpochs: 5, valInterval: 1 },
  optimWrapper: { optimizer: { type: SGD, lr: 1e-3, momentum: 0.9 } },
  valDataloader: { dataset: new BoringDataset(), batchSize: 3 },
  valCfg: {},
  valEvaluator: new BoringMetric(),
  defaultHooks: { checkpoint: { interval: 2, saveBest: 'auto' }, logger: null },
  customHooks: [
    { name: 'Own', afterTrainIter: (ctx) => void ctx.iter },
    { type: 'CheckpointHook', priority: 'LOWEST' },
  ],
} satisfies RunnerOptions;

const runner = new Runner(complete);
expectTypeOf(runner.train()).resolves.toEqualTypeOf<TrainResult>();
expectTypeOf(runner.val()).resolves.toEqualTypeOf<MetricValues>();
expectTypeOf(runner.stoppedBy).toEqualTypeOf<StopSignal | undefined>();
expectTypeOf(Runner.fromConfig(config)).resolves.toEqualTypeOf<Runner>();

void ({ ...complete, trainCfg: { byEpoch: false, maxIters: 100, valInterval: 10 } } satisfies RunnerOptions);
void ({ ...complete, trainCfg: { type: 'IterBasedTrainLoop', maxIters: 100 } } satisfies RunnerOptions);

const rest = { backend, model: new BoringModel() };
// @ts-expect-error a misspelt option
void new Runner({ ...rest, trainConfig: {} });
// @ts-expect-error a misspelt option of a loop
void new Runner({ ...rest, trainCfg: { byEpoch: true, maxEpoch: 5 } });
// @ts-expect-error an option of the other loop
void new Runner({ ...rest, trainCfg: { byEpoch: false, maxEpochs: 5 } });
// @ts-expect-error a misspelt option of an optimizer
void new Runner({ ...rest, optimWrapper: { optimizer: { type: 'SGD', lr: 0.1, momentm: 0.9 } } });
// @ts-expect-error no model
void new Runner({ backend });
// @ts-expect-error a loop must say how it is made
void defineLoop({ name: 'Mine' });
