// What of core needs no tensors. Packages that read configs and files import it, so that a command which only reads does not load TensorFlow.js.
export type { Backend, BackendCapabilities, BackendMemory } from './backend.js';
export type { Communicator, NumericArray, ReduceOp } from './communicator.js';
export { singleProcess } from './communicator.js';
export type { ArgsOf, BuildContext, Built, Entry, EntryDefinition, EntryLike, Kind, Recipe } from './entry.js';
export { defineEntry, entryOf } from './entry.js';
export type { ErrorFactory, ErrorKind, ErrorParts, ErrorRow, SourceLocation } from './errors.js';
export { defineErrors, EngineError, formatLocation } from './errors.js';
export { coreErrors } from './errors-table.js';
export type { HostArray, HostData, HostDType } from './host-array.js';
export { hostArray, isHostArray, sizeOf } from './host-array.js';
export { isPromise } from './is-promise.js';
export type { Json, JsonObject, SavedState } from './json.js';
export type * from './kinds.js'; // by star: TypeScript merges declarations into starred re-exports only
export type { Logger, LogLevel } from './logger.js';
export { silentLogger } from './logger.js';
export type { ParameterLike, TorchLayout } from './parameter.js';
export { isPlainObject } from './plain-object.js';
export type { Platform, StopSignal } from './platform.js';
export { KeyedRandom } from './random/keyed-random.js';
export { MersenneTwister } from './random/mersenne-twister.js';
export { TorchGenerator } from './random/torch-generator.js';
export type { TruncNormalOptions } from './random/trunc-normal.js';
export { show } from './show.js';
export type { StandardSchemaV1 } from './standard-schema.js';
export type { ZipMember, ZipSource } from './zip.js';
export { listZip, zipDataStart } from './zip.js';
