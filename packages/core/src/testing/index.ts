export type { DescribeBackendOptions } from './describe-backend.js';
export { describeBackend } from './describe-backend.js';
export type { OpCase, OpInput } from './op-case.js';
export { opCases } from './op-cases.js';
export { type ConvCase, convCase } from './op-cases-spatial.js';
export type { OpResult } from './op-check.js';
export { gradientError, relativeDifference, runCase } from './op-check.js';
export type { StoredFile } from './stored-zip.js';
export { storedZip } from './stored-zip.js';
