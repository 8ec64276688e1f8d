/** When a training loop validates (both kinds of loops; n = finished epochs or iterations). */
export interface ValidationScheduleOptions {
  /** First n at which to validate; default 1. */
  readonly valBegin: number;
  readonly valInterval: number;
  /** `[milestone, interval]` pairs, ascending: from the check after step `milestone - 1` on, `interval` holds. */
  readonly dynamicIntervals: readonly (readonly [milestone: number, interval: number])[];
  readonly max: number;
}

/** True when validation is due after `n` finished steps: at the interval and, however it falls, after the last one. */
export function validationDue(
  n: number,
  { valBegin, valInterval, dynamicIntervals, max }: ValidationScheduleOptions,
): boolean {
  const interval = dynamicIntervals.reduce(
    (current, [milestone, next]) => (milestone <= n + 1 ? next : current),
    valInterval,
  );
  return n >= valBegin && (n % interval === 0 || n === max);
}
