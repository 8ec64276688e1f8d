/** What the answers of a web server mean. */
import type { EngineError, ErrorFactory } from '@engine/core/plain';
import { fileioErrors } from './errors.js';

/** A failure that another attempt may not meet. `wait`: milliseconds that the server asks for. */
export class Passing extends Error {
  readonly error: EngineError;
  readonly wait: number | undefined;

  constructor(error: EngineError, wait?: number) {
    super(error.message, { cause: error });
    this.error = error;
    this.wait = wait;
  }
}

/** Request Timeout, Too Early, Too Many Requests, and what servers say that are overloaded or just starting. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

interface Meaning {
  readonly error: ErrorFactory;
  readonly expected: string;
  readonly action: string;
}

const ABSENT: Meaning = { error: fileioErrors.NOT_FOUND, expected: 'a file that exists', action: 'check the address' };
const FORBIDDEN: Meaning = {
  error: fileioErrors.ACCESS_DENIED,
  expected: 'an address that may be read',
  action: 'check the address, or give headers with a token that may read it',
};
const OTHER: Meaning = {
  error: fileioErrors.HTTP_FAILED,
  expected: 'the file',
  action: 'check the address; if the server is at fault, try again later',
};
const MEANINGS: ReadonlyMap<number, Meaning> = new Map([
  [404, ABSENT],
  [410, ABSENT],
  [401, FORBIDDEN],
  [403, FORBIDDEN],
  [407, FORBIDDEN],
]);

/** What to throw for an answer that is not the file: the coded error, or {@link Passing} around it. */
export function refusal(url: string, response: Response): EngineError | Passing {
  const { status, statusText, headers } = response;
  const { error, expected, action } = MEANINGS.get(status) ?? OTHER;
  const made = error({ subject: url, expected, received: `${status} ${statusText}`.trim(), action });
  return PASSING.has(status) ? new Passing(made, retryAfter(headers.get('retry-after'))) : made;
}

/** Seconds or a date, as milliseconds from now; at most a minute. */
function retryAfter(text: string | null): number | undefined {
  if (text === null) return undefined;
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), 60_000) : undefined;
}

/** What identifies a version of a file. */
export interface FileVersion {
  /** An ETag that stands for the same bytes (not a weak one), or a date; undefined where the server gives neither. */
  readonly validator: string | undefined;
  /** Bytes of the whole file; undefined where it is not told, or told of compressed bytes. */
  readonly total: number | undefined;
}

export function versionOf({ status, headers }: Response): FileVersion {
  const etag = headers.get('etag');
  const validator = (etag?.startsWith('W/') ? null : etag) ?? headers.get('last-modified') ?? undefined;
  if (status === 206) return { validator, total: rangeOf(headers.get('content-range'))?.total };
  const encoding = headers.get('content-encoding') ?? 'identity';
  const length = headers.get('content-length');
  const isPlain = encoding === 'identity' && length !== null && /^\d+$/.test(length);
  return { validator, total: isPlain ? Number(length) : undefined };
}

/** First byte and whole size of `bytes 100-199/1000`. */
export function rangeOf(
  text: string | null,
): { readonly start: number; readonly total: number | undefined } | undefined {
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(text ?? '') ?? [];
  if (start === undefined) return undefined;
  return { start: Number(start), total: total === '*' ? undefined : Number(total) };
}

/** A failure of the connection itself. */
export function brokenConnection(url: string, cause: unknown): Passing {
  const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return new Passing(
    fileioErrors.HTTP_FAILED({
      subject: url,
      expected: 'a connection that holds until the file is here',
      received: reason instanceof Error ? reason.message || reason.name : String(reason),
      action: 'check the address and the network, then try again',
      cause,
    }),
  );
}

export function timedOut(url: string, timeout: number): Passing {
  return new Passing(
    fileioErrors.TIMED_OUT({
      subject: url,
      expected: `more of the file within ${timeout} ms`,
      received: 'nothing',
      action: 'try again, or raise the timeout',
    }),
  );
}

export function wrongRange(url: string, received: string): Passing {
  return new Passing(
    fileioErrors.HTTP_RANGE({
      subject: url,
      expected: 'the part of the file that was asked for',
      received,
      action: 'try again; if it happens every time, the server or a proxy is broken: take the file from elsewhere',
    }),
  );
}

/** @throws `ENGINE_FILEIO_HTTP_REDIRECT` where an encrypted address has led to one that is not */
export function requireSafe(asked: string, landed: string): void {
  if (!asked.startsWith('https:') || !landed.startsWith('http:')) return;
  throw fileioErrors.HTTP_REDIRECT({
    subject: asked,
    expected: 'encrypted addresses all the way',
    received: landed,
    action: 'take the file from another address; anybody on the way could change this one',
  });
}
