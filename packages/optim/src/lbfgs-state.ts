import { type HostArray, hostArray, type JsonObject } from '@engine/core';
import type { OptimizerState, ParamGroup } from './contract.js';
import { optimErrors } from './errors.js';
import { type FlatLBFGSState, freshLBFGSState } from './flat-lbfgs.js';
import { restoreGroup, saveGroup } from './param-groups.js';

/** The state of an LBFGS as named arrays, all under its first parameter; none before the first step. */
export function saveLBFGSState(group: ParamGroup, state: FlatLBFGSState): OptimizerState {
  const owner = ownerOf(group);
  const vectors = (name: string, rows: readonly Float64Array[]): [string, HostArray] => {
    const width = rows[0]?.length ?? 0;
    return [
      `${name}/${owner}`,
      hostArray('float64', [rows.length, width], Float64Array.from(rows.flatMap((row) => [...row]))),
    ];
  };
  const numbers = (name: string, ...values: number[]): [string, HostArray] => [
    `${name}/${owner}`,
    hostArray('float64', [values.length], Float64Array.from(values)),
  ];
  const { direction, prevGrad, history } = state;
  const tensors: [string, HostArray][] =
    state.funcEvals === 0
      ? []
      : [
          numbers('counters', state.funcEvals, state.nIter, state.t, state.hDiag, state.prevLoss),
          vectors('direction', direction === undefined ? [] : [direction]),
          vectors('prevGrad', prevGrad === undefined ? [] : [prevGrad]),
          vectors(
            'oldDirs',
            history.map(({ y }) => y),
          ),
          vectors(
            'oldSteps',
            history.map(({ s }) => s),
          ),
          numbers('ro', ...history.map(({ ro }) => ro)),
        ];
  return { paramGroups: [saveGroup(group)], tensors: new Map(tensors) };
}

/** Checks a saved state, writes the group's fields and returns the rest. `fields` must be there. @throws `ENGINE_OPTIM_STATE_MISMATCH` */
export function loadLBFGSState(
  group: ParamGroup,
  { paramGroups, tensors }: OptimizerState,
  fields: readonly string[],
): FlatLBFGSState {
  const [saved] = paramGroups;
  const own = saveGroup(group);
  if (saved === undefined || paramGroups.length !== 1 || String(saved['params']) !== String(own['params']))
    throw mismatch(
      `one group with ${String(own['params'])}`,
      `${paramGroups.length} groups: ${paramGroups.map(({ params }) => String(params)).join('; ')}`,
    );
  const missing = fields.filter((field) => !(field in saved));
  if (missing.length > 0) throw mismatch(`a group with ${fields.join(', ')}`, `none of ${missing.join(', ')}`);
  const state = tensors.size === 0 ? freshLBFGSState() : readState(group, tensors);
  restoreGroup(group, saved as JsonObject);
  return state;
}

function readState(group: ParamGroup, tensors: OptimizerState['tensors']): FlatLBFGSState {
  const owner = ownerOf(group);
  const width = group.params.reduce(
    (sum, { shape, trainable }) => sum + (trainable ? shape.reduce((size, extent) => size * extent, 1) : 0),
    0,
  );
  const names = ['counters', 'direction', 'prevGrad', 'oldDirs', 'oldSteps', 'ro'].map((name) => `${name}/${owner}`);
  const unknown = [...tensors.keys()].filter((name) => !names.includes(name));
  if (unknown.length > 0) throw mismatch(names.join(', '), unknown.join(', '));
  const [counters, direction, prevGrad, oldDirs, oldSteps, ro] = names.map((name) => {
    const array = tensors.get(name);
    if (array?.data instanceof Float64Array) return { data: array.data, shape: array.shape };
    throw mismatch(`${name}, float64`, array === undefined ? 'nothing' : array.dtype);
  }) as [Rows, Rows, Rows, Rows, Rows, Rows];
  const rowsOf = (rows: Rows, name: string): Float64Array[] => {
    const [count = 0, extent] = rows.shape;
    if (count > 0 && extent !== width)
      throw mismatch(`${name}/${owner} with rows of ${width}`, `shape (${rows.shape.join(', ')})`);
    return Array.from({ length: count }, (_, i) => rows.data.slice(i * width, (i + 1) * width));
  };
  const [funcEvals = 0, nIter = 0, t = 0, hDiag = 1, prevLoss = 0] = counters.data;
  const steps = rowsOf(oldSteps, 'oldSteps');
  return {
    funcEvals,
    nIter,
    t,
    hDiag,
    prevLoss,
    direction: rowsOf(direction, 'direction')[0],
    prevGrad: rowsOf(prevGrad, 'prevGrad')[0],
    history: rowsOf(oldDirs, 'oldDirs').map((y, i) => ({ y, s: steps[i] as Float64Array, ro: ro.data[i] as number })),
  };
}

interface Rows {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

const ownerOf = ({ params }: ParamGroup): string => params[0]?.name ?? '';

function mismatch(expected: string, received: string): Error {
  return optimErrors.STATE_MISMATCH({
    subject: 'LBFGS',
    expected,
    received,
    action: 'load a state that was saved with the same model and optimizer',
  });
}
