import { describe, expect, it } from 'vitest';
import type { LogRecord } from './contract.js';
import { formatLineWithSource } from './format-line.js';
import { createLogger } from './logger.js';
import { frameAt } from './source-position.js';

const NODE = `Error: a (b:1:2) c
    at inner (file:///home/me/my%20runs/hook.js:12:7)
    at async Runner.train (/opt/engine/runner.js:330:11)
    at new Model (/opt/model.js:3:4)
    at Object.error [as warn] (node:internal/x:5:6)
    at file:///C:/runs/main.ts:9:1
    at async Promise.all (index 0)
    at native`;

describe('frameAt', () => {
  it('reads the frames of Node and Chromium', () => {
    expect([0, 1, 2, 3, 4, 5].map((depth) => frameAt(NODE, depth))).toEqual([
      { path: '/home/me/my runs/hook.js', function: 'inner', line: 12 },
      { path: '/opt/engine/runner.js', function: 'Runner.train', line: 330 },
      { path: '/opt/model.js', function: 'Model', line: 3 },
      { path: 'node:internal/x', function: 'Object.error', line: 5 },
      { path: 'C:/runs/main.ts', function: '<anonymous>', line: 9 },
      undefined,
    ]);
  });

  it('reads the frames of Firefox and Safari', () => {
    const stack = 'inner@https://a.b/hook.js:12:7\n@https://a.b/main.js:3:1\n';
    expect(frameAt(stack, 0)).toEqual({ path: 'https://a.b/hook.js', function: 'inner', line: 12 });
    expect(frameAt(stack, 1)).toEqual({ path: 'https://a.b/main.js', function: '<anonymous>', line: 3 });
  });

  it('gives nothing for what is no stack', () => {
    for (const stack of [undefined, '', 'Error', 'Error: at the end', 'a@b'])
      expect(frameAt(stack, 0), String(stack)).toBeUndefined();
  });
});

describe("an error's source", () => {
  const records: LogRecord[] = [];
  const done = (): Promise<void> => Promise.resolve();
  const sink = {
    level: 'DEBUG',
    write: (record: LogRecord) => void records.push(record),
    flush: done,
    close: done,
  } as const;
  const logger = createLogger({ sinks: [sink], now: () => new Date(2026, 0, 2, 3, 4, 5).getTime() });

  it('is who called the logger, in lines of files', () => {
    (function reporter() {
      logger.error('broken');
      logger.info('fine');
    })();
    const [broken, fine] = records.map(formatLineWithSource);
    expect(broken).toMatch(
      /^2026\/01\/02 03:04:05 - engine - ERROR - \S*source-position\.test\.ts - reporter - \d+ - broken$/,
    );
    expect(fine).toBe('2026/01/02 03:04:05 - engine - INFO - fine');
  });
});
