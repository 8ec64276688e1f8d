/** Exchanges batch norms by such that count over all processes, and back. */
import { BatchNorm, BatchNormXd, SyncBatchNorm } from './layers/batch-norm.js';
import type { Module } from './module.js';
import { slotsOf } from './module-slots.js';

/**
 * Puts a `SyncBatchNorm` in the place of every batch norm here and below; it takes over weights, statistics and mode. Returns the module, or
 * its replacement where it is a norm itself.
 */
export function convertSyncBatchNorm(module: Module): Module {
  return exchanged(module, (norm) => (norm instanceof SyncBatchNorm ? norm : takeOver(norm, SyncBatchNorm)));
}

/** Puts a norm of this process alone, a `BatchNormXd`, in the place of every `SyncBatchNorm`. Otherwise as {@link convertSyncBatchNorm}. */
export function revertSyncBatchNorm(module: Module): Module {
  return exchanged(module, (norm) => (norm instanceof SyncBatchNorm ? takeOver(norm, BatchNormXd) : norm));
}

function exchanged(module: Module, exchange: (norm: BatchNorm) => BatchNorm): Module {
  if (module instanceof BatchNorm) return exchange(module);
  const done = new Map<BatchNorm, BatchNorm>(); // a shared norm stays shared
  for (const parent of [...module.namedModules().values()]) {
    for (const { child, replace } of slotsOf(parent)) {
      if (!(child instanceof BatchNorm)) continue;
      const other = done.get(child) ?? exchange(child);
      done.set(child, other);
      if (other !== child) replace(other);
    }
  }
  return module;
}

function takeOver(norm: BatchNorm, Kind: typeof BatchNormXd): BatchNorm {
  const { numFeatures, eps, momentum, training, weight, bias, runningMean, runningVar, numBatchesTracked } = norm;
  const other = new Kind(numFeatures, {
    eps,
    momentum,
    affine: weight !== undefined,
    trackRunningStats: runningMean !== undefined,
  });
  const state = Object.entries({ weight, bias, runningMean, runningVar, numBatchesTracked });
  Object.assign(other, Object.fromEntries(state.filter(([, part]) => part !== undefined)), { training });
  return other;
}
