import { parse, TomlDate, TomlError } from 'smol-toml';
import { MAX_DEPTH, requireDepth, tooDeep } from './depth.js';
import { type ParsedText, syntaxError } from './parsed-text.js';
import { tomlPositions } from './toml-positions.js';

/**
 * TOML 1.0. Dates become text, as they have no place in a config otherwise.
 *
 * @throws `ENGINE_CONFIG_SYNTAX` at the offending place, `ENGINE_CONFIG_TOO_DEEP`
 */
export function parseToml(text: string, file: string): ParsedText {
  let table: unknown;
  try {
    table = parse(text, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof TomlError)) throw tooDeep({ file }, error);
    const { line, column } = error;
    const received = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '') ?? '';
    throw syntaxError('valid TOML', received, { at: { file, line, column }, cause: error });
  }
  return { data: plain(table, file, 0), positions: tomlPositions(text) };
}

function plain(value: unknown, file: string, depth: number): unknown {
  requireDepth(depth, { file });
  if (value instanceof TomlDate) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => plain(item, file, depth + 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item, file, depth + 1)]));
}
