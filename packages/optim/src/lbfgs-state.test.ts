import { cpu } from '@engine/backend-cpu';
import { hostArray } from '@engine/core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OptimizerState, ParamGroup } from './contract.js';
import { type FlatLBFGSState, freshLBFGSState } from './flat-lbfgs.js';
import { loadLBFGSState as load, saveLBFGSState } from './lbfgs-state.js';
import { disposeParameters, testParameter } from './testing/index.js';

beforeAll(() => cpu().init());
const params: ReturnType<typeof testParameter>[] = [];
afterEach(() => disposeParameters(params.splice(0)));

function group(names: readonly string[] = ['a', 'b']): ParamGroup {
  const made = names.map((name, i) =>
    testParameter(
      name,
      Array.from({ length: i + 1 }, () => 1),
    ),
  );
  params.push(...made);
  return { params: made, lr: 0.5, historySize: 4 };
}

const loadLBFGSState = (target: ParamGroup, saved: OptimizerState): FlatLBFGSState =>
  load(target, saved, ['lr', 'historySize']);

const vector = (...values: number[]): Float64Array => Float64Array.from(values);
const state: FlatLBFGSState = {
  funcEvals: 7,
  nIter: 3,
  t: 0.25,
  hDiag: 0.1,
  prevLoss: 1 / 3,
  direction: vector(1, -2, 3),
  prevGrad: vector(0.1, 0.2, 0.3),
  history: [
    { y: vector(1, 2, 3), s: vector(4, 5, 6), ro: 0.5 },
    { y: vector(-1, 0, 1e-30), s: vector(0, 0, 7), ro: 2 },
  ],
};

describe('the state of LBFGS', () => {
  it('comes back in full precision, with the fields of the group', () => {
    const saved = saveLBFGSState(group(), state);
    const other = { ...group(), lr: 3, initialLr: 4 };
    expect(loadLBFGSState(other, saved)).toEqual(state);
    expect(other).toMatchObject({ lr: 0.5, historySize: 4 });
    expect(other).not.toHaveProperty('initialLr');
    expect([...saved.tensors.keys()].every((name) => name.endsWith('/a'))).toBe(true);
    expect(JSON.parse(JSON.stringify(saved.paramGroups))).toEqual(saved.paramGroups);
  });

  it('is a copy', () => {
    const mine = { ...state, direction: vector(1, -2, 3) };
    const saved = saveLBFGSState(group(), mine);
    mine.direction[0] = 99;
    expect(loadLBFGSState(group(), saved).direction).toEqual(vector(1, -2, 3));
  });

  it('is nothing before the first step, and with an empty history has none', () => {
    expect(saveLBFGSState(group(), freshLBFGSState()).tensors.size).toBe(0);
    expect(loadLBFGSState(group(), saveLBFGSState(group(), freshLBFGSState()))).toEqual(freshLBFGSState());
    const begun = { ...state, history: [] };
    expect(loadLBFGSState(group(), saveLBFGSState(group(), begun))).toEqual(begun);
  });

  it('does not fit other parameters, other sizes, missing, unknown or single-precision arrays', () => {
    const saved = saveLBFGSState(group(), state);
    const refused = (target: ParamGroup, given: OptimizerState, received: string): void =>
      expect(() => loadLBFGSState(target, given)).toThrow(
        expect.objectContaining({ code: 'ENGINE_OPTIM_STATE_MISMATCH', received: expect.stringContaining(received) }),
      );
    const withArray = (name: string, array?: ReturnType<typeof hostArray>): OptimizerState => {
      const tensors = new Map(saved.tensors);
      if (array === undefined) tensors.delete(name);
      else tensors.set(name, array);
      return { ...saved, tensors };
    };
    refused(group(['a', 'c']), saved, 'a,b');
    refused(group(), { ...saved, paramGroups: [] }, '0 groups');
    refused(group(), { ...saved, paramGroups: [{ params: ['a', 'b'] }] }, 'lr, historySize');
    refused(group(), withArray('direction/a'), 'nothing');
    refused(group(), withArray('ro/a', hostArray('float32', [1], Float32Array.of(1))), 'float32');
    refused(group(), withArray('more/a', hostArray('float64', [1], Float64Array.of(1))), 'more/a');
    refused(group(), withArray('oldDirs/a', hostArray('float64', [1, 2], Float64Array.of(1, 2))), '(1, 2)');
    const untouched = group();
    refused(untouched, withArray('direction/a'), 'nothing');
    expect(untouched.lr).toBe(0.5);
  });
});
