/** One step of a model of any kind: losses to minimise, outputs to show. */
import { type DeviceScalar, StepOutputs } from '@engine/core';
import type { LossMinimizer, LossResult } from './contract.js';
import { type ParsedLosses, parseLosses } from './parse-losses.js';

/** Carries the model's own `loss` beside the total of the same name. */
const OWN_LOSS = 'loss (as returned by the model)';

/** Minimises the total of what `losses` returns. @throws `ENGINE_MODEL_BAD_LOSS`, `ENGINE_MODEL_NO_LOSS` */
export function minimise(optimWrapper: LossMinimizer, losses: () => unknown): StepOutputs {
  return withOwnLoss(optimWrapper.updateParams(() => toMinimise(parseLosses(losses()))));
}

function toMinimise({ total, logVars }: ParsedLosses): LossResult {
  const own = logVars['loss'];
  return own === undefined || own === total
    ? { ...logVars, loss: total }
    : { ...logVars, loss: total, [OWN_LOSS]: own };
}

/** Shows the model's own `loss` under that name, as MMEngine logs it. */
function withOwnLoss(outputs: StepOutputs): StepOutputs {
  if (!outputs.names.includes(OWN_LOSS)) return outputs;
  const names = outputs.names.filter((name) => name !== OWN_LOSS);
  const scalars = names.map((name): [string, DeviceScalar] => [
    name,
    outputs.get(name === 'loss' ? OWN_LOSS : name).retain(),
  ]);
  return new StepOutputs(Object.fromEntries(scalars));
}
