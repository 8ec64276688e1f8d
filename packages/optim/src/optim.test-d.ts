import type { DeviceScalar, ParameterLike, StepOutputs } from '@engine/core';
import type { ConfigOf } from '@engine/registry';
import type * as tf from '@tensorflow/tfjs-core';
import { expectTypeOf } from 'vitest';
import {
  AdamW,
  DefaultOptimWrapperConstructor,
  LearningRateDecayOptimWrapperConstructor,
  type Losses,
  type Optimizer,
  OptimWrapper,
  type OptimWrapperLike,
  SGD,
  type SGDOptions,
} from './index.js';

declare const params: ParameterLike[];
declare const loss: tf.Scalar;
declare const wrapper: OptimWrapper;

expectTypeOf(new SGD(params)).toExtend<Optimizer>();
expectTypeOf(new SGD([{ params, lr: 0.1, lrMult: 2 }], { momentum: 0.9 })).toExtend<Optimizer>();
expectTypeOf(wrapper).toExtend<OptimWrapperLike>();
// what a model's trainStep asks for (LossMinimizer of @engine/model)
expectTypeOf(wrapper).toExtend<{ updateParams(lossFn: () => Losses): StepOutputs }>();
expectTypeOf<SGDOptions>().toHaveProperty('nesterov');

// @ts-expect-error a misspelt option
new SGD(params, { momentm: 0.9 });
// @ts-expect-error two rates, not one
new AdamW(params, { betas: [0.9] });
// @ts-expect-error a config is for the registry
new OptimWrapper({ optimizer: { type: SGD, lr: 0.1 } });

const outputs = wrapper.updateParams(() => loss);
expectTypeOf(outputs).toExtend<StepOutputs>();
expectTypeOf(outputs.loss).toEqualTypeOf<DeviceScalar>();
expectTypeOf(outputs.gradNorm).toEqualTypeOf<DeviceScalar | undefined>();
// @ts-expect-error the loss function returns nothing of that name
expectTypeOf(outputs.accuracy);
expectTypeOf(wrapper.updateParams(() => ({ loss, accuracy: loss })).accuracy).toEqualTypeOf<DeviceScalar>();
// @ts-expect-error a promise is no loss
wrapper.updateParams(async () => loss);

type Config = ConfigOf<'optimizer'>;
expectTypeOf<{ type: 'SGD'; lr: 0.1 }>().toExtend<Config>();
expectTypeOf<{ type: typeof AdamW; weightDecay: 0.1 }>().toExtend<Config>();
expectTypeOf<SGD>().toExtend<Config>();
expectTypeOf<{ type: 'SGD'; lr: string }>().not.toExtend<Config>();

type Wrapper = ConfigOf<'optimWrapper', 'OptimWrapper'>;
declare function take(config: Wrapper): void;
const optimizer = { type: 'SGD', lr: 0.1 } as const;
take({ optimizer });
take({ optimizer, paramwiseCfg: { customKeys: { head: { lrMult: 10, momentum: 0 } }, biasLrMult: 2 } });
take({ optimizer, constructor: 'DefaultOptimWrapperConstructor' });
take({ optimizer, constructor: LearningRateDecayOptimWrapperConstructor, paramwiseCfg: { decayRate: 0.9 } });
take({ optimizer, constructor: new DefaultOptimWrapperConstructor({ biasLrMult: 2 }) });
take(wrapper);
// @ts-expect-error no constructor of that name
take({ optimizer, constructor: 'Default' });
// @ts-expect-error a misspelt option
take({ optimizer, paramwiseCfg: { biasLrMlt: 2 } });
// @ts-expect-error a multiplier is a number
take({ optimizer, paramwiseCfg: { customKeys: { head: { lrMult: '10' } } } });
// @ts-expect-error a rate is needed
new LearningRateDecayOptimWrapperConstructor({ numLayers: 3 });
