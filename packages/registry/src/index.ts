export { Registry } from './registry.js';
export type { BuildOptions, EntryInfo, RegisterOptions, RegistryOptions } from './registry.js';
export { parseOptions } from './options.js';
export type { Locate, ParsedOptions, ParseOptions } from './options.js';
export type { BuiltOf, ConfigOf, OptionsOf, TypedConfigOf } from './config-of.js';
export type * from './tables.js'; // by star: TypeScript merges declarations into starred re-exports only
export { declaredKeys, jsonSchemaOf } from './json-schema.js';
export type { JsonSchema } from './json-schema.js';
export { nearest } from './nearest.js';
export { isPlainObject, show } from './show.js';
export { respell, toCamelCase } from './spelling.js';
export type { Respelled } from './spelling.js';
export { registryErrors } from './errors.js';
