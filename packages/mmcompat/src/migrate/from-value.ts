/** Values as they come out, where the expression could not be kept. */
import { type Code, listOf, literalCode, objectCode, type Property, property, textCode } from './code.js';
import { nameOfImport } from './names.js';
import type { Place, Spelling } from './spelling.js';

/** A value of a loaded config as code; undefined for what is no data, e.g. a function. */
export function codeOfValue(value: unknown, spelling: Spelling, place: Place): Code | undefined {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return literalCode(value);
  if (typeof value === 'number') return numberCode(value);
  if (typeof value === 'bigint') return literalCode(Number(value));
  if (Array.isArray(value)) {
    const items = value.map((item) => codeOfValue(item, spelling, spelling.item(place)));
    return items.includes(undefined) ? undefined : listOf(items as Code[]);
  }
  if (typeof value !== 'object' || value === undefined) return undefined;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return objectOfEntries(entries, spelling, place);
}

function numberCode(value: number): Code {
  if (Number.isFinite(value)) return literalCode(value);
  return textCode(Number.isNaN(value) ? 'Number.NaN' : value > 0 ? 'Infinity' : '-Infinity', 'float');
}

function objectOfEntries(
  entries: readonly (readonly [unknown, unknown])[],
  spelling: Spelling,
  place: Place,
): Code | undefined {
  const type = entries.find(([key]) => key === 'type')?.[1];
  const inside = spelling.inside(place, typeof type === 'string' ? type : undefined);
  const properties: Property[] = [];
  for (const [key, value] of entries) {
    const name = spelling.key(inside, String(key));
    const isType = key === 'type' && typeof value === 'string' && value.includes('.');
    const code = isType ? literalCode(nameOfImport(value)) : codeOfValue(value, spelling, spelling.below(inside, name));
    if (code === undefined) return undefined;
    properties.push(property(name, code));
  }
  return objectCode(properties);
}
