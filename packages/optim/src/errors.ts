import { defineErrors } from '@engine/core';

export const optimErrors = defineErrors('OPTIM', {
  NO_PARAMETERS: { kind: 'value', doc: 'An optimizer is made without a single parameter.' },
  NOT_A_PARAMETER: {
    kind: 'type',
    doc: 'An optimizer is given something that is neither a parameter nor a group of parameters.',
  },
  DUPLICATE_PARAMETER: { kind: 'value', doc: 'A parameter, or two with one name, is given to an optimizer twice.' },
  NESTEROV: { kind: 'value', doc: 'Nesterov momentum is asked for without momentum or with dampening.' },
  NOT_A_MATRIX: { kind: 'value', doc: 'Muon is given a parameter that has not exactly two axes.' },
  ONE_GROUP: { kind: 'value', doc: 'LBFGS is given several groups of parameters.' },
  NEEDS_CLOSURE: { kind: 'state', doc: 'LBFGS is given gradients; it evaluates the loss itself, in `step`.' },
  UNKNOWN_PARAMETER: {
    kind: 'key',
    doc: 'A gradient or a saved state is given for a parameter that the optimizer does not have.',
  },
  MISSING_PARAMETER: { kind: 'key', doc: 'A saved state lacks a parameter of the optimizer.' },
  GROUP_COUNT: { kind: 'value', doc: 'A saved state has another number of groups, or of parameters in a group.' },
  STATE_SHAPE: { kind: 'value', doc: 'A saved state tensor has another shape than its parameter.' },
  NO_TORCH_STATE: { kind: 'type', doc: "The state of an optimizer has no equivalent in PyTorch's shape." },
  GRADIENT_SHAPE: { kind: 'value', doc: 'A gradient has another shape than its parameter.' },
  STATE_MISMATCH: {
    kind: 'value',
    doc: 'A saved optimizer state does not belong to the groups and parameters at hand.',
  },
  NOT_AN_OPTIMIZER: { kind: 'type', doc: 'An optim wrapper is given something else than an optimizer.' },
  NO_BASE_LR: {
    kind: 'type',
    doc: 'Learning rates are multiplied (`paramwiseCfg`, layer-wise decay), but the optimizer config has no `lr`.',
  },
  NO_BASE_DECAY: {
    kind: 'value',
    doc: 'Weight decays are multiplied (`paramwiseCfg`), but the optimizer config has no `weightDecay`.',
  },
  BUILT_OPTIMIZER: {
    kind: 'type',
    doc: 'Groups are to be made for an optimizer that is built already.',
  },
  BAD_PARAMWISE_CFG: {
    kind: 'type',
    doc: '`paramwiseCfg` is something else than the options of the constructor that `constructor` names.',
  },
  UNKNOWN_LAYERS: {
    kind: 'value',
    doc: 'Layer-wise decay cannot tell the layers of a model, or their number, from its parameter names.',
  },
  ASYNC_LOSS: { kind: 'type', doc: 'The loss function returns a promise; differentiation needs one synchronous run.' },
  BAD_LOSS: {
    kind: 'type',
    doc: 'The loss function returns something else than a float32 scalar or a record of scalars with a `loss`.',
  },
  NO_GRADIENT: { kind: 'state', doc: 'The loss depends on no trainable parameter of the optimizer.' },
  BAD_WRAPPERS: { kind: 'type', doc: 'An `OptimWrapperDict` is given no wrapper, or something that is none.' },
  UNKNOWN_WRAPPER: {
    kind: 'key',
    doc: 'An `OptimWrapperDict`, or its options or state, is asked for a wrapper that it does not have.',
  },
  NAME_ONE: {
    kind: 'state',
    doc: 'An `OptimWrapperDict` is asked for what only one of its wrappers can do: it has no optimizer of its own.',
  },
  NO_SUCH_MODULE: {
    kind: 'key',
    doc: 'An `OptimWrapperDict` is to optimise a part of the model that has no parameters.',
  },
  CANNOT_SKIP: {
    kind: 'type',
    doc: 'A wrapper that skips updates (loss scaling, `errorIfNonfinite`) is given an optimizer without `takeBack`.',
  },
  NON_FINITE_GRADIENT: {
    kind: 'numeric',
    doc: 'The norm of the gradients is not finite, and `errorIfNonfinite` is set. The update was not made.',
  },
  SCALE_VANISHED: {
    kind: 'numeric',
    doc: 'The dynamic loss scale has been halved until nothing is left of it: gradients are not finite at any scale.',
  },
  BAD_COUNT: {
    kind: 'value',
    doc: 'The position of a run, given to `initializeCountStatus`, is not a pair of step numbers.',
  },
  COUNT_EXCEEDED: {
    kind: 'state',
    doc: 'Parameters are updated after the last step that was announced, where no accumulation window is left.',
  },
});
