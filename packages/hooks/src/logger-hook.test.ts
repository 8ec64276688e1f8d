import { cpu } from '@engine/backend-cpu';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
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

  it('names the experiment at the end of each epoch', async () => {
    const { lines, run: done } = await logged({});
    expect(lines.filter((line) => line === `Exp name: ${done.experimentName}`)).toHaveLength(2);
  });

  it('moves the progress line to the end of each epoch', async () => {
    const { run: done } = await logged({ interval: 2 });
    const last = done.progressed.findLast(({ label }) => label.startsWith('epoch'));
    expect(last).toMatchObject({ label: 'epoch 2/2', done: 4, total: 4 });
    expect(Number.isFinite(last?.values?.loss)).toBe(true);
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

  it.each([{ interval: 0 }, { interval: 1.5 }, { ignoreLast: 'yes' }, { intervall: 3 }])('refuses %j', (options) => {
    expect(() => new LoggerHook(options as never)).toThrow('ENGINE_REGISTRY_');
  });
});
