import * as z from 'zod/mini';
import type { StatisticFn } from './contract.js';

const customLogEntry = z.strictObject({
  /** Scalar without its mode: `loss`. */
  dataSrc: z.string(),
  /** Default: `dataSrc`, which replaces the standard value. */
  logName: z.optional(z.string()),
  /** A statistic by name, or a function `(values, counts) => number`. */
  methodName: z.union([
    z.enum(['mean', 'max', 'min', 'current']),
    z.custom<StatisticFn>((value) => typeof value === 'function'),
  ]),
  /** Number of values, `epoch` for those of the running epoch, `global` for one a training iteration. Default: the whole history. */
  windowSize: z.optional(z.union([z.number(), z.enum(['epoch', 'global'])])),
});

export const logProcessorOptions = z.strictObject({
  /** Values that smoothed scalars are averaged over. Default 10. */
  windowSize: z.optional(z.number()),
  /** Default: as the run counts. */
  byEpoch: z.optional(z.boolean()),
  /** Extra or replaced statistics. */
  customCfg: z.optional(z.nullable(z.readonly(z.array(customLogEntry)))),
  /** Decimals. Default 4. */
  numDigits: z.optional(z.number()),
  /** Keep `train/` and so on in the names of a tag. Default false. */
  logWithHierarchy: z.optional(z.boolean()),
  /** Scalars whose key matches are averaged, others show their latest value. Default `.*(loss|time|data_time|grad_norm|gradNorm).*`. */
  meanPattern: z.optional(z.union([z.string(), z.custom<RegExp>((value) => value instanceof RegExp)])),
});

/** One extra or replaced statistic. */
export interface CustomLogEntry extends z.input<typeof customLogEntry> {}

export interface LogProcessorOptions extends z.input<typeof logProcessorOptions> {}
