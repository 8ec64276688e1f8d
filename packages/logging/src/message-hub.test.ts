import { DeviceScalar, type JsonObject } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { MessageHub } from './message-hub.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const scalar = (value: number, dtype: 'float32' | 'int32' = 'float32'): DeviceScalar =>
  new DeviceScalar(tf.scalar(value, dtype));
const valuesOf = (hub: MessageHub, key: string): number[] => [...hub.getScalar(key).data.values];
const throughJson = async (hub: MessageHub): Promise<MessageHub> => {
  const copy = new MessageHub();
  copy.loadStateDict(JSON.parse(JSON.stringify(await hub.stateDict())) as JsonObject);
  return copy;
};

describe('MessageHub: several at once', () => {
  it('takes scalars, with their counts where they stand for more than one, and facts', async () => {
    const hub = new MessageHub();
    const loss = scalar(3);
    hub.updateScalars({ lr: 0.5, loss, acc: { value: 3, count: 2, integer: false } }, { resumed: false });
    loss.dispose();
    hub.updateInfos({ epoch: 1, iter: 5 });
    await hub.flush();
    expect([...hub.scalars].map(([key, history]) => [key, history.mean(), history.isInteger])).toEqual([
      ['lr', 0.5, false],
      ['loss', 3, false],
      ['acc', 1.5, false],
    ]);
    expect([...hub.infos]).toEqual([
      ['epoch', 1],
      ['iter', 5],
    ]);
    expect(await hub.stateDict()).toEqual({ scalars: {}, infos: { epoch: 1, iter: 5 } });
    expect(() => hub.updateInfos({ epoch: 2 }, { resumed: false })).toThrow('ENGINE_LOGGING_RESUMED_CHANGED');
    expect(() => hub.updateScalars({ acc: { value: 'x' } as never })).toThrow('ENGINE_LOGGING_BAD_SCALAR');
    expect(() => hub.updateScalars({ acc: null as never })).toThrow('ENGINE_LOGGING_BAD_SCALAR');
  });
});

describe('MessageHub: scalars', () => {
  it('reads device values only at flush and frees them then', async () => {
    const before = tf.memory().numTensors;
    const hub = new MessageHub();
    const loss = scalar(0.5);
    hub.updateScalar('train/loss', loss);
    loss.dispose(); // the step ends; the hub still owns the value
    expect(tf.memory().numTensors).toBe(before + 1);
    expect(hub.getScalar('train/loss').length).toBe(0);
    await hub.flush();
    expect(valuesOf(hub, 'train/loss')).toEqual([0.5]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps the order of a key that gets device values and numbers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.constantFrom('device', 'number', 'flush', 'start'))),
        async (steps) => {
          const hub = new MessageHub({ maxPending: 3 });
          const expected: number[] = [];
          hub.updateScalar('k', -1);
          for (const [value, kind] of steps) {
            if (kind === 'flush') await hub.flush();
            else if (kind === 'start') void hub.flush();
            else {
              const device = kind === 'device' ? scalar(value) : undefined;
              hub.updateScalar('k', device ?? value);
              device?.dispose();
              expected.push(value);
            }
          }
          await hub.flush();
          expect(valuesOf(hub, 'k')).toEqual([-1, ...expected]);
        },
      ),
      { numRuns: 50 },
    );
    expect(tf.memory().numTensors).toBe(0);
  });

  it('never lets more values wait than maxPending while the caller awaits', async () => {
    const before = tf.memory().numTensors;
    const hub = new MessageHub({ maxPending: 8 });
    let most = 0;
    for (let i = 0; i < 200; i += 1) {
      const value = scalar(i);
      hub.updateScalar('train/loss', value);
      value.dispose();
      most = Math.max(most, tf.memory().numTensors - before);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(most).toBeLessThanOrEqual(9);
    await hub.flush();
    expect(valuesOf(hub, 'train/loss')).toEqual(Array.from({ length: 200 }, (_, i) => i));
  });

  it('tells integers by the source: a device dtype, or whole numbers', async () => {
    const hub = new MessageHub();
    const [whole, float] = [scalar(4, 'int32'), scalar(4)];
    hub.updateScalar('device int', whole);
    hub.updateScalar('device float', float);
    hub.updateScalar('number', 43);
    await hub.flush();
    for (const value of [whole, float]) value.dispose();
    expect(['device int', 'device float', 'number'].map((key) => hub.getScalar(key).isInteger)).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('reports a value that could not be read, once, and frees the others', async () => {
    const before = tf.memory().numTensors;
    const hub = new MessageHub();
    const [freed, good] = [scalar(1), scalar(2)];
    hub.updateScalar('a', freed);
    hub.updateScalar('b', good);
    good.dispose();
    freed.tensor.dispose();
    await expect(hub.flush()).rejects.toThrow('ENGINE_CORE_SCALAR_FREED');
    await hub.flush();
    expect(valuesOf(hub, 'b')).toEqual([2]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('frees what still waits when it is disposed', () => {
    const before = tf.memory().numTensors;
    const hub = new MessageHub();
    const value = scalar(1);
    hub.updateScalar('a', value);
    value.dispose();
    hub.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses what is not one number', () => {
    const hub = new MessageHub();
    for (const value of ['1', [1], null, undefined, 1n]) {
      expect(() => hub.updateScalar('a', value as unknown as number)).toThrow('ENGINE_LOGGING_BAD_SCALAR');
    }
    expect(() => hub.updateScalar('a', 1, { count: 0 })).toThrow('ENGINE_LOGGING_BAD_SCALAR');
    expect(() => hub.getScalar('a')).toThrow('ENGINE_LOGGING_UNKNOWN_SCALAR');
  });

  it('counts what a value stands for', () => {
    const hub = new MessageHub();
    hub.updateScalar('a', 1, { count: 2 });
    expect(hub.scalars.get('a')?.mean()).toBe(0.5);
  });
});

describe('MessageHub: facts', () => {
  it('keeps the stored value, and forgets it on pop', () => {
    const hub = new MessageHub();
    const meta = { classes: ['a'] };
    hub.updateInfo('datasetMeta', meta);
    expect(hub.getInfo('datasetMeta')).toBe(meta);
    expect(hub.popInfo('datasetMeta')).toBe(meta);
    expect(hub.getInfo('datasetMeta')).toBeUndefined();
    expect(hub.popInfo('datasetMeta')).toBeUndefined();
  });

  it('fixes the resumed flag of a key at its first use', () => {
    const hub = new MessageHub();
    hub.updateInfo('a', 1, { resumed: false });
    hub.updateScalar('b', 1);
    hub.popInfo('a');
    expect(() => hub.updateInfo('a', 1)).toThrow('ENGINE_LOGGING_RESUMED_CHANGED');
    expect(() => hub.updateScalar('b', 1, { resumed: false })).toThrow('ENGINE_LOGGING_RESUMED_CHANGED');
  });
});

describe('MessageHub: state', () => {
  it('carries histories and facts through JSON exactly, in order', async () => {
    const info = fc.oneof(
      fc.jsonValue(),
      fc.double(),
      fc.dictionary(fc.constantFrom('$number', '$$number', '__proto__', 'a'), fc.double()),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.array(fc.double(), { minLength: 1 })),
        fc.dictionary(fc.string(), info),
        async (scalars, infos) => {
          const hub = new MessageHub();
          for (const [key, values] of Object.entries(scalars))
            for (const value of values) hub.updateScalar(`s/${key}`, value);
          for (const [key, value] of Object.entries(infos)) hub.updateInfo(`i/${key}`, value);
          const copy = await throughJson(hub);
          for (const [key, buffer] of hub.scalars) expect(copy.getScalar(key).data).toEqual(buffer.data);
          expect([...copy.infos]).toEqual([...hub.infos]);
          expect(await copy.stateDict()).toEqual(await hub.stateDict());
        },
      ),
    );
  });

  it('reads device values back before saving', async () => {
    const hub = new MessageHub();
    const value = scalar(0.1);
    hub.updateScalar('train/loss', value);
    value.dispose();
    expect(valuesOf(await throughJson(hub), 'train/loss')).toEqual([Math.fround(0.1)]);
  });

  it('leaves out what is not to be resumed, and continues where it stood', async () => {
    const hub = new MessageHub();
    hub.updateInfo('kept', Number.POSITIVE_INFINITY);
    hub.updateInfo('dropped', 1, { resumed: false });
    hub.updateScalar('dropped too', 1, { resumed: false });
    hub.updateScalar('train/loss', 3);
    const copy = await throughJson(hub);
    expect([...copy.infos]).toEqual([['kept', Number.POSITIVE_INFINITY]]);
    expect([...copy.scalars.keys()]).toEqual(['train/loss']);
    copy.updateScalar('train/loss', 4);
    expect(valuesOf(copy, 'train/loss')).toEqual([3, 4]);
  });

  it('warns of facts that no checkpoint can carry', async () => {
    const warnings: string[] = [];
    const logger = { debug() {}, info() {}, error() {}, warn: (message: string) => void warnings.push(message) };
    const hub = new MessageHub({ logger });
    hub.updateInfo('fn', { nested: [() => 1] });
    hub.updateInfo('map', new Map());
    hub.updateInfo('gone', undefined);
    hub.updateInfo('part', { a: undefined, b: 1 });
    const copy = await throughJson(hub);
    expect([...copy.infos]).toEqual([['part', { b: 1 }]]);
    expect(warnings).toEqual([expect.stringContaining('"fn"'), expect.stringContaining('"map"')]);
  });

  it('adds a loaded state to what is there, or changes nothing when it is broken', async () => {
    const hub = new MessageHub();
    hub.updateScalar('a', 1);
    const saved = await hub.stateDict();
    hub.updateScalar('b', 2);
    const broken: JsonObject[] = [
      {},
      { scalars: [], infos: {} },
      { scalars: { a: {} }, infos: {} },
      { scalars: {}, infos: 3 },
    ];
    for (const state of broken) expect(() => hub.loadStateDict(state)).toThrow('ENGINE_LOGGING_BAD_STATE');
    hub.updateScalar('a', 5);
    hub.loadStateDict(saved);
    expect([valuesOf(hub, 'a'), valuesOf(hub, 'b')]).toEqual([[1], [2]]);
  });
});
