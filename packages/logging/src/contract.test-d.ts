import { describe, expectTypeOf, it } from 'vitest';
import type { MessageHubLike } from './contract.js';
import type { HistoryBuffer } from './history-buffer.js';
import type { LogSource, LogState } from './log-processor.js';
import type { LogProcessor } from './log-processor.js';
import type { LogProcessorOptions } from './log-processor-options.js';
import type { MessageHub } from './message-hub.js';

describe('types', () => {
  it('a MessageHub is what hooks and the log processor take', () => {
    expectTypeOf<MessageHub>().toExtend<MessageHubLike>();
    expectTypeOf<MessageHub>().toExtend<LogSource>();
    expectTypeOf<MessageHub['scalars']>().toEqualTypeOf<ReadonlyMap<string, HistoryBuffer>>();
  });

  it('there is no line after a training epoch', () => {
    expectTypeOf<Parameters<LogProcessor['getLogAfterEpoch']>[1]['mode']>().toEqualTypeOf<'val' | 'test'>();
    expectTypeOf<LogState['mode']>().toEqualTypeOf<'train' | 'val' | 'test'>();
  });

  it('misspelt options do not compile', () => {
    // @ts-expect-error windowsize
    const misspelt: LogProcessorOptions = { windowsize: 3 };
    // @ts-expect-error no such statistic
    const unknown: LogProcessorOptions = { customCfg: [{ dataSrc: 'loss', methodName: 'median' }] };
    expectTypeOf([misspelt, unknown]).items.toEqualTypeOf<LogProcessorOptions>();
  });
});
