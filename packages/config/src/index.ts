export { parseCfgOptions } from './cfg-options.js';
export type { MergeOptions } from './config.js';
export { Config } from './config.js';
export type { JsonOptions } from './dump.js';
export type * from './engine-config.js'; // by star: TypeScript merges declarations into starred re-exports only
export type { EngineOptions } from './engine-options.js';
export { engineOptions } from './engine-options.js';
export { configErrors } from './errors.js';
export { defineConfig, extendConfig } from './extend.js';
export type { HistoryEntry } from './history.js';
export type { ConfigFormat, LoadedTree, LoadOptions } from './load.js';
export type { ConfigReader } from './reader.js';
export type { ConfigData } from './tree.js';
