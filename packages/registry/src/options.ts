import { type EngineError, isPlainObject, type SourceLocation, type StandardSchemaV1, show } from '@engine/core/plain';
import { registryErrors } from './errors.js';
import { errorsOf, unknownKeysOf } from './issues.js';
import { jsonSchemaOf } from './json-schema.js';
import { type Respelled, respell, toCamelCase } from './spelling.js';

/** Finds where in a file the value at a dotted config path stands. */
export type Locate = (path: string) => SourceLocation | undefined;

/** Whose options are parsed and where they stand. */
export interface ParseOptions {
  /** Named in messages, e.g. `SGD (@engine/optim)`. */
  readonly subject: string;
  /** Dotted config path of the options; default empty. */
  readonly path?: string | undefined;
  readonly locate?: Locate | undefined;
}

/** Options as their schema gives them back. */
export interface ParsedOptions<T> {
  readonly value: T;
  /** Dotted camelCase path below the options → the path as written, where the two differ. */
  readonly written: ReadonlyMap<string, string>;
}

/**
 * Checks options against a schema: declared keys may be in snake_case, defaults are filled in.
 *
 * @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `_MISSING_OPTION`, `_BAD_OPTION_TYPE`, `_BAD_OPTION_VALUE`, `_BOTH_SPELLINGS`, `_ASYNC_SCHEMA`
 */
export function parseOptions<T>(
  schema: StandardSchemaV1<unknown, T>,
  options: unknown,
  context: ParseOptions,
): ParsedOptions<T> {
  const { value, written, problems, parsed } = problemsOf(schema, options, context);
  if (parsed !== undefined) return { value: parsed.value, written };
  throw problems[0] ?? new Error(`the schema of ${context.subject} refused ${show(value)} without an issue`);
}

/** What {@link parseOptions} found, without throwing: `parsed` when nothing was wrong. */
export interface OptionsReport<T> {
  /** The options with declared keys in camelCase. */
  readonly value: unknown;
  readonly written: ReadonlyMap<string, string>;
  readonly problems: readonly EngineError[];
  readonly parsed: { readonly value: T } | undefined;
}

/** Everything that a schema objects to. @throws `ENGINE_REGISTRY_BOTH_SPELLINGS`, `_ASYNC_SCHEMA` */
export function problemsOf<T>(
  schema: StandardSchemaV1<unknown, T>,
  options: unknown,
  context: ParseOptions,
): OptionsReport<T> {
  const { subject, path = '', locate } = context;
  const json = jsonSchemaOf(schema);
  const { value, written } =
    json === undefined ? respellByTrial(schema, options, context) : respell(json, options, path);
  const result = validate(schema, value, subject);
  if (result.issues === undefined) return { value, written, problems: [], parsed: { value: result.value } };
  const problems = errorsOf(result.issues, value, { subject, path, written, schema: json, locate });
  return { value, written, problems, parsed: undefined };
}

/** Runs a schema, which must answer at once. @throws `ENGINE_REGISTRY_ASYNC_SCHEMA` */
export function validate<T>(
  schema: StandardSchemaV1<unknown, T>,
  value: unknown,
  subject: string,
): StandardSchemaV1.Result<T> {
  const result = schema['~standard'].validate(value);
  if (!(result instanceof Promise)) return result;
  result.catch(() => undefined);
  throw registryErrors.ASYNC_SCHEMA({
    subject,
    expected: 'an options schema that validates synchronously',
    received: `a schema of ${schema['~standard'].vendor} that returns a promise`,
    action: 'take the asynchronous check out of the schema and make it where the thing is used',
  });
}

/** For libraries that cannot list their keys: a snake_case key that the schema refuses is tried in camelCase. Top level only. */
function respellByTrial(
  schema: StandardSchemaV1<unknown, unknown>,
  options: unknown,
  context: ParseOptions,
): Respelled {
  const written = new Map<string, string>();
  if (!isPlainObject(options)) return { value: options, written };
  const value: Record<string, unknown> = { ...options };
  for (const key of Object.keys(options)) {
    const name = toCamelCase(key);
    if (name === key || !refuses(schema, key, context.subject) || refuses(schema, name, context.subject)) continue;
    if (Object.hasOwn(value, name)) {
      throw registryErrors.BOTH_SPELLINGS({
        subject: context.path === undefined || context.path === '' ? key : `${context.path}.${key}`,
        expected: `${name} or ${key}, not both`,
        received: `${key} = ${show(value[key])} and ${name} = ${show(value[name])}`,
        action: `remove ${key}`,
      });
    }
    value[name] = value[key];
    delete value[key];
    written.set(name, key);
  }
  return { value, written };
}

/** Whether a schema objects to a key as such, and not to its value: asked with values of every sort. */
export function refuses(schema: StandardSchemaV1<unknown, unknown>, key: string, subject: string): boolean {
  return [undefined, 0, '', false, [], {}].every((value) => refusesValue(schema, { key, value, subject }));
}

function refusesValue(
  schema: StandardSchemaV1<unknown, unknown>,
  probe: { readonly key: string; readonly value: unknown; readonly subject: string },
): boolean {
  const { key, value, subject } = probe;
  const before = validate(schema, {}, subject).issues ?? [];
  const after = validate(schema, { [key]: value }, subject).issues ?? [];
  const isAbout = (issue: StandardSchemaV1.Issue) =>
    unknownKeysOf(issue).includes(key) || firstKey(issue) === key || issue.message.includes(key);
  return !before.some(isAbout) && (after.some(isAbout) || after.length > before.length);
}

function firstKey(issue: StandardSchemaV1.Issue): PropertyKey | undefined {
  const [part] = issue.path ?? [];
  return typeof part === 'object' ? part.key : part;
}
