import type { Entry, HostArray, ParameterLike } from '@engine/core';
import { tensorScope } from '@engine/core';
import { Registry } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, describe, expect, it } from 'vitest';
import type { Optimizer, OptimizerGroupInput, OptimizerState } from '../contract.js';
import { disposeParameters, testParameter } from './test-parameter.js';

type Shape = readonly number[];

/** An entry of kind `optimizer`, or a class that carries one. */
export type OptimizerUnderTest = Entry<'optimizer'> | { readonly entry: Entry<'optimizer'> };

/**
 * The conformance kit of optimizers: what every optimizer does, whatever its rule. Call it at the top of a test file, with a
 * backend that is initialised before the tests run, and with options under which the optimizer moves parameters and has all its state.
 * `shapes`, for those that do not take any: of a weight with 6 elements, a bias with 2 and a scale with 1.
 */
export function describeOptimizer(
  optimizer: OptimizerUnderTest,
  options: Readonly<Record<string, unknown>> = {},
  { shapes = [[2, 3], [2], []] }: { readonly shapes?: readonly [Shape, Shape, Shape] } = {},
): void {
  const entry = 'entry' in optimizer ? optimizer.entry : optimizer;
  describe(`optimizer ${entry.name}`, () => {
    const alive: { dispose(): void }[] = [];
    afterEach(() => {
      for (const thing of alive.splice(0)) thing.dispose();
    });

    const parameters = () => {
      const params = [
        testParameter('weight', [1, -2, 0.5, 3, -0.25, 0.125], shapes[0]),
        testParameter('bias', [0.1, -0.2], shapes[1]),
        testParameter('scale', [2], shapes[2]),
      ] as const;
      alive.push({ dispose: () => disposeParameters(params) });
      return params;
    };
    const make = (params: readonly ParameterLike[] | readonly OptimizerGroupInput[], extra: object = {}): Optimizer => {
      const made = new Registry().build(
        'optimizer',
        { type: entry, ...options, ...extra },
        { args: { params: params as readonly ParameterLike[] } },
      );
      alive.push(made);
      return made;
    };

    it('makes one group with its options as fields', () => {
      const params = parameters();
      const { paramGroups, defaults } = make(params);
      expect(paramGroups).toHaveLength(1);
      expect(paramGroups[0]?.params).toEqual([...params]);
      for (const [field, value] of Object.entries(defaults)) expect(paramGroups[0]?.[field]).toEqual(value);
    });

    it('lets the fields of a group win over the options, and keeps fields of others', () => {
      const [weight, bias] = parameters();
      const { paramGroups, defaults } = make([{ params: [weight], lr: 0.25, lrMult: 2 }, { params: [bias] }]);
      expect(paramGroups.map((group) => group.lr)).toEqual([0.25, defaults.lr]);
      expect(paramGroups[0]?.['lrMult']).toBe(2);
    });

    it('moves every parameter that has a gradient, and no other', async () => {
      const params = parameters();
      const before = await valuesOf(params);
      step(make(params), params, 0, ['weight', 'scale']);
      const after = await valuesOf(params);
      expect(after[0]).not.toEqual(before[0]);
      expect(after[1]).toEqual(before[1]);
      expect(after[2]).not.toEqual(before[2]);
    });

    it('gives a skipped parameter no state, so that its next update is its first', async () => {
      const [together, alone] = [parameters(), parameters()];
      const [first, second] = [make(together), make(alone)];
      step(first, together, 0);
      step(second, alone, 0, ['weight']);
      expect([...(await second.stateDict()).tensors.keys()].every((name) => name.endsWith('/weight'))).toBe(true);
      step(second, alone, 0, ['bias', 'scale']);
      expect(await valuesOf(alone)).toEqual(await valuesOf(together));
    });

    it('moves further with a larger learning rate, read from the group at each step', async () => {
      const [slow, fast] = [parameters(), parameters()];
      const [small, large] = [make(slow), make(fast)];
      for (const group of large.paramGroups) group.lr *= 3;
      step(small, slow, 0);
      step(large, fast, 0);
      const start = await valuesOf(parameters());
      const distance = async (params: readonly ParameterLike[]) =>
        (await valuesOf(params))
          .flat()
          .reduce((sum, value, i) => sum + Math.abs(value - (start.flat()[i] as number)), 0);
      expect(await distance(fast)).toBeGreaterThan(await distance(slow));
    });

    it('goes on bit for bit from a saved state', async () => {
      const params = parameters();
      const straight = make(params);
      for (let i = 0; i < 3; i++) step(straight, params, i, i === 1 ? ['weight'] : undefined);
      const state = await straight.stateDict();
      const copies = params.map((param) => testParameter(param.name, param.value.dataSync(), param.shape));
      alive.push({ dispose: () => disposeParameters(copies) });
      for (let i = 3; i < 6; i++) step(straight, params, i);

      const resumed = make(copies, { lr: 0.5 });
      resumed.loadStateDict(state);
      for (let i = 3; i < 6; i++) step(resumed, copies, i);
      expect(await valuesOf(copies)).toEqual(await valuesOf(params));
      expect(plain((await resumed.stateDict()).tensors)).toEqual(plain((await straight.stateDict()).tensors));
      expect((await resumed.stateDict()).paramGroups).toEqual((await straight.stateDict()).paramGroups);
    });

    it('skips an update that the device says to skip, and counts on from the one before', async () => {
      const [skipping, plain] = [parameters(), parameters()];
      const [made, other] = [make(skipping), make(plain)];
      if (made.takeBack === undefined) return; // cannot skip: OptimWrappers that need it refuse this optimizer
      for (const [i, skip] of [true, false, true, false].entries()) {
        const before = await valuesOf(skipping);
        step(made, skipping, i, undefined, skip);
        if (skip) expect(await valuesOf(skipping)).toEqual(before);
        if (skip) made.takeBack();
        else step(other, plain, i);
      }
      expect(await valuesOf(skipping)).toEqual(await valuesOf(plain));
      expect(plainOf(await made.stateDict())).toEqual(plainOf(await other.stateDict()));
    });

    it('saves a copy that later steps do not change, named <slot>/<parameter>', async () => {
      const params = parameters();
      const made = make(params);
      step(made, params, 0);
      const state = await made.stateDict();
      const copy = plain(state.tensors);
      step(made, params, 1);
      expect(plain(state.tensors)).toEqual(copy);
      const names = params.map((param) => param.name);
      for (const name of state.tensors.keys()) expect(names).toContain(name.slice(name.indexOf('/') + 1));
      expect(JSON.parse(JSON.stringify(state.paramGroups))).toEqual(state.paramGroups);
    });

    it('refuses a state of other parameters with ENGINE_OPTIM_STATE_MISMATCH and stays as it was', async () => {
      const params = parameters();
      const [made, other] = [make(params), make([params[0]])];
      step(made, params, 0);
      const [own, foreign] = [await made.stateDict(), await other.stateDict()];
      const misfit = {
        ...own,
        tensors: new Map([...own.tensors, ['nothing/weight', own.tensors.values().next().value as HostArray]]),
      };
      for (const state of own.tensors.size === 0 ? [foreign] : [foreign, misfit]) {
        expect(() => made.loadStateDict(state)).toThrow(
          expect.objectContaining({ code: 'ENGINE_OPTIM_STATE_MISMATCH' }),
        );
      }
      expect(plain((await made.stateDict()).tensors)).toEqual(plain(own.tensors));
    });

    it('keeps the number of tensors flat, and frees its state and nothing else', () => {
      const params = parameters();
      const before = tf.memory().numTensors;
      const made = make(params);
      step(made, params, 0);
      const warm = tf.memory().numTensors;
      for (let i = 1; i < 5; i++) step(made, params, i);
      expect(tf.memory().numTensors).toBe(warm);
      made.dispose();
      expect(tf.memory().numTensors).toBe(before);
      expect(params.some((param) => param.value.isDisposed)).toBe(false);
    });

    it('refuses misuse with coded errors', () => {
      const params = parameters();
      const coded = (misuse: () => unknown, code: string) => expect(misuse).toThrow(expect.objectContaining({ code }));
      coded(() => make([]), 'ENGINE_OPTIM_NO_PARAMETERS');
      coded(() => make([...params, params[0]]), 'ENGINE_OPTIM_DUPLICATE_PARAMETER');
      coded(() => make(params, { notAnOption: 1 }), 'ENGINE_REGISTRY_UNKNOWN_OPTION');
      coded(() => make(params, { lr: -1 }), 'ENGINE_REGISTRY_BAD_OPTION_VALUE');
      coded(() => make(params, { lr: 'fast' }), 'ENGINE_REGISTRY_BAD_OPTION_TYPE');
      const made = make(params);
      tensorScope(() => {
        coded(() => made.apply(new Map([['nobody', tf.scalar(1)]])), 'ENGINE_OPTIM_UNKNOWN_PARAMETER');
        coded(() => made.apply(new Map([['bias', tf.zeros([7])]])), 'ENGINE_OPTIM_GRADIENT_SHAPE');
      });
    });
  });
}

/** One update with gradients that depend on the step number and the parameter's place only; `skip` as the device finds it. */
function step(
  optimizer: Optimizer,
  params: readonly ParameterLike[],
  number: number,
  only?: readonly string[],
  skip?: boolean,
): void {
  tensorScope(() => {
    const given = params.filter((param) => only === undefined || only.includes(param.name));
    const gradOf = ({ shape }: ParameterLike) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      const values = Array.from({ length: size }, (_, i) => Math.sin(1 + i + 2 * number) * (1 + number));
      return tf.tensor(Float32Array.from(values), [...shape], 'float32');
    };
    const grads = new Map(given.map((param) => [param.name, gradOf(param)]));
    optimizer.apply(grads, skip === undefined ? {} : { skip: tf.scalar(skip, 'bool') });
  });
}

async function valuesOf(params: readonly ParameterLike[]): Promise<number[][]> {
  return Promise.all(params.map(async (param) => Array.from(await param.value.data())));
}

const plainOf = ({ tensors, paramGroups }: OptimizerState) => ({ tensors: plain(tensors), paramGroups });

const plain = (tensors: ReadonlyMap<string, HostArray>) =>
  Object.fromEntries(
    [...tensors].map(([name, { dtype, shape, data }]) => [
      name,
      { dtype, shape: [...shape], data: Array.from<number | bigint>(data) },
    ]),
  );
