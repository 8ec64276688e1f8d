export type { StorageFixture } from './describe-storage.js';
export { describeStorage } from './describe-storage.js';
export { FaultyStorage } from './faulty-storage.js';
