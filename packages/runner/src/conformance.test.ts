import { cpu } from '@engine/backend-cpu';
import { describeEntries } from '@engine/registry/testing';
import { TestLoop, ValLoop } from './eval-loop.js';
import { IterBasedTrainLoop } from './iter-train-loop.js';
import { canonicalSettings, describeEvalLoop, describeTrainLoop } from './testing/index.js';
import { EpochBasedTrainLoop } from './train-loop.js';

describeEntries([EpochBasedTrainLoop, IterBasedTrainLoop, ValLoop, TestLoop], canonicalSettings);
describeTrainLoop(EpochBasedTrainLoop, { options: { maxEpochs: 2 }, backend: cpu });
describeTrainLoop(IterBasedTrainLoop, { options: { maxIters: 8, valInterval: 3 }, backend: cpu });
describeEvalLoop(ValLoop, { options: {}, backend: cpu, stage: 'val' });
describeEvalLoop(TestLoop, { options: {}, backend: cpu, stage: 'test' });
