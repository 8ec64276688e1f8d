import { isPlainObject, show } from '@engine/core/plain';
import { stringify } from 'smol-toml';
import { toPlain } from './dump.js';
import { configErrors } from './errors.js';

/** @throws `ENGINE_CONFIG_NOT_IN_TOML` for null, which TOML has no word for */
export function toToml(data: unknown): string {
  const plain = toPlain(data);
  requireNoNull(plain, []);
  return stringify(plain as Record<string, unknown>);
}

function requireNoNull(value: unknown, path: readonly (string | number)[]): void {
  if (value === null || value === undefined) {
    throw configErrors.NOT_IN_TOML({
      subject: path.join('.'),
      expected: 'values that TOML can say: text, numbers, true, false, lists and objects',
      received: `${path.at(-1)} = ${show(value)}`,
      action: 'print the config as JSON or YAML, or leave the key out',
    });
  }
  if (Array.isArray(value)) for (const [index, item] of value.entries()) requireNoNull(item, [...path, index]);
  else if (isPlainObject(value)) for (const [key, item] of Object.entries(value)) requireNoNull(item, [...path, key]);
}
