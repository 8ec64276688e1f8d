import { configErrors } from './errors.js';

/**
 * A value of another config by its dotted path (`trainDataloader.dataset.pipeline`, `paramScheduler.0`), to use it in one's own. The compiler
 * takes it for whatever is wanted where it stands.
 *
 * @throws `ENGINE_CONFIG_NO_SUCH_VALUE` when the config has nothing there
 */
// oxlint-disable-next-line typescript/no-explicit-any -- a path in a text has no type
export function pick(config: object, path: string): any {
  let value: unknown = config;
  const keys = path.split('.');
  for (const [index, key] of keys.entries()) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
      throw noSuchValue(path, keys.slice(0, index), value);
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function noSuchValue(path: string, found: readonly string[], value: unknown): Error {
  const keys = typeof value === 'object' && value !== null ? Object.keys(value).join(', ') : String(value);
  return configErrors.NO_SUCH_VALUE({
    subject: path,
    expected: 'the path of a value in the other config',
    received: `${found.length === 0 ? 'the config' : found.join('.')} with ${keys === '' ? 'nothing' : keys}`,
    action: 'correct the path',
  });
}
