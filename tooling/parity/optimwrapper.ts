import { readFile } from 'node:fs/promises';
import type { ParityArea } from './harness/area.js';
import { type AccumulationCase, replayAccumulation } from './optimwrapper/accumulation.js';
import type { ModelCase } from './optimwrapper/models.js';
import {
  type ClipCase,
  type ConstructorCase,
  type RatesCase,
  replayClip,
  replayConstructor,
  replayRates,
} from './optimwrapper/options.js';
import { type ParamwiseCase, replayParamwise } from './optimwrapper/paramwise.js';

interface Golden {
  readonly accumulation?: readonly AccumulationCase[];
  readonly clip_grad_norm?: readonly ClipCase[];
  readonly lr_and_momentum?: readonly RatesCase[];
  readonly constructor_errors?: readonly ConstructorCase[];
  readonly models?: Readonly<Record<string, ModelCase>>;
  readonly paramwise?: readonly ParamwiseCase[];
}

/** Optim wrappers: accumulation and clipping step by step, rates and momenta, groups by `paramwiseCfg`, refusals. */
export const area: ParityArea = {
  name: 'optimwrapper',
  tolerance: 'float32 values relative 1e-5 to |x| + 1e-3; counts, groups and rates exact',
  context: ['models'],
  async *replay(file) {
    const golden = JSON.parse(await readFile(file, 'utf8')) as Golden;
    for (const one of golden.accumulation ?? []) yield await replayAccumulation(one);
    for (const [i, one] of (golden.clip_grad_norm ?? []).entries()) yield await replayClip(`clip_grad_norm[${i}]`, one);
    for (const [i, one] of (golden.lr_and_momentum ?? []).entries())
      yield await replayRates(`lr_and_momentum[${i}]`, one);
    for (const [i, one] of (golden.constructor_errors ?? []).entries())
      yield await replayConstructor(`constructor_errors[${i}]`, one);
    yield* replayParamwise(golden.paramwise ?? [], golden.models ?? {});
  },
};
