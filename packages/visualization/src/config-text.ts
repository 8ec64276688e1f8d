import { entryOf, isPlainObject } from '@engine/core';

/** A config as text: JSON with two spaces of indent; classes, entries and built objects by their name. Text stays as it is. */
export function configText(config: unknown): string {
  if (typeof config === 'string') return config;
  return `${JSON.stringify(config, (_key, value: unknown) => toPlain(value), 2)}\n`;
}

function toPlain(value: unknown): unknown {
  if (typeof value === 'function') return entryOf(value)?.name ?? value.name;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entry = entryOf(value);
  if (entry === value) return entry.name;
  return isPlainObject(value) ? value : value.constructor.name;
}
