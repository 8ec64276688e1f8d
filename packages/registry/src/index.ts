export type { Builder, BuilderContext, Builders, BuildOptions } from './build.js';
export type { CheckOptions } from './check.js';
export { checkThing, checkThings } from './check.js';
export type { BuiltOf, ConfigOf, OptionsOf, TypedConfigOf } from './config-of.js';
export { registryErrors } from './errors.js';
export type { JsonSchema } from './json-schema.js';
export { branchesOf, declaredKeys, jsonSchemaOf, KIND_KEYWORD } from './json-schema.js';
export { byNearness, nearest } from './nearest.js';
export type { Locate, ParsedOptions, ParseOptions } from './options.js';
export { parseOptions, problemsOf } from './options.js';
export type { EntryInfo, RegisterOptions, RegistryOptions } from './registry.js';
export { Registry } from './registry.js';
export type { ScopedName } from './scope.js';
export { splitScope } from './scope.js';
export { show } from './show.js';
export type { Respelled } from './spelling.js';
export { respell, toCamelCase } from './spelling.js';
export type * from './tables.js'; // by star: TypeScript merges declarations into starred re-exports only
export { thing } from './thing.js';
