import type { ScalarRow } from './contract.js';

/**
 * One row as one line of JSON, spaced as Python spaces it: `{"loss": 0.5, "step": 10}`. NaN and infinities, for which JSON
 * has no word, become the texts `"NaN"`, `"Infinity"` and `"-Infinity"`: any JSON reader takes them, and `Number()` restores them.
 */
export function jsonLine(row: ScalarRow): string {
  const members = Object.entries(row).map(([name, value]) => `${JSON.stringify(name)}: ${jsonValue(value)}`);
  return `{${members.join(', ')}}\n`;
}

function jsonValue(value: ScalarRow[string]): string {
  return JSON.stringify(typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);
}
