import { defineErrors } from '@engine/core';

export const schedulerErrors = defineErrors('SCHEDULER', {
  NOT_SCHEDULABLE: { kind: 'type', doc: 'A scheduler is given something without parameter groups.' },
  NO_FIELD: { kind: 'key', doc: 'A parameter group has no number under the name that is to be scheduled.' },
  NO_INITIAL: {
    kind: 'state',
    doc: 'A scheduler is to go on from a step, but a group has no record of its initial value.',
  },
  NO_MOMENTUM: {
    kind: 'value',
    doc: 'A momentum scheduler is used with an optimizer that has neither momentum nor betas.',
  },
  BAD_WINDOW: { kind: 'value', doc: 'A schedule ends before it begins.' },
  NOT_BY_EPOCH: {
    kind: 'value',
    doc: 'A schedule that counts iterations is to be converted from epochs to iterations.',
  },
  NO_EPOCH_LENGTH: {
    kind: 'value',
    doc: 'A schedule is to be converted to iterations, but the length of an epoch is not known.',
  },
  NEEDS_EPOCHS: {
    kind: 'value',
    doc: 'A schedule that follows a metric of the validation is asked to count iterations.',
  },
  NO_MINIMUM: { kind: 'value', doc: 'A cosine schedule with restarts is given no minimum.' },
  BAD_PERIODS: { kind: 'value', doc: 'The parts of a schedule contradict each other or do not fit into its window.' },
  GROUP_COUNT: { kind: 'value', doc: 'A list with one value a parameter group has another length.' },
  NOT_LR: { kind: 'value', doc: 'A one-cycle schedule is asked to schedule another field than the learning rate.' },
  TOO_MANY_STEPS: { kind: 'value', doc: 'A one-cycle schedule is stepped beyond its end.' },
  NO_METRIC: { kind: 'key', doc: 'A schedule follows a metric that the validation does not give.' },
  BAD_METRICS: { kind: 'type', doc: 'A schedule that follows a metric is stepped with something else than metrics.' },
  TWO_MINIMA: { kind: 'value', doc: 'A cosine schedule is given its minimum both as a value and as a ratio.' },
  NOT_FINITE: { kind: 'numeric', doc: 'A schedule divides by zero, so that its next value is not finite.' },
  STATE_MISMATCH: {
    kind: 'value',
    doc: 'A saved scheduler state does not belong to this kind of schedule or to these groups.',
  },
});
