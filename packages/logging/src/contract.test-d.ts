import { describe, expectTypeOf, it } from 'vitest';
import type { LogProcessorLike, LogSource, LogState, MessageHubLike, ScalarHistory } from './contract.js';
import type { HistoryBuffer } from './history-buffer.js';
import type { LogProcessor } from './log-processor.js';
import type { LogProcessorOptions } from './log-processor-options.js';
import type { MessageHub } from './message-hub.js';

describe('types', () => {
  it('a MessageHub is what hooks and the log processor take', () => {
    expectTypeOf<MessageHub>().toExtend<MessageHubLike>();
    expectTypeOf<MessageHub>().toExtend<LogSource>();
    expectTypeOf<HistoryBuffer>().toExtend<ScalarHistory>();
    expectTypeOf<MessageHub['scalars']>().toEqualTypeOf<ReadonlyMap<string, HistoryBuffer>>();
  });

  it('hub and processor may be plain objects of your own', () => {
    const processor: LogProcessorLike = {
      getLogAfterIter: async (hub) => ({ tag: { loss: hub.scalars.get('train/loss')?.mean(3) }, text: 'mine' }),
      getLogAfterEpoch: async (_hub, { mode }) => ({ tag: {}, text: mode }),
    };
    const source: LogSource = { scalars: new Map(), infos: new Map(), getInfo: () => 1, flush: async () => {} };
    expectTypeOf(processor.getLogAfterIter).parameter(0).toEqualTypeOf<typeof source>();
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
