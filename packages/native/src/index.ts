export type { ContextOptions } from './config-proto.js';
export type { NativeDType } from './dtypes.js';
export { DT, dtypeCode } from './dtypes.js';
export { nativeErrors } from './errors.js';
export type { FoundLibrary } from './find-library.js';
export { findLibrary, requireLibrary } from './find-library.js';
export type { Flavour } from './flavours.js';
export type { Attribute, Device, Handle, HostValues } from './tensor-flow.js';
export { TensorFlow } from './tensor-flow.js';
