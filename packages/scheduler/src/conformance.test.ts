import { describeEntries } from '@engine/registry/testing';
import * as scheduling from './index.js';
import { canonicalSettings, describeScheduler } from './testing/index.js';

describeScheduler(scheduling.ConstantLR, { factor: 0.5 });
describeScheduler(scheduling.ConstantMomentum, { factor: 0.25 });
describeScheduler(scheduling.ConstantParamScheduler, { paramName: 'weightDecay' });
describeScheduler(scheduling.CosineAnnealingLR, { tMax: 6 });
describeScheduler(scheduling.CosineAnnealingMomentum, { tMax: 4, etaMinRatio: 0.1 });
describeScheduler(scheduling.CosineAnnealingParamScheduler, { paramName: 'weightDecay', tMax: 5, etaMin: 0.01 });
describeScheduler(scheduling.CosineRestartLR, { periods: [4, 5], restartWeights: [1, 0.5], etaMin: 0 });
describeScheduler(scheduling.CosineRestartMomentum, { periods: [6], etaMinRatio: 0.1 });
describeScheduler(scheduling.CosineRestartParamScheduler, {
  paramName: 'weightDecay',
  periods: [3, 30],
  restartWeights: [0.5, 1],
  etaMin: 0.01,
});
describeScheduler(scheduling.ExponentialLR, { gamma: 0.9 });
describeScheduler(scheduling.ExponentialMomentum, { gamma: 0.5 });
describeScheduler(scheduling.ExponentialParamScheduler, { paramName: 'weightDecay', gamma: 1.1 });
describeScheduler(scheduling.InverseSqrtLR, { timescale: 4 });
describeScheduler(scheduling.InverseSqrtParamScheduler, { paramName: 'weightDecay', timescale: 10 });
describeScheduler(scheduling.LinearLR, { startFactor: 0.1 });
describeScheduler(scheduling.LinearMomentum, { startFactor: 1, endFactor: 0 });
describeScheduler(scheduling.LinearParamScheduler, { paramName: 'weightDecay' });
describeScheduler(scheduling.MultiStepLR, { milestones: [1, 3, 3], gamma: 0.5 });
describeScheduler(scheduling.MultiStepMomentum, { milestones: [2] });
describeScheduler(scheduling.MultiStepParamScheduler, { paramName: 'weightDecay', milestones: [2, 4] });
describeScheduler(scheduling.OneCycleLR, { etaMax: 1, totalSteps: 40 });
describeScheduler(scheduling.OneCycleParamScheduler, {
  paramName: 'lr',
  etaMax: 2,
  totalSteps: 31,
  threePhase: true,
  annealStrategy: 'linear',
});
describeScheduler(scheduling.PolyLR, { power: 0.9 });
describeScheduler(scheduling.PolyMomentum, { etaMin: 0.1 });
describeScheduler(scheduling.PolyParamScheduler, { paramName: 'weightDecay', power: 2 });
describeScheduler(scheduling.ReduceOnPlateauLR, { patience: 1 });
describeScheduler(scheduling.ReduceOnPlateauMomentum, { patience: 0, factor: 0.5, cooldown: 1 });
describeScheduler(scheduling.ReduceOnPlateauParamScheduler, { paramName: 'weightDecay', patience: 1, minValue: 0.01 });
describeScheduler(scheduling.StepLR, { stepSize: 2 });
describeScheduler(scheduling.StepMomentum, { stepSize: 3, gamma: 0.5 });
describeScheduler(scheduling.StepParamScheduler, { paramName: 'weightDecay', stepSize: 1, gamma: 0.9 });
describeScheduler(scheduling.WarmupStableDecayLR, { warmupSteps: 3, decaySteps: 2, minRatio: 0.1 });
describeScheduler(scheduling.WarmupStableDecayParamScheduler, {
  paramName: 'weightDecay',
  decaySteps: 3,
  decayType: 'sqrt',
  warmupSteps: 2,
});

describeEntries(
  Object.values(scheduling).filter(
    (value) => typeof value === 'function' && 'entry' in value,
  ) as (typeof scheduling.LinearLR)[],
  canonicalSettings,
);
