import type { SettingsTable } from '@engine/registry/testing';

const args = () => ({ optimizer: { paramGroups: [{ lr: 0.1, momentum: 0.9, params: [] }] } });
const window = { begin: 0, end: 10, byEpoch: true };
const constant = { factor: 0.5, ...window };
const cosine = { tMax: 10, etaMin: 0.001, ...window };
const linear = { startFactor: 0.1, endFactor: 1, ...window };
const multiStep = { milestones: [3, 6], gamma: 0.1, ...window };

/** Canonical options of every scheduler of this package. */
export const canonicalSettings: SettingsTable = {
  'paramScheduler/ConstantLR': { options: constant, args },
  'paramScheduler/ConstantMomentum': { options: constant, args },
  'paramScheduler/ConstantParamScheduler': { options: { paramName: 'lr', ...constant }, args },
  'paramScheduler/CosineAnnealingLR': { options: cosine, args },
  'paramScheduler/CosineAnnealingMomentum': { options: cosine, args },
  'paramScheduler/CosineAnnealingParamScheduler': { options: { paramName: 'lr', ...cosine }, args },
  'paramScheduler/LinearLR': { options: linear, args },
  'paramScheduler/LinearMomentum': { options: linear, args },
  'paramScheduler/LinearParamScheduler': { options: { paramName: 'lr', ...linear }, args },
  'paramScheduler/MultiStepLR': { options: multiStep, args },
  'paramScheduler/MultiStepMomentum': { options: multiStep, args },
  'paramScheduler/MultiStepParamScheduler': { options: { paramName: 'lr', ...multiStep }, args },
};
