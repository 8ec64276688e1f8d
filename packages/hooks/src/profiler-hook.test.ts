import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HookList } from './hook-list.js';
import { ProfilerHook, type ProfilerHookOptions } from './profiler-hook.js';
import { scheduledAction } from './profiler-schedule.js';
import { makeTestRun, runEpochs } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly cat?: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

let run: TestRun;
afterEach(() => run.close());

/** Two epochs of four iterations beside a hook of another kind. */
async function profiled(options: ProfilerHookOptions): Promise<void> {
  run = makeTestRun();
  const list = new HookList();
  list.register({ name: 'Other', afterTrainIter() {} });
  list.register(new ProfilerHook(options));
  run.hooks = list;
  await runEpochs(run, list, { from: 0, to: 2 });
}

async function traceIn(path: string): Promise<TraceEvent[]> {
  const text = new TextDecoder().decode(await run.storage.get(path));
  return (JSON.parse(text) as { traceEvents: TraceEvent[] }).traceEvents;
}

const named = (events: readonly TraceEvent[], cat: string): TraceEvent[] => events.filter((event) => event.cat === cat);

describe('ProfilerHook', () => {
  it('writes steps, hooks and kernels of the first epoch to the folder of the run', async () => {
    await profiled({ recordShapes: true, profileMemory: true });
    const events = await traceIn(`${run.logDir}/trace.json`);
    expect(named(events, 'steps').map(({ name }) => name)).toEqual(['step 1', 'step 2', 'step 3', 'step 4']);
    const kernels = named(events, 'kernels');
    expect(new Set(kernels.map(({ name }) => name))).toContain('BatchMatMul');
    for (const { ts, dur } of [...kernels, ...named(events, 'hooks')]) {
      expect(ts).toBeGreaterThanOrEqual(0);
      expect(dur).toBeGreaterThanOrEqual(0);
    }
    const shapes = kernels.map(({ args }) => JSON.stringify(args?.shapes));
    expect(shapes.some((text) => text?.includes('[3,2]'))).toBe(true);
    expect(named(events, 'hooks').filter(({ name }) => name === 'Other.afterTrainIter')).toHaveLength(4);
    expect(events.filter(({ ph }) => ph === 'C').length).toBe(kernels.length);
    expect(run.logged).toEqual([`The profile is in ${run.logDir}/trace.json.`]);
  });

  it('kernels lie inside of the steps that call them', async () => {
    await profiled({ byEpoch: false, profileTimes: 2 });
    const events = await traceIn(`${run.logDir}/trace.json`);
    const steps = named(events, 'steps');
    expect(steps).toHaveLength(2);
    const slack = 0.002; // times are rounded to nanoseconds
    for (const { ts, dur } of named(events, 'kernels'))
      expect(
        steps.some((step) => ts >= step.ts - slack && ts + dur <= step.ts + step.dur + slack),
        `kernel at ${ts}`,
      ).toBe(true);
  });

  it('records steps alone when told so, and only those that a schedule names', async () => {
    const schedule = { skipFirst: 1, wait: 1, warmup: 0, active: 1 };
    await profiled({ activityWithCpu: false, schedule, jsonTracePath: 'deep/a.json' });
    const events = await traceIn(`${run.logDir}/deep/a.json`);
    expect(named(events, 'kernels')).toEqual([]);
    expect(named(events, 'steps').map(({ name }) => name)).toEqual(['step 3']);
  });

  it('writes a table to the log, or a file for TensorBoard', async () => {
    await profiled({ onTraceReady: { type: 'log_trace', rowLimit: 2 } });
    const [table] = run.logged;
    expect(table?.split('\n')).toHaveLength(4);
    expect(table).toMatch(/^Kernels by time:\nkernel +calls +total ms +mean ms +share\n\w+ +\d+ +\d+\.\d{3} /);
    expect(await run.storage.exists(`${run.logDir}/trace.json`)).toBe(false);
    await run.close();
    await profiled({ onTraceReady: { type: 'tb_trace' } });
    expect((await traceIn(`${run.logDir}/tf_tracing_logs/engine.pt.trace.json`)).length).toBeGreaterThan(10);
  });

  it('leaves TensorFlow.js as it was, also when a run fails before the end', async () => {
    const engine = tf.engine();
    await profiled({});
    expect(Object.hasOwn(engine, 'runKernel')).toBe(false);
    const hook = new ProfilerHook({ byEpoch: false, profileTimes: 5 });
    hook.beforeTrain(run);
    expect(Object.hasOwn(engine, 'runKernel')).toBe(true);
    await hook.afterRun(run);
    hook.beforeTrain(run);
    hook.dispose();
    expect(Object.hasOwn(engine, 'runKernel')).toBe(false);
  });

  it('waits for the device when asked to', async () => {
    let waited = 0;
    run = makeTestRun();
    const { backend } = run;
    await run.close();
    const synchronize = async (): Promise<void> => void (waited += 1);
    run = makeTestRun({ backend: { ...backend, synchronize } });
    const list = new HookList();
    list.register(new ProfilerHook({ activityWithCuda: true, activityWithCpu: false }));
    run.hooks = list;
    await runEpochs(run, list, { from: 0, to: 2 });
    expect(waited).toBe(4);
  });

  it('does not profile more than there is', () => {
    run = makeTestRun();
    expect(() => new ProfilerHook({ profileTimes: 2 })).toThrow('ENGINE_HOOKS_PROFILE_TOO_LONG');
    const hook = new ProfilerHook({ byEpoch: false, profileTimes: 9 });
    expect(() => hook.beforeTrain(run)).toThrow('ENGINE_HOOKS_PROFILE_TOO_LONG');
    expect(() => new ProfilerHook({ withStack: true } as never)).toThrow('ENGINE_REGISTRY_');
  });
});

describe('scheduledAction', () => {
  it('repeats rounds as PyTorch does', () => {
    const schedule = { skipFirst: 1, wait: 1, warmup: 1, active: 2, repeat: 2 };
    const recorded = Array.from({ length: 14 }, (_, step) => step).filter(
      (step) => scheduledAction(schedule, step) === 'record',
    );
    expect(recorded).toEqual([3, 4, 7, 8]);
    expect(scheduledAction({ ...schedule, repeat: 0 }, 11)).toBe('record');
    expect(scheduledAction(undefined, 5)).toBe('record');
  });
});
