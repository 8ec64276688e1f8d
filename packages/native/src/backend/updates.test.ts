/** Steps of optimizers: as the reference computes them, in place where that is allowed, on copies where it is not. */
import { cpu } from '@engine/backend-cpu';
import { adamStep, momentumStep } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLibrary } from '../find-library.js';
import { nativeBackend } from './native-backend.js';

const library = findLibrary('node');
const skipped = library === undefined ? ' (no TensorFlow library here: engine backend install node)' : '';

const STEPS = 12;
const start = (): tf.Tensor => tf.sin(tf.range(0, 40));
const gradient = (step: number): tf.Tensor => tf.cos(tf.mul(tf.range(0, 40), 0.3 + step));

interface State {
  readonly value: tf.Variable;
  readonly slots: readonly tf.Variable[];
}
type Step = (
  state: State,
  slope: tf.Tensor,
  options: { readonly step: number; readonly inPlace: boolean },
) => tf.Tensor[];

const momentum =
  (nesterov: boolean): Step =>
  ({ value, slots: [buffer] }, slope, { inPlace }) => {
    const scalars = { momentum: tf.scalar(0.9), descent: tf.scalar(-0.1) };
    const next = momentumStep({ value, buffer: buffer as tf.Variable, slope, ...scalars }, { nesterov, inPlace });
    return [next.value, next.buffer];
  };

const adam =
  (beta1: number): Step =>
  ({ value, slots: [average, averageSquare] }, slope, { step, inPlace }) => {
    const numbers = {
      intake: beta1 > 0.5 ? 1 - beta1 : -beta1,
      keepSquare: 0.999,
      intakeSquare: 1 - 0.999,
      root: Math.sqrt(1 - 0.999 ** step),
      eps: 1e-8,
      descent: -0.01 / (1 - beta1 ** step),
    };
    const scalars = Object.fromEntries(Object.entries(numbers).map(([name, each]) => [name, tf.scalar(each)]));
    const state = { start: value, average: average as tf.Variable, averageSquare: averageSquare as tf.Variable };
    const inputs = { ...state, slope, ...(scalars as Record<keyof typeof numbers, tf.Tensor>) };
    const next = adamStep(inputs, { fromSlope: beta1 <= 0.5, inPlace });
    return [next.value, next.average, next.averageSquare];
  };

const rules: Readonly<Record<string, Step>> = {
  momentum: momentum(false),
  'nesterov momentum': momentum(true),
  adam: adam(0.9),
  'adam that hardly averages': adam(0.3),
};

/** The parameter and its slots after some steps. */
function run(rule: Step, inPlace: boolean): number[][] {
  const state = tf.tidy(() => ({
    value: tf.variable(start()),
    slots: [0, 1].map(() => tf.variable(tf.zeros([40]))),
  }));
  const all = [state.value, ...state.slots];
  for (let step = 1; step <= STEPS; step++)
    tf.tidy(() => {
      rule(state, gradient(step), { step, inPlace }).forEach((next, i) => all[i]?.assign(next));
    });
  const values = all.map((each) => [...each.dataSync()]);
  tf.dispose(all);
  return values;
}

describe.skipIf(library === undefined)(`steps of optimizers on TensorFlow${skipped}`, () => {
  const [native, reference] = [nativeBackend({ name: 'node' }), cpu()];
  const handles = (): number => (tf.backend() as unknown as { runtime: { liveHandles: number } }).runtime.liveHandles;
  beforeAll(async () => {
    await reference.init();
    await native.init();
  });
  afterAll(async () => {
    await native.dispose();
    await reference.dispose();
  });

  it.each(Object.entries(rules))('%s goes where the reference goes', async (_name, rule) => {
    await reference.init();
    const expected = run(rule, false);
    await native.init();
    const results = [run(rule, true), run(rule, false)];
    expect(results[0]).toEqual(results[1]);
    for (const [i, values] of expected.entries())
      for (const [j, value] of values.entries()) {
        // a square takes in 1 - 0.999 as float32 knows it
        const tolerance = i === 2 ? 2e-5 : 2e-6;
        expect(Math.abs((results[0]?.[i]?.[j] as number) - value)).toBeLessThan(
          tolerance * Math.max(1, Math.abs(value)),
        );
      }
  });

  it('leave alone what somebody else sees, and what they were not given', async () => {
    await native.init();
    const [value, buffer] = tf.tidy(() => [tf.variable(tf.ones([3])), tf.variable(tf.zeros([3]))]);
    const kept = tf.clone(value);
    const before = tf.tidy(() => {
      const scalars = { momentum: tf.scalar(0.9), descent: tf.scalar(-1) };
      const slope = tf.tensor1d([1, 2, 3]);
      const first = momentumStep({ value, buffer, slope, ...scalars }, { nesterov: false });
      const untouched = [...value.dataSync(), ...buffer.dataSync()];
      const second = momentumStep({ value, buffer, slope, ...scalars }, { nesterov: false, inPlace: true });
      expect([...second.value.dataSync()]).toEqual([...first.value.dataSync()]);
      expect([...slope.dataSync()]).toEqual([1, 2, 3]);
      value.assign(second.value);
      buffer.assign(second.buffer);
      return untouched;
    });
    expect(before).toEqual([1, 1, 1, 0, 0, 0]);
    expect([...kept.dataSync()]).toEqual([1, 1, 1]);
    expect([...value.dataSync()]).toEqual([0, -1, -2]);
    expect([...buffer.dataSync()]).toEqual([1, 2, 3]);
    tf.dispose([value, buffer, kept]);
  });

  it('are seen by whoever reads the parameter afterwards, in any shape and precision', async () => {
    await native.init();
    const value = tf.tidy(() => tf.variable(tf.ones([2, 2])));
    const product = (): number[] =>
      tf.tidy(() => [
        ...(native as Required<typeof native>)
          .autocast('bfloat16', () => tf.matMul(value as tf.Tensor2D, value as tf.Tensor2D))
          .dataSync(),
      ]);
    const flat = (): number[] => tf.tidy(() => [...tf.add(tf.reshape(value, [4]), tf.range(0, 4)).dataSync()]);
    expect([product(), flat()]).toEqual([
      [2, 2, 2, 2],
      [1, 2, 3, 4],
    ]);
    for (const expected of [2, 4]) {
      tf.tidy(() => {
        const operands = { value, buffer: tf.zeros([2, 2]), slope: tf.neg(value), momentum: tf.scalar(0) };
        value.assign(momentumStep({ ...operands, descent: tf.scalar(-1) }, { nesterov: false, inPlace: true }).value);
      });
      expect(flat()).toEqual([0, 1, 2, 3].map((i) => expected + i));
      expect(product()[0]).toBe(2 * expected ** 2);
    }
    value.dispose();
  });

  it('hold on to nothing', async () => {
    await native.init();
    for (const rule of Object.values(rules)) run(rule, true);
    const before = [handles(), tf.memory().numTensors];
    for (const rule of Object.values(rules)) for (const inPlace of [true, false]) run(rule, inPlace);
    run(rules['adam that hardly averages'] as Step, true);
    expect([handles(), tf.memory().numTensors]).toEqual(before);
  });

  it('do not grow over a thousand steps', async () => {
    await native.init();
    const state = tf.tidy(() => ({
      value: tf.variable(start()),
      slots: [0, 1].map(() => tf.variable(tf.zeros([40]))),
    }));
    const all = [state.value, ...state.slots];
    const train = (steps: number): void => {
      for (let step = 1; step <= steps; step++)
        tf.tidy(() => {
          const { grads } = tf.variableGrads(() => tf.sum(tf.square(state.value)) as tf.Scalar, [state.value]);
          const slope = grads[state.value.name] as tf.Tensor;
          adam(0.9)(state, slope, { step, inPlace: true }).forEach((next, i) => all[i]?.assign(next));
        });
    };
    train(2);
    const before = [handles(), tf.memory().numTensors, tf.memory().numBytes];
    train(1000);
    expect([handles(), tf.memory().numTensors, tf.memory().numBytes]).toEqual(before);
    expect(Math.max(...state.value.dataSync().map(Math.abs))).toBeLessThan(0.2);
    tf.dispose(all);
  });

  it('are a coded error for gradients of another shape, after which the parameter is what it was', async () => {
    await native.init();
    const [value, buffer] = tf.tidy(() => [tf.variable(tf.ones([3])), tf.variable(tf.zeros([3]))]);
    tf.tidy(() => {
      const wrong = { slope: tf.ones([4]), momentum: tf.scalar(0.9), descent: tf.scalar(-1) };
      expect(() => momentumStep({ value, buffer, ...wrong }, { nesterov: false, inPlace: true })).toThrow(
        expect.objectContaining({ code: 'ENGINE_NATIVE_OP_FAILED', subject: 'ResourceApplyMomentum' }),
      );
    });
    expect([...value.dataSync()]).toEqual([1, 1, 1]);
    tf.dispose([value, buffer]);
  });
});
