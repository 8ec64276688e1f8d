import { Config, type ConfigChange } from '@engine/config';
import { show } from '@engine/registry';
import { placeOf } from './place-of.js';
import { traceConfig } from './read-config.js';

export interface DiffOptions {
  readonly json: boolean;
  readonly cwd: string;
}

/** Compares two files; one line with `-` or `+` for each side of a difference. */
export async function diffConfigs(
  [before, after]: readonly [string, string],
  { json, cwd }: DiffOptions,
): Promise<{ readonly text: string; readonly isSame: boolean }> {
  const old = await traceConfig(before, [], cwd);
  const changes = Config.diff(old, await traceConfig(after, [], cwd));
  const text = json ? `${JSON.stringify(changes, null, 2)}\n` : changes.map((each) => renderChange(each, cwd)).join('');
  return { text, isSame: changes.length === 0 };
}

function renderChange({ path, kind, before, beforeAt, after, afterAt }: ConfigChange, cwd: string): string {
  const line = (sign: string, value: unknown, place: string): string =>
    `${sign} ${path} = ${show(value)}${place === '' ? '' : `   ${place}`}\n`;
  const old = kind === 'added' ? '' : line('-', before, placeOf(beforeAt, cwd));
  return old + (kind === 'removed' ? '' : line('+', after, placeOf(afterAt, cwd)));
}
