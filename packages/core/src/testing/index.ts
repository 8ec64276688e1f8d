export type { DescribeBackendOptions } from './describe-backend.js';
export { describeBackend } from './describe-backend.js';
export type { ConvCase, OpCase, OpInput } from './op-cases.js';
export { convCase, opCases } from './op-cases.js';
export type { OpResult } from './op-check.js';
export { gradientError, relativeDifference, runCase } from './op-check.js';
