import { cpu } from '@engine/backend-cpu';
import { EngineError } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Hook } from './hook.js';
import { HookList } from './hook-list.js';
import type { RunContext } from './run-context.js';
import { makeTestRun } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

const hook = (name: string, parts: Partial<Hook> = {}): Hook => ({ name, ...parts });

describe('order', () => {
  it('is by priority, then by registration', () => {
    const list = new HookList();
    list.register(hook('a'));
    list.register(hook('last', { priority: 'LOWEST' }));
    list.register(hook('first', { priority: 'VERY_HIGH' }));
    list.register(hook('b', { priority: 'NORMAL' }));
    list.register(hook('c', { priority: 'LOW' }), 'HIGHEST');
    list.register(hook('d'), 51);
    expect(list.hooks.map(({ name }) => name)).toEqual(['c', 'first', 'a', 'b', 'd', 'last']);
  });

  it('refuses what is no hook', () => {
    const list = new HookList();
    for (const thing of [null, 3, {}, { name: 4 }])
      expect(() => list.register(thing as never)).toThrow('ENGINE_HOOKS_NOT_A_HOOK');
    expect(() => list.register(hook('a', { priority: 'FASTEST' as never }))).toThrow('ENGINE_HOOKS_UNKNOWN_PRIORITY');
  });

  it.each([
    ['afterTrainItr', 'afterTrainIter'],
    ['after_train_iter', 'afterTrainIter'],
    ['beforTrain', undefined],
    ['beforeSaveCheckpoints', 'beforeSaveCheckpoint'],
    ['onExeption', 'onException'],
    ['beforeCalibration', undefined],
  ])('refuses a method %s that no run would call', (method, meant) => {
    const list = new HookList();
    const misspelt = hook('mine', { [method]: () => {} });
    if (meant === undefined) return list.register(misspelt);
    expect(() => list.register(misspelt)).toThrowError(
      expect.objectContaining({ code: 'ENGINE_HOOKS_UNKNOWN_POINT', subject: `mine.${method}` }),
    );
    expect(() => list.register(misspelt)).toThrow(`rename it to ${meant}`);
  });

  it('finds them in classes too', () => {
    class Base {
      readonly name = 'Base';
      afterTrainEpochs(): void {}
    }
    class Derived extends Base {}
    expect(() => new HookList().register(new Derived())).toThrow('ENGINE_HOOKS_UNKNOWN_POINT');
  });

  it('is shown as MMEngine shows it', () => {
    const list = new HookList();
    list.register(hook('A', { beforeRun() {}, afterRun() {} }));
    list.register(hook('B', { priority: 33, beforeRun() {} }));
    expect(list.describe()).toBe(
      [
        'beforeRun:',
        `(33          ) ${'B'.padEnd(35)}`,
        `(NORMAL      ) ${'A'.padEnd(35)}`,
        ' -------------------- ',
        'afterRun:',
        `(NORMAL      ) ${'A'.padEnd(35)}`,
        ' -------------------- ',
      ].join('\n'),
    );
  });

  it('are told with their priorities, names of levels as they were written', () => {
    const list = new HookList();
    list.register(hook('a', { priority: 'low' as never, beforeRun() {} }));
    list.register(hook('b', { beforeRun() {} }), 30);
    list.register(hook('c'));
    expect(list.registered.map(({ hook: { name }, priority, given }) => [name, priority, given])).toEqual([
      ['b', 30, 30],
      ['c', 50, 'NORMAL'],
      ['a', 70, 'low'],
    ]);
    expect(list.describe()).toContain('(HIGH        ) b');
    expect(list.describe()).toContain('(low         ) a');
  });
});

describe('call', () => {
  let run: TestRun;
  beforeEach(async () => {
    run = makeTestRun();
  });
  afterEach(() => run.close());

  it('tells which call is going on, and listeners of each one that has ended', async () => {
    const list = new HookList();
    const heard: string[] = [];
    const stop = list.listen(({ hook: name, point, start, end }) => heard.push(`${name}.${point} ${end >= start}`));
    let running: string | undefined;
    list.register(hook('one', { beforeTrain: () => void (running = list.running) }));
    list.register(hook('two', { beforeTrain: async () => {} }));
    await list.call('beforeTrain', run);
    expect([running, list.running]).toEqual(['one.beforeTrain', undefined]);
    stop();
    await list.call('beforeTrain', run);
    expect(heard).toEqual(['one.beforeTrain true', 'two.beforeTrain true']);
  });

  it('awaits one hook after the other and hands over context and info', async () => {
    const seen: unknown[] = [];
    const list = new HookList();
    list.register(
      hook('slow', {
        async afterValEpoch(ctx, { metrics }) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          seen.push(['slow', ctx === run, metrics]);
        },
      }),
    );
    list.register(hook('quick', { afterValEpoch: () => void seen.push('quick') }));
    list.register(hook('other', { afterVal: () => void seen.push('other') }));
    await list.call('afterValEpoch', run, { metrics: { acc: 1 } });
    expect(seen).toEqual([['slow', true, { acc: 1 }], 'quick']);
  });

  it('keeps `this`', async () => {
    class Counting implements Hook {
      readonly name = 'Counting';
      count = 0;
      beforeTrain(): void {
        this.count += 1;
      }
    }
    const counting = new Counting();
    const list = new HookList();
    list.register(counting);
    await list.call('beforeTrain', run);
    await list.call('beforeTrain', run);
    expect(counting.count).toBe(2);
  });

  it('frees what a hook makes before its first await', async () => {
    const list = new HookList();
    list.register(hook('sync', { beforeTrain: () => void tf.scalar(1) }));
    list.register(
      hook('async', {
        async beforeTrain() {
          await tf.scalar(2).data();
        },
      }),
    );
    const before = tf.memory().numTensors;
    await list.call('beforeTrain', run);
    expect(tf.memory().numTensors).toBe(before);
    expect(list.leaks.size).toBe(0);
  });

  it('counts what a hook leaves after an await against its name, kept tensors excepted', async () => {
    const left: tf.Tensor[] = [];
    const list = new HookList();
    list.register(
      hook('leaky', {
        async beforeTrain(ctx) {
          await Promise.resolve();
          left.push(tf.scalar(1), tf.scalar(2));
          ctx.keep('mine', tf.scalar(3));
        },
      }),
    );
    await list.call('beforeTrain', run);
    await list.call('beforeTrain', run);
    expect([...list.leaks]).toEqual([['leaky', 4]]);
    tf.dispose(left);
  });

  it('counts nothing against a hook of what another one makes in a call inside its own, and keeps', async () => {
    class Owner implements Hook {
      readonly name = 'Owner';
      readonly #own: tf.Tensor[] = [];
      get ownedTensors(): number {
        return this.#own.length;
      }
      async beforeTrainEpoch(ctx: RunContext): Promise<void> {
        await Promise.resolve();
        this.#own.push(tf.scalar(1), tf.scalar(2));
        ctx.keep('mine', tf.scalar(3));
      }
      dispose(): void {
        tf.dispose(this.#own);
      }
    }
    const left: tf.Tensor[] = [];
    const list = new HookList();
    list.register(new Owner());
    list.register(
      hook('outer', {
        async beforeTrain(ctx) {
          await list.call('beforeTrainEpoch', ctx);
          left.push(tf.scalar(4));
        },
      }),
    );
    await list.call('beforeTrain', run);
    expect([...list.leaks]).toEqual([['outer', 1]]);
    list.dispose();
    tf.dispose(left);
  });

  it('counts what a hook leaves in a call that throws', async () => {
    const left: tf.Tensor[] = [];
    const list = new HookList();
    list.register(
      hook('leaky', {
        async beforeTrain() {
          await Promise.resolve();
          left.push(tf.scalar(1));
          throw new Error('late');
        },
      }),
    );
    await expect(list.call('beforeTrain', run)).rejects.toThrow('late');
    expect([...list.leaks]).toEqual([['leaky', 1]]);
    tf.dispose(left);
  });

  it('wraps what a hook throws with its name, point and position', async () => {
    const list = new HookList();
    const cause = new TypeError('x is undefined');
    list.register(
      hook('Broken', {
        beforeTrainEpoch() {
          throw cause;
        },
      }),
    );
    run.epoch = 1;
    run.iter = 7;
    const error = await list.call('beforeTrainEpoch', run).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ code: 'ENGINE_HOOKS_FAILED', subject: 'Broken.beforeTrainEpoch', cause });
    expect((error as EngineError).received).toContain('TypeError: x is undefined at epoch 1, iter 7');
  });

  it('passes coded errors through and does not call later hooks', async () => {
    const list = new HookList();
    let called = false;
    list.register(
      hook('Stopping', {
        async beforeTrain(ctx) {
          await Promise.resolve();
          throw ctx.fail('the loss is not finite');
        },
      }),
    );
    list.register(hook('late', { beforeTrain: () => void (called = true) }));
    await expect(list.call('beforeTrain', run)).rejects.toThrow('the loss is not finite');
    expect(called).toBe(false);
  });
});

describe('state', () => {
  const state = (n: number) => ({ values: { n }, tensors: new Map() });
  const stateful = (name: string, n: number, loaded: unknown[]): Hook =>
    hook(name, { stateDict: () => state(n), loadStateDict: (given) => void loaded.push([n, given.values.n]) });

  it('is kept by key, and two hooks of one name do not mix', async () => {
    const loaded: unknown[] = [];
    const list = new HookList();
    list.register(stateful('EMA', 1, loaded));
    list.register(stateful('EMA', 2, loaded));
    list.register(hook('stateless'));
    const states = await list.stateDict();
    expect([...states.keys()]).toEqual(['EMA', 'EMA#2']);
    expect(list.stateKeys).toEqual(['EMA', 'EMA#2']);
    expect(list.loadStateDict(states)).toEqual([]);
    expect(loaded).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it('tells which saved states found no hook', () => {
    const list = new HookList();
    list.register(hook('stateless'));
    expect(
      list.loadStateDict(
        new Map([
          ['gone', state(1)],
          ['stateless', state(2)],
        ]),
      ),
    ).toEqual(['gone', 'stateless']);
  });
});
