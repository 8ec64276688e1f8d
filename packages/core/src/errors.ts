/**
 * Errors of the whole engine: one class, one message shape, one table a package.
 * A package's `src/errors.ts` is nothing but a call of {@link defineErrors}; its codes are documented from that table.
 */

/** What kind of thing was wrong; the command line turns the user's own mistakes into exit code 2, the rest into 1. */
export type ErrorKind = 'type' | 'key' | 'value' | 'file' | 'dependency' | 'state' | 'numeric' | 'io';

/** Where in a file the blame lies. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** The three parts every message has, and what may accompany them. */
export interface ErrorParts {
  /** What would have been right: `one of sgd, adam`, `shape (N, 784)`. */
  readonly expected: string;
  /** What was found, as `name = value` with shape and dtype where there are any. */
  readonly received: string;
  /** What the reader can do about it, in the imperative. */
  readonly action: string;
  /** What the error is about, shown after the code: a config path, a file, a layer name. */
  readonly subject?: string | undefined;
  readonly at?: SourceLocation | undefined;
  readonly cause?: unknown;
}

/** The one error class that packages throw. `code` is stable; the wording is not. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: string;
  readonly kind: ErrorKind;
  readonly expected: string;
  readonly received: string;
  readonly action: string;
  readonly subject: string | undefined;
  readonly at: SourceLocation | undefined;

  constructor(code: string, kind: ErrorKind, parts: ErrorParts) {
    super(formatMessage(code, parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = code;
    this.kind = kind;
    this.expected = parts.expected;
    this.received = parts.received;
    this.action = parts.action;
    this.subject = parts.subject;
    this.at = parts.at;
  }

  /** 2 where the user's input was wrong, 1 where the run itself failed. */
  get exitCode(): 1 | 2 {
    return this.kind === 'state' || this.kind === 'numeric' || this.kind === 'io' ? 1 : 2;
  }
}

/** `file:line:column`, as far as known. */
export function formatLocation(at: SourceLocation): string {
  return [at.file, at.line, at.line === undefined ? undefined : at.column]
    .filter((part) => part !== undefined)
    .join(':');
}

function formatMessage(code: string, parts: ErrorParts): string {
  const where = parts.at === undefined ? '' : `   at ${formatLocation(parts.at)}`;
  return [
    parts.subject === undefined ? code : `${code}  ${parts.subject}`,
    `  expected  ${parts.expected}`,
    `  received  ${parts.received}${where}`,
    `  do        ${parts.action}`,
  ].join('\n');
}

/** One row of an error table. */
export interface ErrorRow {
  readonly kind: ErrorKind;
  /** One sentence for the documentation: when this error is raised. */
  readonly doc: string;
}

/** Makes the error of one code; carries its row for the documentation. */
export interface ErrorFactory extends ErrorRow {
  (parts: ErrorParts): EngineError;
  readonly code: string;
}

/**
 * Makes a package's error table: `defineErrors('CONFIG', { UNKNOWN_KEY: { kind: 'key', doc } })` gives
 * `errors.UNKNOWN_KEY(parts)`, an {@link EngineError} with the code `ENGINE_CONFIG_UNKNOWN_KEY`.
 */
export function defineErrors<const T extends Record<string, ErrorRow>>(
  area: string,
  table: T,
): { readonly [R in keyof T]: ErrorFactory } {
  const entries = Object.entries(table).map(([reason, row]) => {
    const code = `ENGINE_${area}_${reason}`;
    const factory = (parts: ErrorParts): EngineError => new EngineError(code, row.kind, parts);
    return [reason, Object.assign(factory, { code, kind: row.kind, doc: row.doc })] as const;
  });
  return Object.fromEntries(entries) as { readonly [R in keyof T]: ErrorFactory };
}
