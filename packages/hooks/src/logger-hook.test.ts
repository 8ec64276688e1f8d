import { cpu } from '@engine/backend-cpu';
import { singleProcess } from '@engine/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EvalIterInfo, TrainIterInfo } from './hook.js';
import { HookList } from './hook-list.js';
import { IterTimerHook } from './iter-timer-hook.js';
import { LoggerHook, type LoggerHookOptions } from './logger-hook.js';
import { RuntimeInfoHook } from './runtime-info-hook.js';
import { makeTestRun, runEpochs } from './testing/index.js';
import type { TestRun, TestRunOptions } from './testing/test-run.js';

beforeAll(() => cpu().init());

let run: TestRun | undefined;
afterEach(() => run?.close());

async function logged(
  options: LoggerHookOptions,
  runOptions: Partial<TestRunOptions> = {},
): Promise<{ run: TestRun; lines: string[] }> {
  run = makeTestRun(runOptions);
  const list = new HookList();
  for (const hook of [new RuntimeInfoHook(), new IterTimerHook(), new LoggerHook(options)]) list.register(hook);
  await runEpochs(run, list, { from: 0, to: run.maxEpochs });
  return { run, lines: run.logged };
}

const position = (line: string): string | undefined => /(\[\d+\]\[\d+\/\d+\])/.exec(line)?.[1];
const trainLines = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('Epoch(train)'));

describe('LoggerHook', () => {
  it('logs every interval, with the learning rate that the iteration used', async () => {
    const { lines } = await logged({ interval: 2 });
    const train = trainLines(lines);
    expect(train.map(position)).toEqual(['[1][2/4]', '[1][4/4]', '[2][2/4]', '[2][4/4]']);
    expect(train[0]).toMatch(
      /^Epoch\(train\) \[1\]\[2\/4\] {2}lr: 1\.0000e-01 {2}eta: \d:\d\d:\d\d {2}time: \d\.\d{4} {2}data_time: \d\.\d{4} {2}memory: \d+ {2}loss: \d+\.\d{4}$/,
    );
  });

  it('leaves out a last piece that does not fill an interval, unless told otherwise', async () => {
    expect(trainLines((await logged({ interval: 3 })).lines)).toHaveLength(2);
    await run?.close();
    expect(trainLines((await logged({ interval: 3, ignoreLast: false })).lines)).toHaveLength(4);
  });

  it('logs the last batch of an epoch that is shorter than the interval', async () => {
    expect(trainLines((await logged({ interval: 10 })).lines).map(position)).toEqual(['[1][4/4]', '[2][4/4]']);
  });

  it('logs metrics after validation, before times', async () => {
    const { lines } = await logged({});
    const val = lines.filter((line) => line.startsWith('Epoch(val)'));
    expect(val[0]).toMatch(
      /^Epoch\(val\) \[1\]\[4\/4\] {4}accuracy\/top1: 51\.0000 {2}loss: 1\.0000 {2}data_time: \d\.\d{4} {2}time: \d\.\d{4}$/,
    );
    expect(val).toHaveLength(2);
  });

  it.each([
    [undefined, [4, 8]],
    [false, [4, 8]],
    [true, [1, 2]],
  ])('with logMetricByEpoch %s has validation at steps %j', async (logMetricByEpoch, expected) => {
    run = makeTestRun();
    const steps: number[] = [];
    run.visualizer.addScalars = async (_row: unknown, step: number) => void steps.push(step);
    const hook = new LoggerHook({ ...(logMetricByEpoch !== undefined && { logMetricByEpoch }), backendArgs: null });
    for (const epoch of [1, 2]) {
      Object.assign(run, { epoch, iter: 4 * epoch });
      await hook.afterValEpoch(run, { metrics: {} });
    }
    expect(steps).toEqual(expected);
  });

  it('names the experiment at the end of each epoch', async () => {
    const { lines, run: done } = await logged({});
    expect(lines.filter((line) => line === `Exp name: ${done.experimentName}`)).toHaveLength(2);
  });

  it('moves the progress line to the end of each epoch', async () => {
    const { run: done } = await logged({ interval: 2 });
    const last = done.progressed.findLast(({ label }) => label.startsWith('epoch'));
    expect(last).toMatchObject({ label: 'epoch 2/2', done: 4, total: 4 });
    expect(Number.isFinite(last?.values?.loss)).toBe(true);
    expect(last?.memoryMB).toBeGreaterThan(0);
  });

  it('gathers nothing for a progress line that nobody sees', async () => {
    run = makeTestRun();
    Object.defineProperty(run, 'progress', { value: { ...run.progress, isShown: false } });
    await new LoggerHook().afterTrainIter(run, { batchIdx: 5 } as TrainIterInfo);
    expect(run.progressed).toEqual([]);
  });

  it('counts to the end of the run where iterations are counted', async () => {
    run = makeTestRun();
    const view = { ...run.trainLoop, byEpoch: false };
    Object.defineProperty(run, 'trainLoop', { value: view });
    const hook = new LoggerHook();
    await hook.afterTrainIter(run, { batchIdx: 5 } as TrainIterInfo);
    run.iter = 8;
    await hook.afterValIter(run, { batchIdx: 3 } as EvalIterInfo);
    expect(run.progressed).toMatchObject([
      { label: 'iter', done: 6, total: 8 },
      { label: 'val 8/8', done: 4, total: 4 },
    ]);
  });

  it('writes the test metrics as one JSON object', async () => {
    run = makeTestRun();
    const hook = new LoggerHook();
    new RuntimeInfoHook().afterTestEpoch(run, { metrics: { acc: 0.75, recall: [0.5, 1] } });
    await hook.afterTestEpoch(run, { metrics: {} });
    const text = new TextDecoder().decode(await run.storage.get(run.storage.join(run.logDir, `${run.timestamp}.json`)));
    expect(JSON.parse(text)).toEqual({ acc: 0.75, recall: [0.5, 1] });
    expect(run.logged.at(-1)).toMatch(/^Epoch\(test\) \[4\/4\] {4}acc: 0\.7500 {2}recall: \[0\.5, 1\]$/);
  });

  describe('with outDir', () => {
    const put = async (files: readonly string[]): Promise<void> => {
      for (const name of files)
        await run?.storage.put(run.storage.join(run.logDir, ...name.split('/')), new TextEncoder().encode(name));
    };
    const logs = ['a.log', 'vis_data/scalars.json', 'deep/er/config.py', 'picture.png', '.hidden.log'];
    async function ended(options: LoggerHookOptions): Promise<string[]> {
      run = makeTestRun();
      await put(logs);
      const hook = new LoggerHook(options);
      hook.beforeRun(run);
      await hook.afterRun(run);
      return run.logged;
    }
    const at = (...names: string[]) => `/far/${run?.workDir.split('/').at(-1)}/${run?.timestamp}/${names.join('/')}`;

    it('copies the logs of the run when it ends, and says so', async () => {
      const lines = await ended({ outDir: '/far' });
      const { storage, logDir } = run as TestRun;
      expect(await storage.list(at())).toEqual(['a.log', 'deep', 'vis_data']);
      expect(new TextDecoder().decode(await storage.get(at('deep', 'er', 'config.py')))).toBe('deep/er/config.py');
      expect(lines[0]).toBe(`Text logs will be saved to ${at().slice(0, -1)} after the run.`);
      expect(lines).toContain(`The file ${storage.join(logDir, 'a.log')} has been uploaded to ${at('a.log')}.`);
      expect(lines).toHaveLength(4);
      expect(await storage.exists(storage.join(logDir, 'a.log'))).toBe(true);
    });

    it('takes what ends so, and removes it when it is not to stay', async () => {
      await ended({ outDir: '/far', outSuffix: '.png', keepLocal: false });
      const { storage, logDir } = run as TestRun;
      expect(await storage.list(at())).toEqual(['picture.png']);
      expect(await storage.exists(storage.join(logDir, 'picture.png'))).toBe(false);
      expect(await storage.exists(storage.join(logDir, 'a.log'))).toBe(true);
      expect(run?.logged.at(-1)).toBe(`1 files are removed from ${logDir}, because keepLocal is false.`);
    });

    it('waits for lines that are on their way', async () => {
      run = makeTestRun();
      let isFlushed = false;
      const late = {
        ...run.logger,
        flush: async () => {
          await put(['late.log']);
          isFlushed = true;
        },
      };
      await new LoggerHook({ outDir: '/far' }).afterRun(Object.assign(Object.create(run) as TestRun, { logger: late }));
      expect(isFlushed).toBe(true);
      expect(await run.storage.list(at())).toEqual(['late.log']);
    });

    it('does nothing on other ranks', async () => {
      run = makeTestRun({ communicator: { ...singleProcess, rank: 1, size: 2 } });
      await put(logs);
      await new LoggerHook({ outDir: '/far' }).afterRun(run);
      expect(await run.storage.exists('/far')).toBe(false);
    });
  });

  it.each([
    { interval: 0 },
    { interval: 1.5 },
    { ignoreLast: 'yes' },
    { intervall: 3 },
    { keepLocal: 1 },
    { outSuffix: 3 },
  ])('refuses %j', (options) => {
    expect(() => new LoggerHook(options as never)).toThrow('ENGINE_REGISTRY_');
  });
});
