import { describeEntries } from '@engine/registry/testing';
import * as scheduling from './index.js';
import { canonicalSettings, describeScheduler } from './testing/index.js';

const {
  ConstantLR,
  ConstantMomentum,
  ConstantParamScheduler,
  CosineAnnealingLR,
  CosineAnnealingMomentum,
  CosineAnnealingParamScheduler,
  LinearLR,
  LinearMomentum,
  LinearParamScheduler,
  MultiStepLR,
  MultiStepMomentum,
  MultiStepParamScheduler,
} = scheduling;

describeScheduler(ConstantLR, { factor: 0.5 });
describeScheduler(ConstantMomentum, { factor: 0.25 });
describeScheduler(ConstantParamScheduler, { paramName: 'weightDecay' });
describeScheduler(CosineAnnealingLR, { tMax: 6 });
describeScheduler(CosineAnnealingMomentum, { tMax: 4, etaMinRatio: 0.1 });
describeScheduler(CosineAnnealingParamScheduler, { paramName: 'weightDecay', tMax: 5, etaMin: 0.01 });
describeScheduler(LinearLR, { startFactor: 0.1 });
describeScheduler(LinearMomentum, { startFactor: 1, endFactor: 0 });
describeScheduler(LinearParamScheduler, { paramName: 'weightDecay' });
describeScheduler(MultiStepLR, { milestones: [1, 3, 3], gamma: 0.5 });
describeScheduler(MultiStepMomentum, { milestones: [2] });
describeScheduler(MultiStepParamScheduler, { paramName: 'weightDecay', milestones: [2, 4] });

describeEntries(
  Object.values(scheduling).filter((value) => typeof value === 'function' && 'entry' in value) as (typeof LinearLR)[],
  canonicalSettings,
);
