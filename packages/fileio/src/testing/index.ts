export { canonicalSettings } from './canonical-settings.js';
export type { ReadableStorageFixture } from './describe-readable-storage.js';
export { describeReadableStorage } from './describe-readable-storage.js';
export type { StorageFixture } from './describe-storage.js';
export { describeStorage } from './describe-storage.js';
export { FaultyStorage } from './faulty-storage.js';
export type { Fault, SeenRequest } from './file-server.js';
export { FileServer } from './file-server.js';
export { type Python, pythonWith } from './python.js';
