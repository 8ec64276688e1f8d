import { isPlainObject } from '@engine/core';
import { optimErrors } from '../errors.js';
import type { OptimWrapperConfig } from './contract.js';

/** The options of the optimizer that multipliers are applied to. */
export interface BaseValues {
  readonly lr: number | undefined;
  readonly weightDecay: number | undefined;
}

/** Learning rate and weight decay, where the optimizer's config gives them. @throws `ENGINE_OPTIM_BUILT_OPTIMIZER` */
export function baseValuesOf({ optimizer }: OptimWrapperConfig): BaseValues {
  if (optimizer === undefined) return { lr: undefined, weightDecay: undefined };
  if (!isPlainObject(optimizer)) {
    throw optimErrors.BUILT_OPTIMIZER({
      subject: 'optimWrapper.optimizer',
      expected: 'a config such as { type: SGD, lr: 0.1 }, so that groups can still be made',
      received: typeof optimizer === 'object' && optimizer !== null ? 'an object that is built' : String(optimizer),
      action: 'write the optimizer as a config, or make its groups yourself and leave out paramwiseCfg and constructor',
    });
  }
  return { lr: numberIn(optimizer, 'lr'), weightDecay: numberIn(optimizer, 'weightDecay', 'weight_decay') };
}

function numberIn(config: Readonly<Record<string, unknown>>, ...keys: readonly string[]): number | undefined {
  return keys.map((key) => config[key]).find((value) => typeof value === 'number');
}
