import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import type { HostArray } from '@engine/core';
import { tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Adam, AdamW, type Optimizer, SGD } from './index.js';
import { disposeParameters, testParameter } from './testing/index.js';

/** Recorded runs of torch.optim (shared parity data `numerics/optimizers.json`). */
interface Encoded {
  readonly shape: number[];
  readonly dtype: string;
  readonly data: string;
}
interface Case {
  readonly id: string;
  readonly optimizer: string;
  readonly args: Record<string, unknown>;
  readonly groups: readonly ({ index: number[] } & Record<string, unknown>)[] | null;
  readonly data: number;
  readonly raises: { readonly type: string } | null;
  readonly params_after_step: Encoded[][];
  readonly state: Record<string, Record<string, Encoded>>;
  readonly param_groups: readonly Record<string, unknown>[];
  readonly max_rel_err_vs_float64: number;
}
interface Golden {
  readonly inputs: readonly { params: Encoded[]; grads: (Encoded | null)[][] }[];
  readonly cases: readonly Case[];
}

const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/optimizers.json', import.meta.url), 'utf8'),
) as Golden;
const ours = { SGD, Adam, AdamW };
const cases = golden.cases.filter((c): c is Case & { optimizer: keyof typeof ours } => c.optimizer in ours);

const camel = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
const options = (args: object) => Object.fromEntries(Object.entries(args).map(([key, value]) => [camel(key), value]));
const floats = ({ data }: Encoded) => new Float32Array(Uint8Array.from(Buffer.from(data, 'base64')).buffer);
const tensorOf = (encoded: Encoded) => tf.tensor(floats(encoded), encoded.shape, 'float32');

/**
 * A parameter on its way through zero: PyTorch's fused multiply-add keeps half a unit in the last place of the larger operand
 * that separate ops round away (fused arithmetic on the host gives the recorded values of SGD bit for bit; measured).
 */
const ROUNDING = 2e-7;

/** Largest difference, less what rounding explains, relative to |expected| + 1e-3. */
function distance(got: ArrayLike<number>, want: ArrayLike<number>, rounding = 0): number {
  expect(got.length).toBe(want.length);
  return Math.max(
    0,
    ...Array.from(
      want,
      (value, i) => Math.max(0, Math.abs((got[i] as number) - value) - rounding) / (Math.abs(value) + 1e-3),
    ),
  );
}

describe('torch.optim', () => {
  beforeAll(() => cpu().init());
  let params: ReturnType<typeof testParameter>[] = [];
  let made: Optimizer | undefined;
  afterEach(() => {
    made?.dispose();
    made = undefined;
    disposeParameters(params);
  });

  const make = (c: (typeof cases)[number]): Optimizer => {
    params = (golden.inputs[c.data]?.params ?? []).map((encoded, i) =>
      testParameter(`p${i}`, floats(encoded), encoded.shape),
    );
    const groups = c.groups?.map(({ index, ...fields }) => ({
      params: index.map((i) => params[i] as (typeof params)[number]),
      ...options(fields),
    }));
    return new ours[c.optimizer](groups ?? params, options(c.args));
  };

  it('has all cases of the optimizers that exist', () => {
    expect(cases).toHaveLength(30);
    expect(cases.filter((c) => c.raises !== null)).toHaveLength(7);
  });

  it.each(cases.filter((c) => c.raises === null).map((c) => [c.id, c] as const))(
    '%s follows every step',
    async (_, c) => {
      const optimizer = make(c);
      made = optimizer;
      const tolerance = 1e-6 + 10 * c.max_rel_err_vs_float64;
      for (const [step, expected] of c.params_after_step.entries()) {
        tensorScope(() => {
          const grads = golden.inputs[c.data]?.grads[step] ?? [];
          optimizer.apply(
            new Map(grads.flatMap((grad, i) => (grad === null ? [] : [[`p${i}`, tensorOf(grad)] as const]))),
          );
        });
        for (const [i, want] of expected.entries()) {
          const value = params[i]?.value.dataSync() as Float32Array;
          const rounding = step === c.params_after_step.length - 1 ? 0 : ROUNDING;
          expect(distance(value, floats(want), rounding), `step ${step}, parameter ${i}`).toBeLessThanOrEqual(
            tolerance,
          );
        }
      }
      const state = await optimizer.stateDict();
      const order = c.groups?.flatMap((group) => group.index) ?? [0, 1, 2];
      const want = Object.entries(c.state).flatMap(([place, slots]) =>
        Object.entries(slots).map(([slot, value]) => [`${camel(slot)}/p${order[Number(place)]}`, value] as const),
      );
      expect([...state.tensors.keys()].sort()).toEqual(want.map(([name]) => name).sort());
      for (const [name, encoded] of want) {
        const got = state.tensors.get(name) as HostArray;
        expect(
          distance(Array.from<number | bigint, number>(got.data, Number), floats(encoded)),
          name,
        ).toBeLessThanOrEqual(tolerance);
      }
      for (const [i, group] of c.param_groups.entries()) {
        const { params: _params, ...fields } = options(group);
        const { decoupledWeightDecay: _which, ...expected } = fields as Record<string, unknown>;
        expect(state.paramGroups[i]).toMatchObject(expected);
      }
    },
  );

  it.each(cases.filter((c) => c.raises !== null).map((c) => [c.id, c] as const))('%s is refused', (_, c) => {
    const code = c.args['nesterov'] === true ? 'ENGINE_OPTIM_NESTEROV' : 'ENGINE_REGISTRY_BAD_OPTION_VALUE';
    expect(() => make(c)).toThrow(expect.objectContaining({ code }));
  });
});
