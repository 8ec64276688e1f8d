/**
 * Every moment at which hooks are called, in the order in which a run reaches them, with what has happened by then.
 * `epoch` and `iter` are 0-based indices of the current epoch and iteration in all train points;
 * in validation points they already count what is finished.
 */
export const hookPoints = {
  beforeRun:
    'Once per train(), val() or test(), after everything is built and before weights are initialised or loaded.',
  afterLoadCheckpoint: 'After a checkpoint was read and before it is applied; may change what it holds.',
  beforeTrain: 'Once, before the first epoch; positions are already restored when resuming.',
  beforeTrainEpoch: 'Before each epoch draws its first batch; also when resuming inside the epoch.',
  beforeTrainIter:
    'Before each training step, with the host batch; under gradient accumulation once per batch, not per update.',
  afterTrainIter:
    'After each training step and before `iter` moves on, with the step outputs, which are freed afterwards.',
  afterTrainEpoch: 'After the last step of an epoch, before `epoch` moves on and before validation.',
  beforeVal: 'Before each validation.',
  beforeValEpoch: 'Before validation draws its first batch and before the model is switched to evaluation.',
  beforeValIter: 'Before each validation batch.',
  afterValIter: 'After each validation batch, with the predictions, which are freed afterwards.',
  afterValEpoch: 'After the metrics of a validation are computed, with the metrics.',
  afterVal: 'After each validation.',
  beforeSaveCheckpoint: 'After a checkpoint is assembled and before it is written; may change what it holds.',
  afterTrain: 'Once, after the last epoch or after a requested stop.',
  beforeTest: 'Before a test run.',
  beforeTestEpoch: 'Before testing draws its first batch.',
  beforeTestIter: 'Before each test batch.',
  afterTestIter: 'After each test batch, with the predictions, which are freed afterwards.',
  afterTestEpoch: 'After the metrics of a test are computed, with the metrics.',
  afterTest: 'After a test run.',
  onException: 'When something in a run has thrown, before afterRun, with the error, which is thrown all the same.',
  afterRun: 'Once per train(), val() or test(), at the very end, also after a failure; closes what the run opened.',
} as const;

/**
 * Points of loops of your own, with what they hand to hooks besides the context: `interface CustomHookPoints { beforeRound: IterInfo }` in
 * a `declare module '@engine/hooks'`. Hooks may have a method of that name, and a loop calls it with `run.call('beforeRound', info)`.
 */
export interface CustomHookPoints {}

export type StandardHookPoint = keyof typeof hookPoints;
export type HookPoint = StandardHookPoint | keyof CustomHookPoints;

/** The points in the order above. */
export const hookPointOrder = Object.keys(hookPoints) as readonly StandardHookPoint[];
