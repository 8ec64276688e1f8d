/** Turns the message hub's scalars into the lines people read and the rows that trackers store. Texts are MMEngine's, character for character. */
import { defineEntry } from '@engine/core';
import type { LogLine, LogProcessorLike, LogSource, LogState } from './contract.js';
import { loggingErrors } from './errors.js';
import { formatDuration, formatExponent, formatFixed } from './format-number.js';
import { formatValue } from './format-value.js';
import { epochHeader, iterHeader } from './log-header.js';
import { type CustomLogEntry, type LogProcessorOptions, logProcessorOptions } from './log-processor-options.js';

interface Shown {
  readonly value: number;
  /** Shown without decimals. */
  readonly integer: boolean;
}

/** Makes log lines, see {@link LogProcessorOptions}. Keeps no state. */
export class LogProcessor implements LogProcessorLike {
  static readonly entry = defineEntry<'logProcessor', 'LogProcessor', typeof logProcessorOptions, LogProcessorOptions>(
    'logProcessor',
    {
      name: 'LogProcessor',
      options: logProcessorOptions,
      create: (options) => new LogProcessor(options),
      module: '@engine/logging',
      doc: 'Turns recorded scalars into log lines and rows for trackers.',
    },
  );
  readonly windowSize: number;
  readonly byEpoch: boolean | undefined;
  readonly customCfg: readonly CustomLogEntry[];
  readonly numDigits: number;
  readonly logWithHierarchy: boolean;
  readonly meanPattern: RegExp;

  /** @throws `ENGINE_LOGGING_BAD_OPTION`, `ENGINE_LOGGING_BAD_WINDOW`, `ENGINE_LOGGING_DUPLICATE_LOG_NAME` */
  constructor(options: LogProcessorOptions = {}) {
    this.windowSize = integerOption('windowSize', options.windowSize ?? 10, [1, Number.MAX_SAFE_INTEGER]);
    this.byEpoch = options.byEpoch;
    this.customCfg = options.customCfg ?? [];
    this.numDigits = integerOption('numDigits', options.numDigits ?? 4, [0, 70]);
    this.logWithHierarchy = options.logWithHierarchy ?? false;
    this.meanPattern = toPattern(options.meanPattern ?? '.*(loss|time|data_time|grad_norm|gradNorm).*');
    this.#checkCustom();
  }

  /** The line and the row after a batch. Reads pending device values back first. */
  async getLogAfterIter(hub: LogSource, at: LogState): Promise<LogLine> {
    await hub.flush();
    const byEpoch = this.byEpoch ?? at.byEpoch;
    const shown = this.#collect(hub, at);
    const tag: Record<string, unknown> = Object.fromEntries([...shown].map(([name, { value }]) => [name, value]));
    let text = iterHeader(at, byEpoch);
    if (byEpoch && at.mode !== 'test') tag.epoch = at.mode === 'train' ? at.epoch + 1 : at.trainBuilt ? at.epoch : 0;
    tag.iter = at.trainBuilt ? at.iter + 1 : 0;

    const rates = [...shown].filter(([name]) => /lr$/i.test(name));
    text += `${rates.map(([name, { value }]) => `${this.#bare(name, at)}: ${formatExponent(value, this.numDigits)}`).join(' ')}  `;
    const hidden = new Set(rates.map(([name]) => name));
    const eta = hub.getInfo('eta');
    const [time, dataTime] = [shown.get(this.#full('time', at)), shown.get(this.#full('data_time', at))];
    if (time !== undefined && dataTime !== undefined && typeof eta === 'number') {
      text += `eta: ${formatDuration(eta)}  time: ${this.#fixed(time.value)}  data_time: ${this.#fixed(dataTime.value)}  `;
      hidden.add(this.#full('time', at)).add(this.#full('data_time', at));
    }
    if (at.memoryMB !== undefined) {
      text += `memory: ${Math.round(at.memoryMB)}  `;
      tag.memory = Math.round(at.memoryMB);
    }
    if (at.mode === 'train') {
      const rest = [...shown].filter(([name]) => !hidden.has(name));
      text += rest.map(([name, value]) => `${this.#bare(name, at)}: ${this.#number(value)}`).join('  ');
    }
    return { tag, text };
  }

  /**
   * The line and the row after a whole validation or test. `time` and `data_time` are averaged over `batchIdx + 1` batches.
   * `withNonScalar` puts arrays and dictionaries into the tag too; the text always shows them.
   */
  async getLogAfterEpoch(
    hub: LogSource,
    at: LogState & { readonly mode: 'val' | 'test' },
    options: { readonly withNonScalar?: boolean } = {},
  ): Promise<LogLine> {
    await hub.flush();
    const named = new Set(this.customCfg.map((entry) => entry.logName ?? entry.dataSrc));
    const times: CustomLogEntry[] = ['time', 'data_time']
      .filter((name) => !named.has(name))
      .map((dataSrc) => ({ dataSrc, methodName: 'mean', windowSize: at.batchIdx + 1 }));
    const shown = this.#collect(hub, at, times);
    const isTime = (name: string): boolean => name === this.#full('time', at) || name === this.#full('data_time', at);
    const scalars = [...shown].filter(([name]) => !isTime(name));
    const timing = [...shown].filter(([name]) => isTime(name));
    const others = this.#nonScalars(hub, at);
    const items = [
      ...scalars.map(([name, value]) => `${name}: ${this.#number(value)}`),
      ...others.map(([name, value]) => `${name}: ${this.#other(value)}`),
      ...timing.map(([name, value]) => `${name}: ${this.#number(value)}`),
    ];
    const entries: [string, unknown][] = [
      ...scalars.map(([name, { value }]): [string, unknown] => [name, value]),
      ...(options.withNonScalar === true ? others : []),
      ...timing.map(([name, { value }]): [string, unknown] => [name, value]),
    ];
    return {
      tag: Object.fromEntries(entries),
      text: `${epochHeader(at, this.byEpoch ?? at.byEpoch)}  ${items.join('  ')}`,
    };
  }

  #collect(hub: LogSource, at: LogState, extra: readonly CustomLogEntry[] = []): Map<string, Shown> {
    const scalars = hub.scalars;
    const shown = new Map<string, Shown>();
    for (const [key, buffer] of scalars) {
      if (!key.startsWith(`${at.mode}/`) || buffer.length === 0) continue;
      const mean = this.meanPattern.test(key);
      const value = mean ? buffer.mean(this.windowSize) : buffer.current();
      shown.set(this.#full(key.slice(at.mode.length + 1), at), { value, integer: !mean && buffer.isInteger });
    }
    for (const { dataSrc, logName, methodName, windowSize } of [...this.customCfg, ...extra]) {
      const buffer = scalars.get(`${at.mode}/${dataSrc}`);
      if (buffer === undefined || buffer.length === 0) continue;
      const value = buffer.statistics(methodName, this.#window(windowSize, at));
      const integer = typeof methodName === 'string' && methodName !== 'mean' && buffer.isInteger;
      shown.set(this.#full(logName ?? dataSrc, at), { value, integer });
    }
    return shown;
  }

  #nonScalars(hub: LogSource, at: LogState): [string, unknown][] {
    return [...hub.infos]
      .filter(([key]) => key.startsWith(`${at.mode}/`))
      .map(([key, value]) => [this.#full(key.slice(at.mode.length + 1), at), value]);
  }

  #window(size: CustomLogEntry['windowSize'], at: LogState): number | undefined {
    if (size !== 'epoch') return size === 'global' ? at.iter + 1 : size;
    if (!(this.byEpoch ?? at.byEpoch)) throw noEpochs();
    return at.batchIdx + 1;
  }

  /** Name in tags. */
  #full(name: string, at: LogState): string {
    return this.logWithHierarchy ? `${at.mode}/${name}` : name;
  }

  /** Name in the text after a batch, never with the mode. */
  #bare(name: string, at: LogState): string {
    return this.logWithHierarchy ? name.slice(at.mode.length + 1) : name;
  }

  #fixed(value: number): string {
    return formatFixed(value, this.numDigits);
  }

  #number({ value, integer }: Shown): string {
    return integer ? String(value) : this.#fixed(value);
  }

  #other(value: unknown): string {
    return typeof value === 'number' && !Number.isInteger(value) ? this.#fixed(value) : formatValue(value);
  }

  #checkCustom(): void {
    const names = new Set<string>();
    for (const { dataSrc, logName = dataSrc, windowSize } of this.customCfg) {
      if (names.has(logName)) {
        throw loggingErrors.DUPLICATE_LOG_NAME({
          subject: 'customCfg',
          expected: 'every name once',
          received: `${logName} twice`,
          action: 'give one of them its own logName',
        });
      }
      names.add(logName);
      if (typeof windowSize === 'number')
        integerOption('customCfg windowSize', windowSize, [1, Number.MAX_SAFE_INTEGER]);
      else if (windowSize === 'epoch' && this.byEpoch === false) throw noEpochs();
      else if (windowSize !== undefined && windowSize !== 'epoch' && windowSize !== 'global')
        throw badWindow(windowSize);
    }
  }
}

function integerOption(name: string, value: number, [low, high]: readonly [number, number]): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw loggingErrors.BAD_OPTION({
    subject: 'logProcessor',
    expected: `an integer from ${low}${high === Number.MAX_SAFE_INTEGER ? '' : ` to ${high}`}`,
    received: `${name} = ${String(value)}`,
    action: 'correct it, or leave it out for the default',
  });
}

function toPattern(pattern: string | RegExp): RegExp {
  try {
    return new RegExp(pattern, '');
  } catch (cause) {
    throw loggingErrors.BAD_OPTION({
      subject: 'logProcessor',
      expected: 'a regular expression',
      received: `meanPattern = ${String(pattern)}`,
      action: 'correct it, or leave it out for the default',
      cause,
    });
  }
}

function noEpochs(): Error {
  return loggingErrors.BAD_WINDOW({
    subject: 'customCfg',
    expected: 'a number or "global" in a run that counts in iterations',
    received: 'windowSize = epoch',
    action: 'use "global", or set byEpoch: true',
  });
}

function badWindow(windowSize: unknown): Error {
  return loggingErrors.BAD_WINDOW({
    subject: 'customCfg',
    expected: 'a positive integer, "epoch" or "global"',
    received: `windowSize = ${String(windowSize)}`,
    action: 'correct it, or leave it out for the whole history',
  });
}
