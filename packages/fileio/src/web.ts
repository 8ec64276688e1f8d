// What needs nothing of Node: for pages, and for commands that should not load more than they use.
export type * from './contract.js';
export type { Found } from './copy.js';
export { walk } from './copy.js';
export { fileioErrors } from './errors.js';
export type { FileFormat, SerializeOptions } from './file-formats.js';
export { FileFormats, jsonFormat, yamlFormat } from './file-formats.js';
export type { HttpStorageInit, UrlCache, UrlCacheOptions } from './http-storage.js';
export { HttpStorage } from './http-storage.js';
export type { HttpOptions } from './http-transfer.js';
export { MemoryStorage } from './memory-storage.js';
export type { StorageTable } from './storage-router.js';
export { StorageRouter } from './storage-router.js';
