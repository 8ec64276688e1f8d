export { Config } from './config.js';
export type { MergeOptions } from './config.js';
export type { LoadOptions } from './load.js';
export type { ConfigReader } from './reader.js';
export type { ConfigData } from './tree.js';
export type { JsonOptions } from './dump.js';
export { parseCfgOptions } from './cfg-options.js';
export { defineConfig, extendConfig } from './extend.js';
export { engineOptions } from './engine-options.js';
export type { EngineOptions } from './engine-options.js';
export type * from './engine-config.js'; // by star: TypeScript merges declarations into starred re-exports only
export { configErrors } from './errors.js';
