import { type Entry, type EntryLike, entryOf, type HostArray, hostArray, tensorScope } from '@engine/core';
import { Registry } from '@engine/registry';
import { describeEntry } from '@engine/registry/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AveragedModel } from '../averaging/contract.js';
import { Buffer } from '../buffer.js';
import { constant } from '../initializers.js';
import { Module } from '../module.js';
import { Parameter } from '../parameter.js';

/** A weight, a running statistic and a counter. */
export class AveragedModule extends Module {
  readonly weight = new Parameter([3], constant(0));
  readonly mean = new Buffer([2]);
  readonly count = new Buffer([], { dtype: 'int64' });

  override forward(): tf.Tensor {
    return tf.clone(this.weight.value);
  }

  /** Puts values that depend on `step` into all three. */
  take(step: number): void {
    this.loadStateDict(
      new Map<string, HostArray>([
        ['weight', hostArray('float32', [3], Float32Array.of(step, Math.sin(step), 1 / (step + 1)))],
        ['mean', hostArray('float32', [2], Float32Array.of(-step, Math.cos(step)))],
        ['count', hostArray('int64', [], BigInt64Array.of(BigInt(step)))],
      ]),
    );
  }
}

/**
 * The contract of averaged weights, on the entry that makes them: copies at first, swapping, saving, and no tensor left behind.
 * Needs a backend that is ready. `options` must leave `interval` and `updateBuffers` alone.
 */
export function describeAveragedModel(item: EntryLike, options: object = {}): void {
  const entry = entryOf(item) as Entry<'averagedModel'>;
  describeEntry(item, { options, args: () => ({ model: new AveragedModule() }) });
  describe(`averaged model ${entry.name}`, () => {
    const made: { dispose(): void }[] = [];
    let model: AveragedModule;
    const build = (more: object = {}): AveragedModel => {
      const averaged = new Registry().build(
        'averagedModel',
        { type: entry, ...options, ...more },
        { args: { model: () => model } },
      );
      made.push(averaged);
      return averaged;
    };
    beforeEach(() => {
      model = new AveragedModule();
      made.push(model);
      model.take(0);
    });
    afterEach(() => {
      for (const thing of made.splice(0)) thing.dispose();
    });
    const update = (averaged: AveragedModel, steps: number, from = averaged.steps): void => {
      for (let step = from; step < from + steps; step++) {
        model.take(step);
        averaged.updateParameters();
      }
    };

    it('is the model itself until it has been updated, and a copy at the first update', async () => {
      const averaged = build();
      model.take(3);
      expect(await own(averaged)).toEqual(await model.stateDict());
      const fresh = build();
      update(fresh, 1, 5);
      expect(await own(fresh)).toEqual(await model.stateDict());
      expect(fresh.steps).toBe(1);
    });

    it('averages weights between the values that they had', async () => {
      const averaged = build();
      update(averaged, 6);
      const weight = [...((await own(averaged)).get('weight')?.data ?? [])].map(Number);
      expect(weight[0]).toBeGreaterThan(0);
      expect(weight[0]).toBeLessThan(5);
    });

    it.each([false, true])(
      'lets buffers follow, or averages them; integers are never averaged (%s)',
      async (updateBuffers) => {
        const averaged = build({ updateBuffers });
        update(averaged, 4);
        const state = await own(averaged);
        const mean = Number(state.get('mean')?.data[0]);
        if (updateBuffers) expect(mean).toBeGreaterThan(-3);
        else expect(mean).toBe(-3);
        expect(state.get('count')?.data[0]).toBe(updateBuffers ? 0n : 3n);
      },
    );

    it('averages at every interval-th update only', async () => {
      const averaged = build({ interval: 3 });
      update(averaged, 1);
      const first = await own(averaged);
      update(averaged, 2);
      expect((await own(averaged)).get('weight')).toEqual(first.get('weight'));
      update(averaged, 1);
      expect((await own(averaged)).get('weight')).not.toEqual(first.get('weight'));
    });

    it.each([false, true])('changes places with the model, and back (buffers averaged: %s)', async (updateBuffers) => {
      const averaged = build({ updateBuffers });
      update(averaged, 4);
      const [average, raw] = [await own(averaged), await model.stateDict()];
      averaged.swap();
      const expected = updateBuffers ? average : new Map([...raw, ['weight', average.get('weight')]]);
      expect(await model.stateDict()).toEqual(expected);
      averaged.swap();
      expect([await own(averaged), await model.stateDict()]).toEqual([average, raw]);
    });

    it('follows the model without counting', async () => {
      const averaged = build();
      update(averaged, 3);
      model.take(9);
      averaged.follow();
      expect(averaged.steps).toBe(3);
      expect(await own(averaged)).toEqual(await model.stateDict());
    });

    it('goes on bit for bit from a saved state', async () => {
      const [straight, resumed] = [build(), build()];
      update(straight, 4);
      resumed.loadStateDict(await straight.stateDict());
      expect(await resumed.stateDict()).toEqual(await straight.stateDict());
      for (const averaged of [straight, resumed]) update(averaged, 3, 4);
      expect(await resumed.stateDict()).toEqual(await straight.stateDict());
    });

    it('refuses a state of another model, and options out of range', async () => {
      const averaged = build();
      const state = await averaged.stateDict();
      const refused = expect.objectContaining({ code: 'ENGINE_MODEL_STATE_MISMATCH' });
      expect(() => averaged.loadStateDict(new Map([...state].slice(1)))).toThrow(refused);
      expect(() =>
        averaged.loadStateDict(new Map([['other', hostArray('float32', [1], new Float32Array(1))]])),
      ).toThrow(refused);
      averaged.loadStateDict(new Map([['other', hostArray('float32', [1], new Float32Array(1))]]), { strict: false });
      for (const wrong of [{ interval: 0 }, { interval: -2 }, { interval: 1.5 }])
        expect(() => build(wrong)).toThrow(expect.objectContaining({ kind: expect.stringMatching(/value|type/) }));
    });

    it('holds its averages and nothing else over many updates, and reads nothing back', () => {
      const averaged = build({ updateBuffers: true });
      update(averaged, 2);
      const { numTensors, numBytes } = tf.memory();
      const read = vi.spyOn(tf.backend(), 'read');
      for (let i = 0; i < 200; i++) {
        tensorScope(() => model.weight.value.assign(tf.add(model.weight.value, 1)));
        averaged.updateParameters();
        averaged.swap();
        averaged.swap();
      }
      expect(read).not.toHaveBeenCalled();
      read.mockRestore();
      expect(averaged.ownedTensors).toBe(3);
      expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    });
  });
}

/** The averages by the model's names. */
async function own(averaged: AveragedModel): Promise<Map<string, HostArray>> {
  const state = await averaged.stateDict();
  state.delete('steps');
  return new Map([...state].map(([name, array]) => [name.replace(/^module\./, ''), array]));
}
