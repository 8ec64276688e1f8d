import { type EngineError, type SourceLocation, type StandardSchemaV1, show } from '@engine/core/plain';
import { registryErrors } from './errors.js';
import { declaredKeys, type JsonSchema } from './json-schema.js';
import { nearest } from './nearest.js';
import { join } from './spelling.js';

/** A problem as schema libraries report it; the fields beyond the standard's are zod's, and the same words in some others. */
interface Issue extends StandardSchemaV1.Issue {
  readonly code?: string;
  readonly expected?: unknown;
  readonly keys?: readonly string[];
  readonly values?: readonly unknown[];
  readonly origin?: string;
  readonly minimum?: number | bigint;
  readonly maximum?: number | bigint;
  readonly inclusive?: boolean;
  readonly divisor?: number;
  readonly format?: string;
  readonly pattern?: string;
  readonly errors?: readonly (readonly Issue[])[];
  readonly issues?: readonly Issue[];
}

/** What an error about options needs to know of the place where they stand. */
export interface OptionsPlace {
  /** Whose options they are, e.g. `SGD (@engine/optim)`. */
  readonly subject: string;
  /** Dotted path of the options in the config; may be empty. */
  readonly path: string;
  /** Paths below it that were written in another spelling. */
  readonly written: ReadonlyMap<string, string>;
  readonly schema: JsonSchema | undefined;
  readonly locate: ((path: string) => SourceLocation | undefined) | undefined;
}

/** The errors of all issues, one for each key; unknown keys come first, because one explains a missing key. */
export function errorsOf(
  issues: readonly StandardSchemaV1.Issue[],
  value: unknown,
  place: OptionsPlace,
): EngineError[] {
  const leaves = issues.flatMap((issue) => leavesOf(issue));
  const isUnknown = ({ issue }: Leaf): boolean => unknownKeysOf(issue).length > 0;
  return [
    ...leaves.filter(isUnknown).flatMap((leaf) => unknownOptions(leaf, value, place)),
    ...leaves.filter((leaf) => !isUnknown(leaf)).map((leaf) => badValue(leaf, value, place)),
  ];
}

interface Leaf {
  readonly issue: Issue;
  readonly path: readonly PropertyKey[];
}

function leavesOf(issue: Issue, above: readonly PropertyKey[] = []): Leaf[] {
  const path = [...above, ...(issue.path ?? []).map((part) => (typeof part === 'object' ? part.key : part))];
  const nested = issue.issues ?? unionBranch(issue.errors);
  return nested === undefined || nested.length === 0
    ? [{ issue, path }]
    : nested.flatMap((child) => leavesOf(child, path));
}

/** The alternative of a union that the value was meant to be: the one whose problems lie deeper than its own type. */
function unionBranch(branches: Issue['errors']): readonly Issue[] | undefined {
  return branches?.find((branch) =>
    branch.every((issue) => (issue.path ?? []).length > 0 || issue.code === 'unrecognized_keys'),
  );
}

/** Keys that an issue calls unknown. */
export function unknownKeysOf(issue: StandardSchemaV1.Issue): readonly string[] {
  const { code, keys } = issue as Issue;
  return code === 'unrecognized_keys' && keys !== undefined ? keys : [];
}

/** Keys with a near name first: they say most. */
function unknownOptions(leaf: Leaf, value: unknown, place: OptionsPlace): EngineError[] {
  const options = declaredKeys(place.schema, leaf.path);
  const misspelt = unknownKeysOf(leaf.issue).map((key) => ({ key, meant: nearest(key, options) }));
  misspelt.sort((a, b) => Number(a.meant === undefined) - Number(b.meant === undefined));
  return misspelt.map((each) => unknownOption(leaf, value, { ...place, ...each, options }));
}

function unknownOption(
  leaf: Leaf,
  value: unknown,
  place: OptionsPlace & { readonly key: string; readonly meant: string | undefined; readonly options: string[] },
): EngineError {
  const { key, meant, options } = place;
  const parent = writtenPath(leaf.path, place);
  const owner =
    leaf.path.length === 0
      ? `options of ${place.subject}`
      : `keys of ${leaf.path.map(String).join('.')} of ${place.subject}`;
  const path = joinAll(place.path, parent, key);
  return registryErrors.UNKNOWN_OPTION({
    subject: path,
    expected:
      options.length === 0 ? `${place.subject} takes no options here` : `one of the ${owner}: ${options.join(', ')}`,
    received: `${key} = ${show(valueAt(value, [...leaf.path, key]))}`,
    action: meant === undefined ? 'remove it' : `rename it to ${meant}`,
    at: place.locate?.(path),
  });
}

function badValue(leaf: Leaf, value: unknown, place: OptionsPlace): EngineError {
  const received = valueAt(value, leaf.path);
  const path = joinAll(place.path, writtenPath(leaf.path, place));
  const name = path.split('.').at(-1) ?? '';
  const at = place.locate?.(path);
  const expected = expectation(leaf.issue);
  if (received === undefined && leaf.path.length > 0) {
    return registryErrors.MISSING_OPTION({
      subject: path,
      expected: `${name}: ${expected}, an option of ${place.subject} that has no default`,
      received: `no ${name}`,
      action: `add ${name}`,
      at: at ?? place.locate?.(place.path),
    });
  }
  const allowed = (leaf.issue.values ?? []).filter((item) => typeof item === 'string');
  const meant = typeof received === 'string' ? nearest(received, allowed) : undefined;
  return registryErrors[isOfRightType(leaf.issue, received) ? 'BAD_OPTION_VALUE' : 'BAD_OPTION_TYPE']({
    subject: path,
    expected: `${expected} (${place.subject})`,
    received: name === '' ? show(received) : `${name} = ${show(received)}`,
    action: meant === undefined ? `give ${name === '' ? 'it' : name} ${expected}` : `write ${show(meant)}`,
    at,
  });
}

function joinAll(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').reduce((path, part) => join(path, part), '');
}

function writtenPath(path: readonly PropertyKey[], place: OptionsPlace): string {
  const camel = path.map(String).join('.');
  return place.written.get(camel) ?? camel;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}

const nouns: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'an integer',
  string: 'a string',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'an object',
  record: 'an object',
  function: 'a function',
  null: 'null',
  nonoptional: 'a value',
};

function expectation(issue: Issue): string {
  switch (issue.code ?? '') {
    case 'invalid_type':
      return nouns[String(issue.expected)] ?? `a value of type ${String(issue.expected)}`;
    case 'too_small':
      return bound(issue, issue.minimum, issue.inclusive === false ? '>' : '>=');
    case 'too_big':
      return bound(issue, issue.maximum, issue.inclusive === false ? '<' : '<=');
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_value':
      return `one of ${(issue.values ?? []).map(show).join(', ')}`;
    case 'invalid_format':
      return issue.pattern === undefined ? `text in the form of ${issue.format}` : `text that matches ${issue.pattern}`;
    case 'invalid_union':
      return unionExpectation(issue.errors ?? []);
    case 'invalid_key':
      return 'another key';
    default:
      return authored(issue);
  }
}

/** A check that the author of the entry wrote says itself what it wants. */
function authored(issue: Issue): string {
  return issue.message === '' || issue.message === 'Invalid input' ? 'a value that is allowed here' : issue.message;
}

function unionExpectation(branches: readonly (readonly Issue[])[]): string {
  const words = branches.flatMap((branch) => (branch[0] === undefined ? [] : [expectation(branch[0])]));
  return words.length === 0 ? 'a value that is allowed here' : [...new Set(words)].join(' or ');
}

function bound(issue: Issue, limit: number | bigint | undefined, sign: string): string {
  if (issue.origin === 'array' || issue.origin === 'set') return `a list with length ${sign} ${limit}`;
  if (issue.origin === 'string') return `text with length ${sign} ${limit}`;
  return `a number ${sign} ${limit}`;
}

function isOfRightType(issue: Issue, received: unknown): boolean {
  if (issue.code === 'invalid_type')
    return typeof received === 'number' && ['int', 'number'].includes(String(issue.expected));
  if (issue.code === 'invalid_value') return (issue.values ?? []).some((value) => typeof value === typeof received);
  if (issue.code === 'invalid_union')
    return (issue.errors ?? []).some((branch) => branch[0] !== undefined && isOfRightType(branch[0], received));
  return issue.code !== undefined;
}
