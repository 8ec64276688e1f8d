import type { SettingsTable } from '@engine/registry/testing';

const args = () => ({ optimizer: { paramGroups: [{ lr: 0.1, momentum: 0.9, params: [] }] } });
const window = { begin: 0, end: 10, byEpoch: true };
const constant = { factor: 0.5, ...window };
const cosine = { tMax: 10, etaMin: 0.001, ...window };
const cosineRestart = { periods: [4, 6], restartWeights: [1, 0.5], etaMinRatio: 0.1, ...window };
const exponential = { gamma: 0.9, ...window };
const inverseSqrt = { timescale: 4, ...window };
const linear = { startFactor: 0.1, endFactor: 1, ...window };
const multiStep = { milestones: [3, 6], gamma: 0.1, ...window };
const oneCycle = { etaMax: 1, totalSteps: 10, pctStart: 0.4, ...window };
const poly = { power: 0.9, etaMin: 0.001, ...window };
const plateau = { monitor: 'accuracy/top1', rule: 'greater', patience: 2, ...window };
const step = { stepSize: 3, gamma: 0.1, ...window };
const wsd = { warmupSteps: 2, decaySteps: 4, decayType: 'sqrt', minRatio: 0.1, ...window };

/** Canonical options of every scheduler of this package. */
export const canonicalSettings: SettingsTable = {
  'paramScheduler/ConstantLR': { options: constant, args },
  'paramScheduler/ConstantMomentum': { options: constant, args },
  'paramScheduler/ConstantParamScheduler': { options: { paramName: 'lr', ...constant }, args },
  'paramScheduler/CosineAnnealingLR': { options: cosine, args },
  'paramScheduler/CosineAnnealingMomentum': { options: cosine, args },
  'paramScheduler/CosineAnnealingParamScheduler': { options: { paramName: 'lr', ...cosine }, args },
  'paramScheduler/CosineRestartLR': { options: cosineRestart, args },
  'paramScheduler/CosineRestartMomentum': { options: cosineRestart, args },
  'paramScheduler/CosineRestartParamScheduler': { options: { paramName: 'lr', ...cosineRestart }, args },
  'paramScheduler/ExponentialLR': { options: exponential, args },
  'paramScheduler/ExponentialMomentum': { options: exponential, args },
  'paramScheduler/ExponentialParamScheduler': { options: { paramName: 'lr', ...exponential }, args },
  'paramScheduler/InverseSqrtLR': { options: inverseSqrt, args },
  'paramScheduler/InverseSqrtParamScheduler': { options: { paramName: 'lr', ...inverseSqrt }, args },
  'paramScheduler/LinearLR': { options: linear, args },
  'paramScheduler/LinearMomentum': { options: linear, args },
  'paramScheduler/LinearParamScheduler': { options: { paramName: 'lr', ...linear }, args },
  'paramScheduler/MultiStepLR': { options: multiStep, args },
  'paramScheduler/MultiStepMomentum': { options: multiStep, args },
  'paramScheduler/MultiStepParamScheduler': { options: { paramName: 'lr', ...multiStep }, args },
  'paramScheduler/OneCycleLR': { options: oneCycle, args },
  'paramScheduler/OneCycleParamScheduler': { options: { paramName: 'lr', ...oneCycle }, args },
  'paramScheduler/PolyLR': { options: poly, args },
  'paramScheduler/PolyMomentum': { options: poly, args },
  'paramScheduler/PolyParamScheduler': { options: { paramName: 'lr', ...poly }, args },
  'paramScheduler/ReduceOnPlateauLR': { options: plateau, args },
  'paramScheduler/ReduceOnPlateauMomentum': { options: plateau, args },
  'paramScheduler/ReduceOnPlateauParamScheduler': { options: { paramName: 'lr', ...plateau }, args },
  'paramScheduler/StepLR': { options: step, args },
  'paramScheduler/StepMomentum': { options: step, args },
  'paramScheduler/StepParamScheduler': { options: { paramName: 'lr', ...step }, args },
  'paramScheduler/WarmupStableDecayLR': { options: wsd, args },
  'paramScheduler/WarmupStableDecayParamScheduler': { options: { paramName: 'lr', ...wsd }, args },
};
