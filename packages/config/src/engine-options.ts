import { nearest, respell, show } from '@engine/registry';
import type { Config } from './config.js';
import { configErrors } from './errors.js';
import { engineKeys, engineSchema } from './structure.js';

/** A config as the Runner takes it. */
export interface EngineOptions {
  /** The engine's own top-level keys, in camelCase; values as in the config. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The user's own top-level variables. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** The path of an option as it is written in the config: `optimWrapper` → `optim_wrapper`. */
  pathOf(option: string): string;
}

/**
 * Sorts a config into the engine's options and the user's own variables. Any other top-level key is a variable, unless it is nearly one of
 * the engine's; a leading underscore says that it is meant.
 *
 * @throws `ENGINE_CONFIG_UNKNOWN_KEY` for a misspelt key, `ENGINE_REGISTRY_BOTH_SPELLINGS` for one given twice
 */
export function engineOptions(config: Config): EngineOptions {
  const { value, written } = respell(engineSchema, config.data, '');
  const entries = Object.entries(value as Record<string, unknown>);
  const options = entries.filter(([key]) => engineKeys.includes(key));
  const variables = entries.filter(([key]) => !engineKeys.includes(key));
  for (const [key, item] of variables) requireOwnVariable(config, key, item);
  return {
    options: Object.fromEntries(options),
    variables: Object.fromEntries(variables),
    pathOf: (option) => written.get(option) ?? option,
  };
}

function requireOwnVariable(config: Config, key: string, value: unknown): void {
  const meant = key.startsWith('_') ? undefined : nearest(key, engineKeys, { maxDistance: key.length < 7 ? 1 : 2 });
  if (meant === undefined) return;
  throw configErrors.UNKNOWN_KEY({
    subject: key,
    expected: `one of the keys of a config: ${engineKeys.join(', ')}; or a variable of your own`,
    received: `${key} = ${show(value)}`,
    action: `rename it to ${meant}, or to _${key} if it is a variable of your own`,
    at: config.locate(key),
  });
}
