export type { CanonicalSettings, SettingsTable } from './describe-entry.js';
export { describeEntries, describeEntry } from './describe-entry.js';
