import type { ParameterLike } from '@engine/core';
import type { CanonicalSettings, SettingsTable } from '@engine/registry/testing';
import { SGD } from '../sgd.js';
import { disposeParameters, testParameter } from './test-parameter.js';

interface Args {
  readonly params: readonly ParameterLike[];
}

const onTwoParameters = (options: object, shape?: readonly number[]): CanonicalSettings => ({
  options,
  args: (): Args => ({
    params: [testParameter('weight', [1, -2], shape), testParameter('bias', [0.5], shape && [1, 1])],
  }),
  dispose: (built, args) => {
    (built as { dispose(): void } | undefined)?.dispose();
    disposeParameters((args as Args).params);
  },
});

const adam = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01, amsgrad: false, maximize: false };
const rates = { betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01, maximize: false };

const multipliers = {
  customKeys: { 'backbone.norm': { lrMult: 0.1, decayMult: 0, momentum: 0.5 } },
  biasLrMult: 2,
  biasDecayMult: 0,
  normDecayMult: 0,
  dwconvDecayMult: 0,
  dcnOffsetLrMult: 0.1,
  flatDecayMult: 0,
  bypassDuplicate: true,
};

/** Canonical options of everything that this package registers. They need an initialised backend. */
export const canonicalSettings: SettingsTable = {
  'optimizer/SGD': onTwoParameters({
    lr: 0.1,
    momentum: 0.9,
    dampening: 0,
    weightDecay: 1e-4,
    nesterov: true,
    maximize: false,
  }),
  'optimizer/Adam': onTwoParameters({ ...adam, decoupledWeightDecay: true }),
  'optimizer/Adamax': onTwoParameters({ lr: 2e-3, ...rates }),
  'optimizer/NAdam': onTwoParameters({ lr: 2e-3, ...rates, momentumDecay: 4e-3, decoupledWeightDecay: true }),
  'optimizer/RAdam': onTwoParameters({ lr: 1e-3, ...rates, decoupledWeightDecay: true }),
  'optimizer/Adagrad': onTwoParameters({
    lr: 1e-2,
    lrDecay: 1e-3,
    weightDecay: 1e-4,
    initialAccumulatorValue: 0.1,
    eps: 1e-10,
    maximize: false,
  }),
  'optimizer/Adadelta': onTwoParameters({ lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 1e-4, maximize: false }),
  'optimizer/RMSprop': onTwoParameters({
    lr: 1e-2,
    alpha: 0.99,
    eps: 1e-8,
    weightDecay: 1e-4,
    momentum: 0.9,
    centered: true,
    maximize: false,
  }),
  'optimizer/ASGD': onTwoParameters({ lr: 1e-2, lambd: 1e-4, alpha: 0.75, t0: 10, weightDecay: 1e-4, maximize: false }),
  'optimizer/Rprop': onTwoParameters({ lr: 1e-2, etas: [0.5, 1.2], stepSizes: [1e-6, 50], maximize: false }),
  'optimizer/Lion': onTwoParameters({ lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0.1, decoupledWeightDecay: true }),
  'optimizer/LAMB': onTwoParameters({
    lr: 1e-3,
    ...rates,
    biasCorrection: true,
    gradAveraging: true,
    trustClip: true,
    alwaysAdapt: true,
    decoupledWeightDecay: false,
  }),
  'optimizer/LARS': onTwoParameters({
    lr: 1,
    momentum: 0.9,
    dampening: 0,
    weightDecay: 1e-4,
    nesterov: true,
    trustCoeff: 1e-3,
    eps: 1e-8,
    trustClip: true,
    alwaysAdapt: true,
    maximize: false,
  }),
  'optimizer/Adafactor': onTwoParameters({
    lr: 1e-2,
    beta2Decay: -0.8,
    eps: [null, 1e-3],
    d: 1,
    weightDecay: 0.01,
    maximize: false,
  }),
  'optimizer/Muon': onTwoParameters(
    {
      lr: 1e-3,
      weightDecay: 0.1,
      momentum: 0.95,
      nesterov: true,
      nsCoefficients: [3.4445, -4.775, 2.0315],
      eps: 1e-7,
      nsSteps: 5,
      adjustLrFn: 'match_rms_adamw',
    },
    [1, 2],
  ),
  'optimizer/LBFGS': onTwoParameters({
    lr: 1,
    maxIter: 20,
    maxEval: 25,
    toleranceGrad: 1e-7,
    toleranceChange: 1e-9,
    historySize: 100,
    lineSearchFn: 'strong_wolfe',
    maximize: false,
  }),
  'optimizer/AdamW': onTwoParameters(adam),
  'optimWrapper/OptimWrapper': onTwoParameters({
    optimizer: { type: SGD, lr: 0.1 },
    accumulativeCounts: 2,
    clipGrad: { maxNorm: 1, errorIfNonfinite: true },
    weightedBy: 'tokens',
  }),
  'optimWrapper/AmpOptimWrapper': onTwoParameters({
    optimizer: { type: SGD, lr: 0.1 },
    accumulativeCounts: 2,
    clipGrad: { maxNorm: 1 },
    weightedBy: 'tokens',
    lossScale: { initScale: 1024, growthFactor: 2, backoffFactor: 0.5, growthInterval: 100, enabled: true },
    dtype: 'float16',
  }),
  'optimWrapper/OptimWrapperDict': onTwoParameters({
    wrappers: { generator: { optimizer: { type: SGD, lr: 0.1 } }, weight: { optimizer: { type: SGD, lr: 0.2 } } },
    modules: { generator: ['bias'] },
  }),
  'optimWrapperConstructor/DefaultOptimWrapperConstructor': { options: { ...multipliers } },
  'optimWrapperConstructor/LearningRateDecayOptimWrapperConstructor': {
    options: { decayRate: 0.75, decayType: 'layer_wise', numLayers: 12, layers: 'vit', ...multipliers },
  },
};
