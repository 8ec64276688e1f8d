import { toCamelCase } from '@engine/registry';

/** A key of the message hub as we spell it: `mmengine_version` is our `engineVersion`; names of scalars (`train/data_time`) stay. */
export function ourKey(key: string): string {
  return key.includes('/') ? key : toCamelCase(key.replace('mmengine', 'engine'));
}

/** Options in camelCase, one level deep. */
export function camelKeys(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [toCamelCase(key), value]));
}
