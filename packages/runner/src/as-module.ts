import { Module, type TrainableModel } from '@engine/model';
import { runnerErrors } from './errors.js';

/** The model as a Module, for options that reach into its layers. @throws `ENGINE_RUNNER_BAD_COMPONENT` */
export function asModule(model: TrainableModel, option: string): Module {
  if (model instanceof Module) return model;
  throw runnerErrors.BAD_COMPONENT({
    subject: 'model',
    expected: `a Module of @engine/model, into whose layers ${option} reaches`,
    received: `a ${(model as object).constructor.name}`,
    action: `leave ${option} out`,
  });
}
