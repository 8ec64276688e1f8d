import { isPlainObject } from '@engine/core/plain';
import type { Config } from './config.js';
import { configErrors } from './errors.js';

/** A command line option made from a value of a config. */
export interface ConfigFlag {
  /** Dotted path of the value: the option is `--name`. */
  readonly name: string;
  readonly kind: 'text' | 'number' | 'boolean';
  /** True for lists: the option may be given several times. */
  readonly multiple: boolean;
  /** What the config says. */
  readonly default: unknown;
}

/**
 * An option for every value of a config, for programs that take their own command line: text, numbers, booleans and lists of them. Nulls,
 * objects in lists and built things get none. Use {@link parseArgsOptions} with Node's `parseArgs`, or make options of your library's own
 * of the rows; {@link readFlags} turns what was given into values to merge.
 */
export function configFlags(config: Config): ConfigFlag[] {
  return flagsOf(config.data, '');
}

function flagsOf(data: unknown, name: string): ConfigFlag[] {
  if (isPlainObject(data)) {
    return Object.entries(data).flatMap(([key, value]) => flagsOf(value, name === '' ? key : `${name}.${key}`));
  }
  const isList = Array.isArray(data);
  const kind = isList && data.length === 0 ? 'text' : kindOf(isList ? data[0] : data);
  if (kind === undefined || name === '' || /[\s=]/.test(name)) return [];
  if (isList && data.some((item) => kindOf(item) !== kind)) return [];
  return [{ name, kind, multiple: isList, default: data }];
}

function kindOf(value: unknown): ConfigFlag['kind'] | undefined {
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' || typeof value === 'boolean' ? (typeof value as 'number' | 'boolean') : undefined;
}

/** The flags in the form that `parseArgs` of `node:util` takes as `options`; give it `allowNegative: true` for `--no-NAME`. */
export function parseArgsOptions(
  flags: readonly ConfigFlag[],
): Record<string, { type: 'string' | 'boolean'; multiple: boolean }> {
  return Object.fromEntries(
    flags.map(({ name, kind, multiple }) => [
      name,
      { type: kind === 'boolean' && !multiple ? ('boolean' as const) : ('string' as const), multiple },
    ]),
  );
}

/**
 * What was given on the command line, for `config.mergeFromDict`: numbers and booleans are read from their text, options that were not
 * given are left out.
 *
 * @throws `ENGINE_CONFIG_BAD_FLAG`
 */
export function readFlags(
  flags: readonly ConfigFlag[],
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const entries = flags.flatMap((flag): [string, unknown][] => {
    const value = Object.hasOwn(given, flag.name) ? given[flag.name] : undefined;
    if (value === undefined) return [];
    const items = Array.isArray(value) ? value : [value];
    const read = items.map((item) => readValue(flag, item));
    return [[flag.name, flag.multiple ? read : read.at(-1)]];
  });
  return Object.fromEntries(entries);
}

const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [false, false],
  ['true', true],
  ['false', false],
]);

function readValue({ name, kind }: ConfigFlag, given: unknown): unknown {
  if (kind === 'text') return String(given);
  const value = kind === 'number' ? readNumber(given) : BOOLEANS.get(given);
  if (value !== undefined) return value;
  throw configErrors.BAD_FLAG({
    subject: `--${name}`,
    expected: kind === 'number' ? 'a number' : 'true or false',
    received: `--${name}=${String(given)}`,
    action: `write --${name}=${kind === 'number' ? '0.1' : 'true'}`,
  });
}

function readNumber(given: unknown): number | undefined {
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
  return typeof value === 'number' && !Number.isNaN(value) ? value : undefined;
}
