/** The ops that training is made of, in the shapes that trip kernels: what every backend must compute and differentiate. */
import type { OpCase } from './op-case.js';
import { contractionCases } from './op-cases-contraction.js';
import { elementwiseCases } from './op-cases-elementwise.js';
import { rearrangingCases } from './op-cases-rearranging.js';
import { spatialCases } from './op-cases-spatial.js';

export const opCases: readonly OpCase[] = [
  ...spatialCases,
  ...elementwiseCases,
  ...contractionCases,
  ...rearrangingCases,
];
