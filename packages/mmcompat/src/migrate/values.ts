import { PythonConfig } from '../config/python-config.js';
import { canonicalJson } from '../print/canonical.js';
import type { Values } from './migrate.js';
import { nameOfImport } from './names.js';

/** What a Python config comes to, by its variables: what `migrateConfig` asks for where an expression has no counterpart. */
export function pythonValues(file: string): Values {
  const config = PythonConfig.fromFile(file, { importCustomModules: false });
  const data: unknown = JSON.parse(canonicalJson(config.toLazyDict()));
  return plain(data) as Values;
}

/** Tuples as lists, imported objects as names, other keys than texts as texts. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const fields = value as Readonly<Record<string, unknown>>;
  if ('__tuple__' in fields) return plain(fields['__tuple__']);
  if ('__set__' in fields) return plain(fields['__set__']);
  if ('__float__' in fields) return Number(String(fields['__float__']).replace('inf', 'Infinity'));
  if ('__lazy__' in fields) return nameOfImport(String(fields['__lazy__']));
  if ('__repr__' in fields) return undefined;
  const entries = (fields['__dict__'] as [unknown, unknown][] | undefined) ?? Object.entries(fields);
  return new Map(entries.map(([key, item]) => [String(key), plain(item)]));
}
