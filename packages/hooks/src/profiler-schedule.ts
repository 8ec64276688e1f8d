import * as z from 'zod/mini';

const steps = z.int().check(z.nonnegative());

/** Which steps are recorded, as in PyTorch's profiler: `skipFirst`, then rounds of `wait`, `warmup` and `active` steps. */
export const profilerSchedule = z.strictObject({
  wait: steps,
  /** Steps before those that are recorded; the same as `wait` here, since nothing warms up. */
  warmup: steps,
  active: z.int().check(z.positive()),
  /** Rounds; 0 (default) for no end. */
  repeat: z._default(steps, 0),
  skipFirst: z._default(steps, 0),
});
export type ProfilerSchedule = z.output<typeof profilerSchedule>;

/** What is done in a step, counted from 0. Without a schedule every step is recorded. */
export function scheduledAction(schedule: ProfilerSchedule | undefined, step: number): 'skip' | 'record' {
  if (schedule === undefined) return 'record';
  const { wait, warmup, active, repeat, skipFirst } = schedule;
  const round = wait + warmup + active;
  const at = step - skipFirst;
  if (at < 0 || (repeat > 0 && at >= repeat * round)) return 'skip';
  return at % round >= wait + warmup ? 'record' : 'skip';
}
