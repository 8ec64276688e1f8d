import { defineErrors } from '@engine/core';

export const hooksErrors = defineErrors('HOOKS', {
  BAD_PRIORITY: { kind: 'value', doc: 'A hook priority is not from 0 to 100.' },
  UNKNOWN_PRIORITY: { kind: 'key', doc: 'A hook priority is the name of no level.' },
  BAD_PRIORITY_TYPE: { kind: 'type', doc: 'A hook priority is neither the name of a level nor an integer.' },
  NOT_A_HOOK: { kind: 'type', doc: 'Something registered as a hook is not an object with a name.' },
  UNKNOWN_POINT: { kind: 'key', doc: 'A hook has a method whose name is nearly that of a hook point.' },
  PROFILE_TOO_LONG: { kind: 'value', doc: 'More is to be profiled than the run has epochs or iterations.' },
  NOT_FINITE: { kind: 'numeric', doc: 'NumberMonitorHook has found a tensor that is not finite; it is named.' },
  TENSORS_LEAK: { kind: 'state', doc: 'LeakMonitorHook has seen tensors pile up and was told to stop the run.' },
  FAILED: { kind: 'state', doc: 'A hook threw; the cause holds what it threw.' },
  BAD_EMA_BEGIN: { kind: 'value', doc: 'Averaging of weights is to begin at two places, or after the end of the run.' },
  TWO_EMA_HOOKS: { kind: 'state', doc: 'Two hooks average weights, but a checkpoint holds one average.' },
  UNKNOWN_DEFAULT: { kind: 'key', doc: 'A default hook is switched off that does not exist.' },
  NO_RULE: {
    kind: 'value',
    doc: 'It cannot be told whether a higher or a lower value of a monitored metric is better.',
  },
  METRIC_MISSING: {
    kind: 'key',
    doc: 'The metric to monitor is not among those that validation returned, or is not a number.',
  },
  RULE_COUNT: { kind: 'value', doc: 'The number of rules is not that of the monitored metrics.' },
});
