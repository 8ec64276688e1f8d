/** Brings a file over HTTP: attempt after attempt, each from where the one before broke off. Nothing of Node, so that it runs in a tab. */
import { EngineError } from '@engine/core/plain';
import type { Progress } from './contract.js';
import {
  brokenConnection,
  type FileVersion,
  Passing,
  rangeOf,
  refusal,
  requireSafe,
  timedOut,
  versionOf,
  wrongRange,
} from './http-reply.js';

/** How to ask a web server. */
export interface HttpOptions {
  /** Sent with every request, e.g. `{ Authorization: 'Bearer ...' }`; a redirect to another host does not get credentials. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds in which something must come, else the attempt has failed. Default 30000. */
  readonly timeout?: number | undefined;
  /** Further attempts in a row that may bring nothing new before the failure is reported. Default 4. */
  readonly retries?: number | undefined;
  /** Milliseconds before the second attempt; doubled each time, at most 30 s. Default 500. */
  readonly backoff?: number | undefined;
}
export type HttpSettings = { readonly [K in keyof HttpOptions]-?: NonNullable<HttpOptions[K]> };

export function httpSettings({
  headers = {},
  timeout = 30_000,
  retries = 4,
  backoff = 500,
}: HttpOptions): HttpSettings {
  return { headers, timeout, retries, backoff };
}

/** Where the bytes go. */
export interface TransferTarget {
  /** Bytes at hand. */
  readonly received: number;
  write(chunk: Uint8Array): void | Promise<void>;
  /** Called when the server begins to send: a new version of the file, or the rest of the known one. */
  begin?(version: FileVersion): void | Promise<void>;
  /** Forgets what was received. */
  restart(): void | Promise<void>;
}

export interface TransferOptions {
  readonly settings: HttpSettings;
  /** The version that the bytes at hand belong to. */
  readonly version?: FileVersion | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Resolves when the whole file is in `target`.
 * @throws `ENGINE_FILEIO_NOT_FOUND`, `_ACCESS_DENIED`, `_HTTP_FAILED`, `_HTTP_RANGE`, `_HTTP_REDIRECT`, `_TIMED_OUT`
 */
export async function transfer(url: string, target: TransferTarget, options: TransferOptions): Promise<void> {
  const state: State = { url, target, options, version: options.version, mayResume: true };
  await persist(
    options.settings,
    () => attempt(state),
    () => target.received,
  );
}

/** What a server says of a file, by a HEAD request; undefined where there is none. @throws as {@link transfer} */
export function probe(url: string, settings: HttpSettings): Promise<FileVersion | undefined> {
  return persist(settings, async () => {
    const connection = new Connection(url, settings);
    try {
      let response = await connection.open('HEAD');
      // Some servers have no HEAD; the first byte tells as much.
      if (response.status === 405 || response.status === 501)
        response = await connection.open('GET', { Range: 'bytes=0-0' });
      if (response.status === 404 || response.status === 410) return undefined;
      if (response.status === 416) return { validator: undefined, total: 0 };
      if (!response.ok) throw refusal(url, response);
      return versionOf(response);
    } finally {
      connection.close();
    }
  });
}

/** Tries until it succeeds, or until too many attempts in a row have failed without `progress` having grown. */
async function persist<T>(settings: HttpSettings, work: () => Promise<T>, progress = () => 0): Promise<T> {
  let furthest = progress();
  for (let failures = 0; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Passing)) throw error;
      failures = progress() > furthest ? 1 : failures + 1;
      furthest = Math.max(furthest, progress());
      if (failures > settings.retries) throw error.error;
      await pause(failures, error.wait, settings);
    }
  }
}

/** Waits before the next attempt: longer each time, and not all clients at once. */
async function pause(failures: number, asked: number | undefined, { backoff }: HttpSettings): Promise<void> {
  const own = Math.min(backoff * 2 ** (failures - 1), 30_000) * (0.75 + Math.random() / 4);
  await new Promise((resolve) => setTimeout(resolve, Math.max(own, asked ?? 0)));
}

interface State {
  readonly url: string;
  readonly target: TransferTarget;
  readonly options: TransferOptions;
  version: FileVersion | undefined;
  /** False once the server has answered such a request wrongly. */
  mayResume: boolean;
}

async function attempt(state: State): Promise<void> {
  const { url, target, options } = state;
  const { received } = target;
  const validator = state.version?.validator;
  // Bytes of a version that cannot be recognised again could be glued to those of another.
  const from = state.mayResume && validator !== undefined ? received : 0;
  if (from === 0 && received > 0) await target.restart();
  const range = from > 0 && validator !== undefined ? { Range: `bytes=${from}-`, 'If-Range': validator } : {};
  const connection = new Connection(url, options.settings);
  try {
    const response = await connection.open('GET', range);
    await accept(state, response, from);
    await receive(state, response, connection);
  } finally {
    connection.close();
  }
}

/** Checks what the answer is about to bring, and makes the target ready for it. */
async function accept(state: State, response: Response, from: number): Promise<void> {
  const { url, target, version } = state;
  const found = versionOf(response);
  if (response.status === 206) {
    const range = rangeOf(response.headers.get('content-range'));
    const isOther = version?.total !== undefined && range?.total !== undefined && range.total !== version.total;
    if (from === 0 || range?.start !== from || isOther) {
      state.mayResume = false;
      throw wrongRange(url, `Content-Range: ${response.headers.get('content-range')}, asked for from byte ${from}`);
    }
  } else if (response.status === 200) {
    if (from > 0) await target.restart();
  } else {
    if (response.status !== 416) throw refusal(url, response);
    state.mayResume = false;
    throw wrongRange(url, `416 for the bytes from ${from}`);
  }
  state.version = { validator: found.validator ?? version?.validator, total: found.total ?? version?.total };
  if (response.status === 200) state.version = found;
  await target.begin?.(state.version);
}

async function receive(state: State, response: Response, connection: Connection): Promise<void> {
  const { url, target, options, version } = state;
  const total = version?.total;
  options.onProgress?.({ received: target.received, total });
  for await (const chunk of connection.body(response)) {
    await target.write(chunk);
    options.onProgress?.({ received: target.received, total });
  }
  if (total === undefined || target.received === total) return;
  const { received } = target;
  if (received > total) await target.restart();
  throw brokenConnection(url, new Error(`${received} of ${total} bytes`));
}

/** One request. Whatever happens to it, `close` lets its socket go. */
class Connection {
  readonly #url: string;
  readonly #settings: HttpSettings;
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, settings: HttpSettings) {
    this.#url = url;
    this.#settings = settings;
  }

  /** The head of the answer. @throws {@link Passing}, `ENGINE_FILEIO_HTTP_REDIRECT` */
  async open(method: 'GET' | 'HEAD', headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    this.#wait();
    try {
      const response = await fetch(this.#url, {
        method,
        // Compressed answers have no ranges, and tell the wrong size.
        headers: { 'Accept-Encoding': 'identity', ...this.#settings.headers, ...headers },
        signal: this.#abort.signal,
      });
      requireSafe(this.#url, response.url);
      return response;
    } catch (error) {
      throw this.#explained(error);
    }
  }

  async *body(response: Response): AsyncIterable<Uint8Array> {
    const reader = response.body?.getReader();
    for (;;) {
      this.#wait();
      const step = await reader?.read().catch((error: unknown) => {
        throw this.#explained(error);
      });
      clearTimeout(this.#timer);
      if (step === undefined || step.done) return;
      yield step.value;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(LATE), this.#settings.timeout);
  }

  #explained(error: unknown): Error {
    if (error instanceof EngineError) return error;
    return this.#abort.signal.reason === LATE
      ? timedOut(this.#url, this.#settings.timeout)
      : brokenConnection(this.#url, error);
  }
}

const LATE = new Error('nothing came in time');
