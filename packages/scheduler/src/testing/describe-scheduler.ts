import type { Entry, JsonObject } from '@engine/core';
import { Registry } from '@engine/registry';
import { describe, expect, it } from 'vitest';
import type { ParamScheduler } from '../contract.js';

/** An entry of kind `paramScheduler`, or a class that carries one. */
export type SchedulerUnderTest = Entry<'paramScheduler'> | { readonly entry: Entry<'paramScheduler'> };

const STEPS = 30;
type Group = Record<string, unknown> & { lr: number };

/**
 * The conformance kit of schedulers: what every schedule does, whatever its curve. `options` must not set `begin`, `end`, `lastStep`
 * or `byEpoch`, and must make the value change within five steps. Schedules that follow a metric get one that rises.
 */
export function describeScheduler(
  scheduler: SchedulerUnderTest,
  options: Readonly<Record<string, unknown>> = {},
): void {
  const entry = 'entry' in scheduler ? scheduler.entry : scheduler;
  const make = (groups: readonly Group[], extra: object = {}): ParamScheduler =>
    new Registry().build(
      'paramScheduler',
      { type: entry, ...options, ...extra },
      { args: { optimizer: { paramGroups: groups } } },
    );
  const groups = (): Group[] => [
    { lr: 0.4, momentum: 0.8, weightDecay: 0.1, params: [] },
    { lr: 0.2, momentum: 0.6, weightDecay: 0.2, params: [] },
  ];
  /** An epoch or iteration; those that follow a metric also see it get worse and worse. */
  const step = (made: ParamScheduler): void => {
    made.step();
    if (made.needsMetrics) made.step({ [made.monitor ?? 'loss']: made.lastStep });
  };

  describe(`scheduler ${entry.name}`, () => {
    it('writes its field of every group, and changes no other field', () => {
      const own = groups();
      const made = make(own);
      const seen = new Set([JSON.stringify(groups().map((group) => group[made.paramName]))]);
      for (let i = 0; i < STEPS; i++) {
        step(made);
        seen.add(JSON.stringify(made.lastValues()));
        expect(made.lastValues()).toEqual(own.map((group) => group[made.paramName]));
        for (const value of made.lastValues()) expect(Number.isFinite(value)).toBe(true);
      }
      expect(seen.size).toBeGreaterThan(1);
      for (const [i, group] of groups().entries()) {
        const { [made.paramName]: _, ...others } = group;
        expect(own[i]).toMatchObject(others);
      }
    });

    it('leaves the value alone before begin and from end on', () => {
      const own = groups();
      const made = make(own, { begin: 3, end: 8 });
      const trace = [made.lastValues()];
      for (let i = 1; i < STEPS; i++) {
        step(made);
        trace.push(made.lastValues());
      }
      const before = groups().map((group) => group[made.paramName]);
      expect(trace.slice(0, 3)).toEqual([before, before, before]);
      expect(new Set(trace.slice(7).map((values) => JSON.stringify(values))).size).toBe(1);
    });

    it.each([0, 1, 4, 7])('goes on exactly from a state saved after %i steps, made with other options', (saved) => {
      const [straight, resumed] = [groups(), groups()];
      const first = make(straight, { end: 10 });
      for (let i = 0; i < saved; i++) step(first);
      const state = JSON.parse(JSON.stringify(first.stateDict())) as JsonObject;
      const second = make(resumed, { end: 25 });
      for (const [i, group] of resumed.entries()) Object.assign(group, structuredClone(straight[i]));
      second.loadStateDict(state);
      expect(second.stateDict()).toEqual(state);
      for (let i = saved; i < STEPS; i++) {
        step(first);
        step(second);
        expect(second.lastValues()).toEqual(first.lastValues());
      }
      expect(second.stateDict()).toEqual(first.stateDict());
    });

    it('saves a copy that later steps do not change', () => {
      const made = make(groups());
      const state = made.stateDict();
      const copy = JSON.stringify(state);
      for (let i = 0; i < 5; i++) step(made);
      expect(JSON.stringify(state)).toBe(copy);
    });

    it('refuses misuse with coded errors', () => {
      const coded = (misuse: () => unknown, code: string) => expect(misuse).toThrow(expect.objectContaining({ code }));
      coded(() => make(groups(), { begin: 4, end: 4 }), 'ENGINE_SCHEDULER_BAD_WINDOW');
      coded(() => make(groups(), { notAnOption: 1 }), 'ENGINE_REGISTRY_UNKNOWN_OPTION');
      coded(() => make([]), 'ENGINE_SCHEDULER_NOT_SCHEDULABLE');
      const made = make(groups());
      coded(() => made.loadStateDict({}), 'ENGINE_SCHEDULER_STATE_MISMATCH');
      coded(() => made.loadStateDict(make(groups().slice(1)).stateDict()), 'ENGINE_SCHEDULER_STATE_MISMATCH');
    });
  });
}
