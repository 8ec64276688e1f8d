export { parseCfgOptions } from './cfg-options.js';
export type { MergeOptions } from './config.js';
export { Config } from './config.js';
export type { CustomImports, ImportOptions } from './custom-imports.js';
export { customImportsOf, importCustom } from './custom-imports.js';
export type { ConfigChange } from './diff.js';
export type { JsonOptions } from './dump.js';
export type * from './engine-config.js'; // by star: TypeScript merges declarations into starred re-exports only
export type { EngineOptions } from './engine-options.js';
export { engineOptions } from './engine-options.js';
export { configErrors } from './errors.js';
export { defineConfig, extendConfig } from './extend.js';
export type { ConfigFlag } from './flags.js';
export { configFlags, parseArgsOptions, readFlags } from './flags.js';
export type { HistoryEntry } from './history.js';
export type { ConfigFormat, ConfigWarning, LoadedTree, LoadOptions } from './load.js';
export type { ModuleTracer } from './module-tracer.js';
export type { ConfigReader } from './reader.js';
export type { ConfigData } from './tree.js';
