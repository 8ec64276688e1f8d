import type { Optimizer } from './contract.js';
import { optimErrors } from './errors.js';

export function isOptimizer(value: unknown): value is Optimizer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'apply' in value &&
    typeof value.apply === 'function' &&
    'paramGroups' in value
  );
}

export function notAnOptimizer(value: unknown): Error {
  return optimErrors.NOT_AN_OPTIMIZER({
    subject: 'OptimWrapper',
    expected: 'an optimizer, e.g. new SGD(model.parameters(), { lr: 0.1 })',
    received:
      typeof value === 'object' && value !== null ? `an object with ${Object.keys(value).join(', ')}` : String(value),
    action: 'make the optimizer first; configs { type: SGD, ... } are for the Runner and the registry',
  });
}

export function cannotSkip(wrapper: string, optimizer: Optimizer): Error {
  return optimErrors.CANNOT_SKIP({
    subject: wrapper,
    expected: 'an optimizer that can take an update back (takeBack), as every one over BaseOptimizer can',
    received: optimizer.constructor.name,
    action: 'use another optimizer, or an OptimWrapper without errorIfNonfinite',
  });
}

export function nonFiniteGradient(count: number): Error {
  return optimErrors.NON_FINITE_GRADIENT({
    expected: 'gradients whose norm is finite (clipGrad.errorIfNonfinite)',
    received: `a norm of NaN or Infinity in update ${count}, which was not made`,
    action: 'lower the learning rate or look for bad samples; leave errorIfNonfinite out to go on all the same',
  });
}

export function badCount(initCount: number, maxCount: number): Error {
  return optimErrors.BAD_COUNT({
    expected: 'integers 0 <= initCount <= maxCount',
    received: `initCount = ${initCount}, maxCount = ${maxCount}`,
    action: 'pass the iteration that the run stands at, and how many it has',
  });
}

export function notOurState(innerCount: unknown): Error {
  return optimErrors.STATE_MISMATCH({
    subject: 'OptimWrapper',
    expected: 'a state that an OptimWrapper has saved',
    received: `innerCount = ${String(innerCount)}`,
    action: 'load the state of an optimizer into the optimizer itself',
  });
}
