import { defineErrors } from '@engine/core';

export const runnerErrors = defineErrors('RUNNER', {
  INCOMPLETE: {
    kind: 'key',
    doc: 'Of the options that belong together for training, validation or testing only some are given.',
  },
  SCHEDULER_WITHOUT_OPTIMIZER: { kind: 'key', doc: 'A parameter scheduler is given without an optimizer wrapper.' },
  BAD_SCHEDULER: { kind: 'type', doc: '`paramScheduler` is neither a scheduler, nor its config, nor a list of these.' },
  BAD_COMPONENT: {
    kind: 'type',
    doc: 'An object given to the runner lacks what its place needs, e.g. a model without `trainStep`.',
  },
  BAD_LOOP_CONFIG: {
    kind: 'value',
    doc: 'A loop config has both or neither of `type` and `byEpoch`, or names a loop that does not fit its place.',
  },
  NO_BATCHES: {
    kind: 'value',
    doc: 'A pass over the training data would have no batch at all.',
  },
  NOTHING_TO_RUN: {
    kind: 'state',
    doc: '`train()`, `val()` or `test()` is called on a runner that was given nothing for it.',
  },
  ALREADY_RUNNING: {
    kind: 'state',
    doc: '`train()`, `val()` or `test()` is called while another of them has not ended.',
  },
  NO_BATCH: {
    kind: 'state',
    doc: '`trainStep()` or `updateParams()` of a runner is called outside the loop over `trainBatches()`.',
  },
  WORK_DIR_UNWRITABLE: { kind: 'file', doc: 'The work dir cannot be created or written.' },
  WORK_DIR_LOCKED: { kind: 'state', doc: 'Another run is using the work dir.' },
  CHECKPOINT_MISSING: {
    kind: 'file',
    doc: 'The checkpoint to load or to resume from does not exist or cannot be read.',
  },
  CHECKPOINT_BROKEN: { kind: 'file', doc: 'A checkpoint is truncated or damaged.' },
  CHECKPOINT_FOREIGN: {
    kind: 'file',
    doc: 'A safetensors file was not written by the engine, or lacks what a checkpoint must hold.',
  },
  CHECKPOINT_NEWER: { kind: 'file', doc: 'A checkpoint has a newer format than this version of the engine reads.' },
  CHECKPOINT_MISMATCH: {
    kind: 'value',
    doc: 'A checkpoint belongs to another model, optimizer or data loader: names, shapes or counts differ.',
  },
  CHECKPOINT_WITHOUT_STATE: {
    kind: 'value',
    doc: 'A run cannot be resumed from a checkpoint that was saved without optimizer or schedulers.',
  },
  CHECKPOINT_WORLD_SIZE: {
    kind: 'value',
    doc: 'A run stopped inside an epoch is resumed with another number of processes.',
  },
  CONFIG_CHANGED: {
    kind: 'value',
    doc: 'A run is to be resumed with a config that makes another run of it: model, optimizer, schedules, training data, seed, loop or hooks with a state differ.',
  },
  SAVE_FAILED: { kind: 'io', doc: 'A checkpoint could not be written; earlier ones are untouched.' },
  NON_FINITE_LOSS: { kind: 'numeric', doc: 'The loss became NaN or infinite.' },
  NON_FINITE_GRADIENT: {
    kind: 'numeric',
    doc: 'The norm of the gradients, taken to clip them, became NaN or infinite.',
  },
  HOOK_STOPPED: { kind: 'state', doc: 'A hook ended the run with `ctx.fail`.' },
  BATCH_SIZE_GIVEN: {
    kind: 'type',
    doc: 'Batch sizes are to be tried, but the data loader is built already and has one.',
  },
  EPOCH_LENGTH_UNKNOWN: {
    kind: 'state',
    doc: 'A schedule is to be foreseen, but the data loader cannot tell how many batches an epoch has.',
  },
});
