import { schedulerErrors } from './errors.js';

/** One step along a cosine from the value in force down to `lowest`, which is reached at `step = period`. */
export function cosineStep(
  current: number,
  { step, period, lowest }: { readonly step: number; readonly period: number; readonly lowest: number },
): number {
  const height = (at: number) => 1 + Math.cos((Math.PI * at) / period);
  return (height(step) / height(step - 1)) * (current - lowest) + lowest;
}

/** The minimum as it is saved: one of the two is null. */
export type Minimum = { etaMin: number | null; etaMinRatio: number | null };

/** @throws `ENGINE_SCHEDULER_TWO_MINIMA`, `_NO_MINIMUM` */
export function oneMinimum(etaMin: number | null | undefined, etaMinRatio: number | null | undefined): Minimum {
  const minimum = { etaMin: etaMin ?? null, etaMinRatio: etaMinRatio ?? null };
  const received = `etaMin = ${minimum.etaMin}, etaMinRatio = ${minimum.etaMinRatio}`;
  if (minimum.etaMin !== null && minimum.etaMinRatio !== null)
    throw schedulerErrors.TWO_MINIMA({
      expected: 'etaMin or etaMinRatio',
      received,
      action: 'leave one of them out',
    });
  if (minimum.etaMin === null && minimum.etaMinRatio === null)
    throw schedulerErrors.NO_MINIMUM({
      expected: 'etaMin or etaMinRatio',
      received,
      action: 'say how low the cosines go, e.g. etaMin: 0',
    });
  return minimum;
}

/** The minimum of a group that started from `base`. */
export function lowestOf({ etaMin, etaMinRatio }: Minimum, base: number): number {
  return etaMinRatio === null ? (etaMin ?? 0) : base * etaMinRatio;
}
