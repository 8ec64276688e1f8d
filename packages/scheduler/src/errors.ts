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
  TWO_MINIMA: { kind: 'value', doc: 'Cosine annealing is given its minimum both as a value and as a ratio.' },
  NOT_FINITE: { kind: 'numeric', doc: 'A schedule divides by zero, so that its next value is not finite.' },
  STATE_MISMATCH: {
    kind: 'value',
    doc: 'A saved scheduler state does not belong to this kind of schedule or to these groups.',
  },
});
