import { cpu } from '@engine/backend-cpu';
import { entryOf } from '@engine/core';
import { describeEntries } from '@engine/registry/testing';
import { beforeAll } from 'vitest';
import * as optim from './index.js';
import { canonicalSettings, describeOptimizer, describeOptimWrapperConstructor } from './testing/index.js';

beforeAll(() => cpu().init());

describeOptimizer(optim.SGD, { lr: 0.1, momentum: 0.9, weightDecay: 0.01, dampening: 0.2 });
describeOptimizer(optim.Adam, { weightDecay: 0.1, amsgrad: true });
describeOptimizer(optim.AdamW, { betas: [0.8, 0.9], maximize: true });
describeOptimizer(optim.Adamax, { weightDecay: 0.1 });
describeOptimizer(optim.NAdam, { weightDecay: 0.1, decoupledWeightDecay: true });
describeOptimizer(optim.RAdam, { betas: [0.8, 0.9], weightDecay: 0.1 });
describeOptimizer(optim.Adagrad, { lrDecay: 0.1, initialAccumulatorValue: 0.1 });
describeOptimizer(optim.Adadelta, { weightDecay: 0.1 });
describeOptimizer(optim.RMSprop, { momentum: 0.9, centered: true });
describeOptimizer(optim.ASGD, { t0: 1, lambd: 0.01 });
describeOptimizer(optim.Rprop, { lr: 0.01 });
describeOptimizer(optim.Lion, { lr: 0.01, weightDecay: 0.1 });
describeOptimizer(optim.LAMB, { lr: 0.01, trustClip: true });
describeOptimizer(optim.LARS, { momentum: 0.9, weightDecay: 0.01 });
describeOptimizer(optim.Adafactor, { lr: 0.01, weightDecay: 0.1 });
describeOptimizer(
  optim.Muon,
  { lr: 0.01 },
  {
    shapes: [
      [2, 3],
      [2, 1],
      [1, 1],
    ],
  },
);

describeOptimWrapperConstructor(optim.DefaultOptimWrapperConstructor);
describeOptimWrapperConstructor(optim.DefaultOptimWrapperConstructor, {
  paramwiseCfg: { customKeys: { head: { lrMult: 10 } }, biasLrMult: 2, normDecayMult: 0, flatDecayMult: 0 },
});
describeOptimWrapperConstructor(optim.LearningRateDecayOptimWrapperConstructor, {
  paramwiseCfg: { decayRate: 0.7, customKeys: { cls_token: { decayMult: 0 } } },
  optimizer: { type: 'AdamW', lr: 1e-3, weightDecay: 0.05 },
});

describeEntries(
  Object.values<unknown>(optim).flatMap((value) => entryOf(value) ?? []),
  canonicalSettings,
);
