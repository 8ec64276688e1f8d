export type { Warning } from './analyse.js';
export type { MigrateOptions, Migration, Values } from './migrate.js';
export { migrateConfig } from './migrate.js';
export { pythonValues } from './values.js';
