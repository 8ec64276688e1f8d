import type { Config, HistoryEntry } from '@engine/config';
import { nearest, show, toCamelCase } from '@engine/registry';
import { cliErrors } from './errors.js';
import { placeOf } from './place-of.js';

export interface ExplainOptions {
  /** Dotted path, in any spelling; default everything. */
  readonly key: string | undefined;
  readonly json: boolean;
  /** Files below it are shown relative to it. */
  readonly cwd: string;
}

/** The history of each value, as text or JSON. @throws `ENGINE_CLI_UNKNOWN_CONFIG_KEY` */
export function explainConfig(config: Config, { key, json, cwd }: ExplainOptions): string {
  const found = key === undefined ? config.paths : pathsAt(config, key);
  const histories = found.map((path) => ({ path, isSet: isSet(config, path), history: config.history(path) }));
  if (!json) return histories.map((each) => renderHistory(each, cwd)).join('');
  const plain = histories.map(({ path, isSet: set, history }) => ({
    path,
    ...(set ? { value: history[0]?.value } : { removed: true }),
    history: history.map(({ value, at, note }) => ({ value, ...at, ...(note !== undefined && { note }) })),
  }));
  return `${JSON.stringify(plain, plainValue, 2)}\n`;
}

interface Explained {
  readonly path: string;
  readonly isSet: boolean;
  readonly history: readonly HistoryEntry[];
}

function renderHistory({ path, isSet: set, history }: Explained, cwd: string): string {
  const rows = history.map(({ value, at, note }, index) => {
    const words = [index === (set ? 1 : 0) ? (set ? 'overrode' : 'removed by _delete_') : undefined, note];
    return {
      value: show(value),
      place: placeOf(at, cwd),
      words: words.filter((word) => word !== undefined).join(', '),
    };
  });
  const width = Math.max(...rows.map((row) => row.value.length)) + 3;
  const placeWidth = Math.max(...rows.map((row) => row.place.length)) + 4;
  const lines = rows.map((row) => `  ${row.value.padEnd(width)}${row.place.padEnd(placeWidth)}${row.words}`.trimEnd());
  return [set ? `${path} = ${rows[0]?.value}` : `${path} is not set`, ...lines, ''].join('\n');
}

function isSet(config: Config, path: string): boolean {
  return config.get(path) !== undefined;
}

/** The values at and below a key; when it was removed, the key itself. */
function pathsAt(config: Config, key: string): string[] {
  if (!isSet(config, key) && config.history(key).length > 0) return [key];
  const wanted = fold(key);
  const found = config.paths.filter((path) => fold(path) === wanted || fold(path).startsWith(`${wanted}.`));
  if (found.length > 0) return found;
  const known = new Set(config.paths.flatMap((path) => prefixesOf(path)));
  const meant = nearest(key, known);
  throw cliErrors.UNKNOWN_CONFIG_KEY({
    subject: key,
    expected: 'the dotted path of a value of this config',
    received: `${key}, which no file sets`,
    action: meant === undefined ? 'print them all: leave the key out' : `write ${meant}`,
  });
}

function fold(path: string): string {
  return path.split('.').map(toCamelCase).join('.');
}

function prefixesOf(path: string): string[] {
  const parts = path.split('.');
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'));
}

function plainValue(_: string, value: unknown): unknown {
  return typeof value === 'function' ? `<${show(value)}>` : value;
}
