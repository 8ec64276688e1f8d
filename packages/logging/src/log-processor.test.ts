import { readFileSync } from 'node:fs';
import { hostArray } from '@engine/core';
import { describe, expect, it } from 'vitest';
import type { LogState } from './contract.js';
import { LogProcessor } from './log-processor.js';
import type { LogProcessorOptions } from './log-processor-options.js';
import { MessageHub } from './message-hub.js';
import { canonicalSettings } from './testing/index.js';

interface GoldenCase {
  id: string;
  processor: {
    window_size: number;
    by_epoch: boolean;
    custom_cfg: Record<string, unknown>[] | null;
    num_digits: number;
    log_with_hierarchy: boolean;
    mean_pattern: string;
  };
  scalars: Record<string, number[]>;
  eta: number | null;
  batch_idx: number;
  iter: number;
  epoch: number;
  max_epochs: number;
  max_iters: number;
  loader_len: number;
  train_iter: GoldenLine;
  val_iter: GoldenLine;
  val_acc: number;
  val_epoch: GoldenLine;
  raises: string | null;
}
interface GoldenLine {
  tag: Record<string, number>;
  text: string;
}
const path = new URL('../../../tooling/golden/numerics/log_processor.json', import.meta.url);
const golden = (JSON.parse(readFileSync(path, 'utf8')) as { log_processor: GoldenCase[] }).log_processor;

function optionsOf({ processor: p }: GoldenCase): LogProcessorOptions {
  const names: Record<string, string> = {
    data_src: 'dataSrc',
    log_name: 'logName',
    method_name: 'methodName',
    window_size: 'windowSize',
  };
  const custom = p.custom_cfg?.map((entry) =>
    Object.fromEntries(Object.entries(entry).map(([key, value]) => [names[key], value])),
  );
  return {
    windowSize: p.window_size,
    byEpoch: p.by_epoch,
    customCfg: (custom ?? null) as LogProcessorOptions['customCfg'] & object,
    numDigits: p.num_digits,
    logWithHierarchy: p.log_with_hierarchy,
    meanPattern: p.mean_pattern,
  };
}

function expectLine(line: { tag: Record<string, unknown>; text: string }, expected: GoldenLine): void {
  expect(line.text).toBe(expected.text);
  expect(Object.keys(line.tag)).toEqual(Object.keys(expected.tag));
  for (const [name, value] of Object.entries(expected.tag)) {
    expect(Math.abs((line.tag[name] as number) - value), name).toBeLessThanOrEqual(1e-6 * Math.abs(value));
  }
}

const state: LogState = {
  mode: 'train',
  byEpoch: true,
  epoch: 1,
  iter: 34,
  maxEpochs: 12,
  maxIters: 500,
  batchIdx: 9,
  loaderLength: 25,
  trainBuilt: true,
};

function hubWith(scalars: Record<string, number | number[]>, eta?: number): MessageHub {
  const hub = new MessageHub();
  for (const [key, values] of Object.entries(scalars))
    for (const value of [values].flat()) hub.updateScalar(key, value);
  if (eta !== undefined) hub.updateInfo('eta', eta);
  return hub;
}

describe('LogProcessor', () => {
  it('has golden cases', () => expect(golden.length).toBe(10));

  it.each(golden.map((c) => [c.id, c] as const))('agrees with the reference, %s', async (_, c) => {
    expect(c.raises, 'the reference expects no error').toBeNull();
    const processor = new LogProcessor(optionsOf(c));
    const hub = hubWith(c.scalars, c.eta ?? undefined);
    const at: LogState = {
      mode: 'train',
      byEpoch: c.processor.by_epoch,
      epoch: c.epoch,
      iter: c.iter,
      maxEpochs: c.max_epochs,
      maxIters: c.max_iters,
      batchIdx: c.batch_idx,
      loaderLength: c.loader_len,
      trainBuilt: true,
    };
    expectLine(await processor.getLogAfterIter(hub, at), c.train_iter);
    expectLine(await processor.getLogAfterIter(hub, { ...at, mode: 'val' }), c.val_iter);
    hub.updateScalar('val/acc', c.val_acc);
    hub.updateInfo('val/note', 'text');
    expectLine(await processor.getLogAfterEpoch(hub, { ...at, mode: 'val', batchIdx: c.loader_len }), c.val_epoch);
  });

  const scalars = {
    'train/lr': 0.01,
    'train/data_time': 0.0065,
    'train/loss': [0.1606, 0.16],
    'train/count': [12, 11],
    'train/time': 0.01,
  };
  const rest = 'lr: 1.0000e-02  eta: 1 day, 1:01:01  time: 0.0100  data_time: 0.0065  loss: 0.1603  count: 11';

  it('aligns the counters of an epoch-based run', async () => {
    const { text, tag } = await new LogProcessor().getLogAfterIter(hubWith(scalars, 90_061), state);
    expect(text).toBe(`Epoch(train)  [2][10/25]  ${rest}`);
    expect(tag).toEqual({
      lr: 0.01,
      data_time: 0.0065,
      loss: expect.closeTo(0.1603),
      count: 11,
      time: 0.01,
      epoch: 2,
      iter: 35,
    });
  });

  it('aligns the counters of an iteration-based run, as the run counts or as told', async () => {
    const at = { ...state, iter: 10, batchIdx: 10 };
    const expected = `Iter(train) [ 11/500]  ${rest}`;
    const counted = await new LogProcessor().getLogAfterIter(hubWith(scalars, 90_061), { ...at, byEpoch: false });
    const told = await new LogProcessor({ byEpoch: false }).getLogAfterIter(hubWith(scalars, 90_061), at);
    expect(counted).toEqual(told);
    expect(told.text).toBe(expected);
    expect(told.tag).not.toHaveProperty('epoch');
  });

  it('shows memory when it is known', async () => {
    const { text, tag } = await new LogProcessor().getLogAfterIter(hubWith(scalars, 41), { ...state, memoryMB: 118.4 });
    expect(text).toContain('data_time: 0.0065  memory: 118  loss: 0.1603');
    expect(tag.memory).toBe(118);
  });

  it.each([
    ['val, within a training', { mode: 'val', epoch: 1 }, 'Epoch(val)  [1][2/4]    '],
    ['val alone', { mode: 'val', trainBuilt: false }, 'Epoch(val)[0][2/4]    '],
    ['test', { mode: 'test' }, 'Epoch(test) [2/4]    '],
    ['val, by iteration', { mode: 'val', byEpoch: false }, 'Iter(val) [2/4]    '],
  ] as const)('begins lines of %s as the reference does', async (_, change, header) => {
    const hub = hubWith(
      { 'val/time': 1, 'val/data_time': 1, 'test/time': 1, 'test/data_time': 1, 'val/acc': 0.5, 'test/acc': 0.5 },
      40,
    );
    const { text, tag } = await new LogProcessor().getLogAfterIter(hub, {
      ...state,
      batchIdx: 1,
      loaderLength: 4,
      ...change,
    });
    expect(text).toBe(`${header}eta: 0:00:40  time: 1.0000  data_time: 1.0000  `);
    expect(tag.iter).toBe('trainBuilt' in change ? 0 : 35);
  });

  it('shows arrays and dictionaries after a validation, and stores them only when asked', async () => {
    const hub = hubWith({ 'val/data_time': 1, 'val/accuracy': 0.9 });
    hub.updateInfo('val/recall', { cat: 1, dog: 0 });
    hub.updateInfo('val/cm', hostArray('int32', [3], new Int32Array([1, 2, 3])), { resumed: false });
    hub.updateInfo('val/threshold', 0.25);
    const at = { ...state, mode: 'val', batchIdx: 9, loaderLength: 10 } as const;
    const processor = new LogProcessor();
    const { text, tag } = await processor.getLogAfterEpoch(hub, at);
    expect(text).toBe(
      "Epoch(val) [1][10/10]    accuracy: 0.9000  recall: {'cat': 1, 'dog': 0}  cm: \n[1, 2, 3]\n  threshold: 0.2500  data_time: 1.0000",
    );
    expect(tag).toEqual({ accuracy: 0.9, data_time: 1 });
    const full = await processor.getLogAfterEpoch(hub, at, { withNonScalar: true });
    expect(Object.keys(full.tag)).toEqual(['accuracy', 'recall', 'cm', 'threshold', 'data_time']);
  });

  it('keeps modes apart by the slash, not by the first letters', async () => {
    const hub = hubWith({ 'valley/depth': 3, 'val/acc': 1.5 });
    const { tag } = await new LogProcessor().getLogAfterEpoch(hub, { ...state, mode: 'val' });
    expect(tag).toEqual({ acc: 1.5 });
  });

  it('shows learning rates of either spelling in scientific notation', async () => {
    const hub = hubWith({ 'train/baseLr': 0.1, 'train/lr': 1, 'train/head.lr': 1e-5 });
    const { text } = await new LogProcessor({ numDigits: 1 }).getLogAfterIter(hub, state);
    expect(text).toBe('Epoch(train)  [2][10/25]  baseLr: 1.0e-01 lr: 1.0e+00 head.lr: 1.0e-05  ');
  });

  it.each(['grad_norm', 'gradNorm', 'loss_cls', 'time'])(
    'averages %s, and shows the latest of others',
    async (name) => {
      const hub = hubWith({ [`train/${name}`]: [1, 2, 6], 'train/count': [1, 2, 6] });
      const { tag } = await new LogProcessor().getLogAfterIter(hub, state);
      expect(tag).toMatchObject({ [name]: 3, count: 6 });
    },
  );

  it('takes statistics of your own and skips scalars that are not there', async () => {
    const customCfg = [
      {
        dataSrc: 'loss',
        logName: 'range',
        methodName: (values: Float64Array) => Math.max(...values) - Math.min(...values),
        windowSize: 'epoch',
      },
      { dataSrc: 'absent', methodName: 'max' },
    ] as const;
    const { tag } = await new LogProcessor({ customCfg }).getLogAfterIter(hubWith({ 'train/loss': [5, 1, 3] }), {
      ...state,
      batchIdx: 1,
    });
    expect(tag).toMatchObject({ loss: 3, range: 2 });
    expect(tag).not.toHaveProperty('absent');
  });

  it('is built from the options that its schema takes', () => {
    const { options, create } = LogProcessor.entry;
    const { options: canonical } = canonicalSettings['logProcessor/LogProcessor'];
    const checked = options['~standard'].validate(canonical) as { value: object };
    expect(create(checked.value as never, undefined as never)).toMatchObject({
      windowSize: 20,
      byEpoch: false,
      numDigits: 3,
    });
    for (const wrong of [
      { window: 3 },
      { customCfg: [{ dataSrc: 'loss', methodName: 'median' }] },
      { customCfg: [{ src: 'x' }] },
    ]) {
      expect(options['~standard'].validate(wrong)).toHaveProperty('issues');
    }
  });

  it('refuses options that cannot be meant', async () => {
    for (const options of [{ windowSize: 0 }, { windowSize: 1.5 }, { numDigits: -1 }, { meanPattern: '(' }]) {
      expect(() => new LogProcessor(options)).toThrow('ENGINE_LOGGING_BAD_OPTION');
    }
    const max = { dataSrc: 'loss', methodName: 'max' } as const;
    expect(() => new LogProcessor({ customCfg: [max, { ...max, dataSrc: 'acc', logName: 'loss' }] })).toThrow(
      'ENGINE_LOGGING_DUPLICATE_LOG_NAME',
    );
    expect(() => new LogProcessor({ customCfg: [{ ...max, windowSize: 0 }] })).toThrow('ENGINE_LOGGING_BAD_OPTION');
    expect(() => new LogProcessor({ customCfg: [{ ...max, windowSize: 'all' as 'global' }] })).toThrow(
      'ENGINE_LOGGING_BAD_WINDOW',
    );
    expect(() => new LogProcessor({ byEpoch: false, customCfg: [{ ...max, windowSize: 'epoch' }] })).toThrow(
      'ENGINE_LOGGING_BAD_WINDOW',
    );
    const late = new LogProcessor({ customCfg: [{ ...max, windowSize: 'epoch' }] });
    await expect(late.getLogAfterIter(hubWith({ 'train/loss': 1 }), { ...state, byEpoch: false })).rejects.toThrow(
      'ENGINE_LOGGING_BAD_WINDOW',
    );
  });
});
