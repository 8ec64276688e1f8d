import type { TypedConfigOf } from '@engine/registry';
import { expectTypeOf } from 'vitest';
import {
  CosineAnnealingLR,
  LinearLR,
  type LinearLROptions,
  LinearParamScheduler,
  MultiStepLR,
  type ParamScheduler,
  type Schedulable,
} from './index.js';

declare const optimizer: Schedulable;

expectTypeOf(new CosineAnnealingLR(optimizer, { tMax: 1000 })).toExtend<ParamScheduler>();
expectTypeOf(new LinearLR(optimizer)).toExtend<ParamScheduler>();
expectTypeOf<LinearLROptions>().toHaveProperty('startFactor');

// @ts-expect-error milestones have no default
new MultiStepLR(optimizer, { gamma: 0.5 });
// @ts-expect-error a misspelt option
new LinearLR(optimizer, { startFacter: 0.5 });
// @ts-expect-error the generic scheduler needs a field
new LinearParamScheduler(optimizer, { startFactor: 0.5 });

type Config = TypedConfigOf<'paramScheduler'>;
expectTypeOf<{ type: 'LinearLR'; begin: 0; end: 5 }>().toExtend<Config>();
expectTypeOf<{ type: typeof MultiStepLR; milestones: number[] }>().toExtend<Config>();
expectTypeOf<{ type: 'MultiStepLR'; milestones: string }>().not.toExtend<Config>();
