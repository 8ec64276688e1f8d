import { DeviceScalar, type Json, type JsonObject, type Logger, silentLogger } from '@engine/core';
import type { CountedScalar, HubScalar, MessageHubLike } from './contract.js';
import { loggingErrors } from './errors.js';
import { HistoryBuffer } from './history-buffer.js';
import { decodeInfo, encodeInfo } from './json-info.js';

export interface MessageHubOptions {
  /** Told when a fact cannot travel in a checkpoint. Default: nobody. */
  readonly logger?: Logger;
  /** How many device values may wait before the hub starts reading back by itself. Default 1000. */
  readonly maxPending?: number;
}

interface PendingValue {
  readonly buffer: HistoryBuffer;
  readonly value: HubScalar;
  readonly count: number;
  readonly integer: boolean | undefined;
}

/**
 * The scalars (with history) and facts of one run. Device values are retained and read back at the next `flush`; when
 * `maxPending` of them wait, reading starts in the background and catches up as soon as the caller awaits anything.
 * Whoever reads `scalars` awaits `flush` first.
 */
export class MessageHub implements MessageHubLike {
  readonly #scalars = new Map<string, HistoryBuffer>();
  /** How many values of a history are still on the device; later ones queue behind them. */
  readonly #waiting = new Map<HistoryBuffer, number>();
  readonly #infos = new Map<string, unknown>();
  readonly #resumed = new Map<string, boolean>();
  readonly #logger: Logger;
  readonly #maxPending: number;
  #pending: PendingValue[] = [];
  #reading: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(options: MessageHubOptions = {}) {
    this.#logger = options.logger ?? silentLogger;
    this.#maxPending = options.maxPending ?? 1000;
  }

  /** Histories by key, in the order in which the keys were first used. Complete after `flush`. */
  get scalars(): ReadonlyMap<string, HistoryBuffer> {
    return this.#scalars;
  }

  /** Facts by key, in the order in which the keys were first used. Values are the stored ones, not copies. */
  get infos(): ReadonlyMap<string, unknown> {
    return this.#infos;
  }

  /** @throws `ENGINE_LOGGING_UNKNOWN_SCALAR` */
  getScalar(key: string): HistoryBuffer {
    const buffer = this.#scalars.get(key);
    if (buffer === undefined) {
      throw loggingErrors.UNKNOWN_SCALAR({
        expected: `one of ${[...this.#scalars.keys()].join(', ') || '(nothing was recorded)'}`,
        received: key,
        action: 'read a scalar after its first updateScalar',
      });
    }
    return buffer;
  }

  /** @throws `ENGINE_LOGGING_BAD_SCALAR`, `ENGINE_LOGGING_RESUMED_CHANGED` */
  updateScalar(
    key: string,
    value: HubScalar,
    options: { readonly count?: number; readonly resumed?: boolean; readonly integer?: boolean } = {},
  ): void {
    const count = options.count ?? 1;
    if ((typeof value !== 'number' && !(value instanceof DeviceScalar)) || !Number.isInteger(count) || count < 1) {
      throw loggingErrors.BAD_SCALAR({
        subject: key,
        expected: 'a number or a DeviceScalar, and a positive integer count',
        received: `${typeof value} ${String(value).slice(0, 40)}, count = ${count}`,
        action: 'reduce it to one number, or record it with updateInfo',
      });
    }
    this.#markResumed(key, options.resumed ?? true);
    let buffer = this.#scalars.get(key);
    if (buffer === undefined) {
      buffer = new HistoryBuffer();
      this.#scalars.set(key, buffer);
    }
    const waiting = this.#waiting.get(buffer) ?? 0;
    if (typeof value === 'number' && waiting === 0) {
      buffer.update(value, count, options.integer);
      return;
    }
    this.#waiting.set(buffer, waiting + 1);
    this.#pending.push({
      buffer,
      value: typeof value === 'number' ? value : value.retain(),
      count,
      integer: options.integer,
    });
    if (this.#pending.length >= this.#maxPending) void this.#readBack();
  }

  /** @throws `ENGINE_LOGGING_BAD_SCALAR`, `ENGINE_LOGGING_RESUMED_CHANGED` */
  updateScalars(
    values: Readonly<Record<string, HubScalar | CountedScalar>>,
    { resumed }: { readonly resumed?: boolean } = {},
  ): void {
    for (const [key, given] of Object.entries(values)) {
      const isCounted = typeof given === 'object' && given !== null && !(given instanceof DeviceScalar);
      const { value, ...rest } = isCounted ? given : { value: given };
      this.updateScalar(key, value, { ...rest, ...(resumed !== undefined && { resumed }) });
    }
  }

  /** @throws `ENGINE_LOGGING_RESUMED_CHANGED` */
  updateInfos(values: Readonly<Record<string, unknown>>, options: { readonly resumed?: boolean } = {}): void {
    for (const [key, value] of Object.entries(values)) this.updateInfo(key, value, options);
  }

  /** @throws `ENGINE_LOGGING_RESUMED_CHANGED` */
  updateInfo(key: string, value: unknown, options: { readonly resumed?: boolean } = {}): void {
    this.#markResumed(key, options.resumed ?? true);
    this.#infos.set(key, value);
  }

  getInfo(key: string): unknown {
    return this.#infos.get(key);
  }

  /** Removes a fact and returns it. */
  popInfo(key: string): unknown {
    const value = this.#infos.get(key);
    this.#infos.delete(key);
    return value;
  }

  async flush(): Promise<void> {
    await this.#readBack();
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }

  /** What travels in a checkpoint. A fact that is not plain data stays out, with a warning. */
  async stateDict(): Promise<JsonObject> {
    await this.flush();
    const travels = (key: string): boolean => this.#resumed.get(key) !== false;
    const scalars: [string, Json][] = [];
    for (const [key, buffer] of this.#scalars) if (travels(key)) scalars.push([key, buffer.stateDict()]);
    const infos: [string, Json][] = [];
    for (const [key, value] of this.#infos) {
      if (!travels(key) || value === undefined) continue;
      const json = encodeInfo(value);
      if (json !== undefined) infos.push([key, json]);
      else
        this.#logger.warn(
          `"${key}" in the message hub is not plain data and will be missing after resuming; record it with { resumed: false }`,
        );
    }
    return { scalars: Object.fromEntries(scalars), infos: Object.fromEntries(infos) };
  }

  /** Adds a saved state; keys that exist are replaced. Nothing changes when it throws. @throws `ENGINE_LOGGING_BAD_STATE` */
  loadStateDict(state: JsonObject): void {
    const { scalars, infos } = state;
    if (!isJsonObject(scalars) || !isJsonObject(infos)) {
      throw loggingErrors.BAD_STATE({
        subject: 'message hub',
        expected: 'an object with scalars and infos',
        received: `an object with ${Object.keys(state).join(', ') || 'nothing'}`,
        action: 'load a checkpoint that this engine saved',
      });
    }
    const buffers = Object.entries(scalars).map(
      ([key, saved]) => [key, HistoryBuffer.fromStateDict(saved, key)] as const,
    );
    for (const [key, buffer] of buffers) {
      this.#scalars.set(key, buffer);
      this.#resumed.set(key, true);
    }
    for (const [key, json] of Object.entries(infos)) {
      this.#infos.set(key, decodeInfo(json));
      this.#resumed.set(key, true);
    }
  }

  /** Frees the device values that nobody asked for. */
  dispose(): void {
    for (const { value, buffer } of this.#pending) {
      this.#arrived(buffer);
      if (typeof value !== 'number') value.dispose();
    }
    this.#pending = [];
  }

  #markResumed(key: string, resumed: boolean): void {
    const before = this.#resumed.get(key);
    if (before !== undefined && before !== resumed) {
      throw loggingErrors.RESUMED_CHANGED({
        subject: key,
        expected: `resumed = ${before}, as at its first use`,
        received: `resumed = ${resumed}`,
        action: 'use one flag for a key, or another key',
      });
    }
    this.#resumed.set(key, resumed);
  }

  #arrived(buffer: HistoryBuffer): void {
    const waiting = (this.#waiting.get(buffer) ?? 0) - 1;
    if (waiting > 0) this.#waiting.set(buffer, waiting);
    else this.#waiting.delete(buffer);
  }

  /** Takes what waits now and appends it, in order, once earlier reads are through. Never rejects: `flush` reports. */
  #readBack(): Promise<void> {
    const batch = this.#pending;
    if (batch.length === 0) return this.#reading;
    this.#pending = [];
    const numbers = batch.map(({ value }) => (typeof value === 'number' ? Promise.resolve(value) : value.read()));
    this.#reading = this.#append(this.#reading, batch, Promise.allSettled(numbers));
    return this.#reading;
  }

  async #append(
    earlier: Promise<void>,
    batch: readonly PendingValue[],
    reads: Promise<PromiseSettledResult<number>[]>,
  ): Promise<void> {
    await earlier;
    for (const [i, read] of (await reads).entries()) {
      const { buffer, value, count, integer } = batch[i] as PendingValue;
      this.#arrived(buffer);
      if (read.status === 'rejected') this.#failure ??= { error: read.reason };
      else if (typeof value === 'number') buffer.update(value, count, integer);
      else buffer.update(read.value, count, integer ?? value.tensor.dtype !== 'float32');
      if (typeof value !== 'number') value.dispose();
    }
  }
}

function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
