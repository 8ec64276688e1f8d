/** Variables in the text of a config: facts about the file, the environment, and values of the bases. */
import { posix } from 'node:path';
import { mmcompatErrors } from '../errors.js';
import { PythonSource, type Shift } from '../syntax/source.js';

export interface VariableOptions {
  /** Whether `{{ fileBasename }}` and its like are filled in; default true. */
  readonly usePredefinedVariables?: boolean;
  /** Whether `{{$NAME:default}}` is filled in; default true. */
  readonly useEnvironmentVariables?: boolean;
}

export interface FilledText {
  readonly source: PythonSource;
  /** Token in the text → path into the bases. */
  readonly references: ReadonlyMap<string, string>;
  /** The variables that came from the environment. */
  readonly environment: ReadonlyMap<string, string>;
}

/** Bounded, so that text which is nearly a variable again and again takes no longer than other text. */
const VARIABLE =
  /\{\{\s{0,99}(?<fact>fileDirname|fileBasename|fileBasenameNoExtension|fileExtname)\s{0,99}\}\}|\{\{['"]?\s{0,99}\$(?<name>\w{1,255})\s{0,99}:\s{0,99}(?:(?<fallback>\S{1,255}?)\s{0,99})?['"]?\}\}|(?<quote>["']?)\{\{\s{0,99}_base_\.(?<path>[\w.]{1,999})\s{0,99}\}\}\k<quote>/g;

/** @throws `ENGINE_MMCOMPAT_MISSING_ENV` */
export function fillVariables(
  original: string,
  file: string,
  options: VariableOptions & { env(name: string): string | undefined },
): FilledText {
  const { usePredefinedVariables = true, useEnvironmentVariables = true } = options;
  const references = new Map<string, string>();
  const environment = new Map<string, string>();
  const shifts: Shift[] = [];
  if (!original.includes('{{')) return { source: new PythonSource(original, file), references, environment };
  let text = '';
  let end = 0;
  for (const match of original.matchAll(VARIABLE)) {
    const { fact, name, fallback = '', path, quote = '' } = match.groups ?? {};
    let replacement = match[0];
    if (fact !== undefined && usePredefinedVariables) replacement = factsOf(file)[fact] ?? replacement;
    else if (name !== undefined && useEnvironmentVariables) {
      const value = options.env(name);
      if (value !== undefined) environment.set(name, value);
      replacement = value ?? fallback;
      if (replacement === '') throw missing(name, new PythonSource(original, file), match.index);
    } else if (path !== undefined) {
      const token = `__engine_base_${path}_${references.size}__`;
      references.set(token, path);
      replacement = isInsideText(original, match.index) ? quote + token + quote : `"${token}"`;
    }
    text += original.slice(end, match.index) + replacement;
    end = match.index + match[0].length;
    shifts.push({ offset: text.length, shift: text.length - end });
  }
  text += original.slice(end);
  return { source: new PythonSource(text, file, original, shifts), references, environment };
}

/** Whether a quote is open on the line before the place. */
function isInsideText(text: string, place: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', place - 1) + 1, place);
  const bare = line.replace(/\\./g, '').replace(/'[^']*'|"[^"]*"/g, '');
  return /['"]/.test(bare) && !bare.includes('#');
}

function factsOf(file: string): Readonly<Record<string, string>> {
  const path = file.replaceAll('\\', '/');
  const { dir, base, name, ext } = posix.parse(path);
  return { fileDirname: dir, fileBasename: base, fileBasenameNoExtension: name, fileExtname: ext };
}

function missing(name: string, source: PythonSource, offset: number): Error {
  return mmcompatErrors.MISSING_ENV({
    subject: name,
    expected: `the environment variable ${name}, or a default after the colon`,
    received: 'neither',
    action: `set ${name}, or write {{$${name}:default}}`,
    at: source.locate(offset),
  });
}
