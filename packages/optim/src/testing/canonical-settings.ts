import type { ParameterLike } from '@engine/core';
import type { CanonicalSettings, SettingsTable } from '@engine/registry/testing';
import { SGD } from '../sgd.js';
import { disposeParameters, testParameter } from './test-parameter.js';

interface Args {
  readonly params: readonly ParameterLike[];
}

const onTwoParameters = (options: object): CanonicalSettings => ({
  options,
  args: (): Args => ({ params: [testParameter('weight', [1, -2]), testParameter('bias', [0.5])] }),
  dispose: (built, args) => {
    (built as { dispose(): void } | undefined)?.dispose();
    disposeParameters((args as Args).params);
  },
});

const adam = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01, amsgrad: false, maximize: false };

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
  'optimizer/Adam': onTwoParameters(adam),
  'optimizer/AdamW': onTwoParameters(adam),
  'optimWrapper/OptimWrapper': onTwoParameters({
    optimizer: { type: SGD, lr: 0.1 },
    accumulativeCounts: 2,
    clipGrad: { maxNorm: 1 },
  }),
};
