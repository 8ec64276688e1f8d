import type { Logger, ParameterLike } from '@engine/core';
import type { OptimizableModel, ParameterPlace } from './contract.js';

const plain = { role: undefined };

/** Every place of every parameter of a model, in registration order. */
export function placesIn(model: OptimizableModel): ParameterPlace[] {
  if (model.parameterPlaces !== undefined) return [...model.parameterPlaces()];
  return [...model.namedParameters()].map(([name, parameter]) => ({
    name,
    parameter,
    module: plain,
    parent: undefined,
  }));
}

/** The last part of a name, and what stands before it. */
export function splitName(name: string): { readonly path: string; readonly last: string } {
  const dot = name.lastIndexOf('.');
  return { path: name.slice(0, Math.max(dot, 0)), last: name.slice(dot + 1) };
}

/**
 * The places whose parameters are trained, each with a group of its own. Passes over frozen parameters, with a warning, and with
 * `bypassDuplicate` over all places of a parameter but the first.
 */
export function trainedPlaces(
  places: readonly ParameterPlace[],
  { bypassDuplicate, logger }: { readonly bypassDuplicate: boolean; readonly logger: Logger },
): ParameterPlace[] {
  const seen = new Set<ParameterLike>();
  return places.filter(({ name, parameter }) => {
    if (bypassDuplicate && seen.has(parameter)) {
      logger.warn(`${name} is ${parameter.name}, which has its group already: bypassDuplicate passes over it.`);
      return false;
    }
    if (!parameter.trainable) {
      logger.warn(`${name} is frozen: it gets no group.`);
      return false;
    }
    seen.add(parameter);
    return true;
  });
}
