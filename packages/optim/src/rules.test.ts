/** The update rules against doubles on the host, written once more from the papers: every combination of options, not only those recorded. */
import { cpu } from '@engine/backend-cpu';
import { tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { Adam, type AdamOptions, AdamW, type Optimizer, SGD, type SGDOptions } from './index.js';
import { disposeParameters, testParameter } from './testing/index.js';

beforeAll(() => cpu().init());

const SIZE = 3;
const unit = fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround);
const vector = fc.array(unit, { minLength: SIZE, maxLength: SIZE });
/** Null: no gradient in that step. */
const run = fc.array(fc.option(vector, { freq: 5 }), { minLength: 1, maxLength: 6 });
const rate = fc.double({ min: 1e-3, max: 0.3, noNaN: true });
const decay = fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 0.2, noNaN: true }));

type Rule = (p: number, g: number) => number;

/** One element of a parameter under SGD; remembers its momentum. */
function sgd({ lr = 0, momentum = 0, dampening = 0, weightDecay = 0, nesterov, maximize }: SGDOptions): Rule {
  let buffer: number | undefined;
  return (p, g) => {
    const slope = (maximize === true ? -g : g) + weightDecay * p;
    if (momentum === 0) return p - lr * slope;
    buffer = buffer === undefined ? slope : momentum * buffer + (1 - dampening) * slope;
    return p - lr * (nesterov === true ? slope + momentum * buffer : buffer);
  };
}

/** One element under Adam or AdamW, in the form of the paper: corrected averages, epsilon outside of the root. */
function adam(
  { lr = 0, betas: [beta1, beta2] = [0.9, 0.999], eps = 1e-8, weightDecay = 0, amsgrad, maximize }: AdamOptions,
  decoupled: boolean,
): Rule {
  let [m, v, largest, t] = [0, 0, 0, 0];
  return (p, g) => {
    t += 1;
    const shrunk = decoupled ? p * (1 - lr * weightDecay) : p;
    const slope = (maximize === true ? -g : g) + (decoupled ? 0 : weightDecay * p);
    m = beta1 * m + (1 - beta1) * slope;
    v = beta2 * v + (1 - beta2) * slope ** 2;
    largest = Math.max(largest, v);
    const spread = amsgrad === true ? largest : v;
    return shrunk - (lr * (m / (1 - beta1 ** t))) / (Math.sqrt(spread / (1 - beta2 ** t)) + eps);
  };
}

interface Trial {
  readonly start: readonly number[];
  readonly grads: readonly (readonly number[] | null)[];
}

function expectRule(
  optimizerOf: (param: ReturnType<typeof testParameter>) => Optimizer,
  rule: () => Rule,
  trial: Trial,
) {
  const param = testParameter('p', trial.start);
  const optimizer = optimizerOf(param);
  const rules = trial.start.map(rule);
  let expected = [...trial.start];
  try {
    for (const grad of trial.grads) {
      tensorScope(() => optimizer.apply(new Map(grad === null ? [] : [['p', tf.tensor1d([...grad])]])));
      if (grad !== null) expected = expected.map((p, i) => (rules[i] as Rule)(p, grad[i] as number));
      for (const [i, value] of param.value.dataSync().entries())
        expect(Math.abs(value - (expected[i] as number))).toBeLessThan(
          2e-5 * Math.max(1, Math.abs(expected[i] as number)),
        );
    }
  } finally {
    optimizer.dispose();
    disposeParameters([param]);
  }
}

describe('SGD', () => {
  const options: fc.Arbitrary<SGDOptions> = fc
    .record({
      lr: rate,
      momentum: fc.constantFrom(0, 0.5, 0.9),
      dampening: fc.constantFrom(0, 0.3, 1),
      weightDecay: decay,
      nesterov: fc.boolean(),
      maximize: fc.boolean(),
    })
    .map((drawn) => (drawn.momentum > 0 && drawn.dampening === 0 ? drawn : { ...drawn, nesterov: false }));

  it('is its formula, with any options and with gradients missing now and then', () => {
    fc.assert(
      fc.property(options, vector, run, (sgdOptions, start, grads) =>
        expectRule(
          (param) => new SGD([param], sgdOptions),
          () => sgd(sgdOptions),
          { start, grads },
        ),
      ),
      { numRuns: 80 },
    );
  });
});

describe.each([
  ['Adam', Adam, false],
  ['AdamW', AdamW, true],
] as const)('%s', (_name, Type, decoupled) => {
  const options: fc.Arbitrary<AdamOptions> = fc.record({
    lr: rate,
    betas: fc.constantFrom<[number, number]>([0.9, 0.999], [0, 0.99], [0.5, 0], [0, 0]),
    eps: fc.constantFrom(1e-8, 1e-3, 1),
    weightDecay: decay,
    amsgrad: fc.boolean(),
    maximize: fc.boolean(),
  });
  /** A gradient of nearly zero over its own root is a direction that float32 cannot tell. */
  const safe = fc.array(
    unit.map((g) => (Math.abs(g) < 0.05 ? 0.05 : g)),
    { minLength: SIZE, maxLength: SIZE },
  );
  const safeRun = fc.array(fc.option(safe, { freq: 5 }), { minLength: 1, maxLength: 6 });

  it('is its formula, with any options and with gradients missing now and then', () => {
    fc.assert(
      fc.property(options, vector, safeRun, (adamOptions, start, grads) => {
        // an L2 penalty may cancel a gradient, which leaves the sign of the step to rounding
        const steady = decoupled ? adamOptions : { ...adamOptions, eps: Math.max(adamOptions.eps ?? 0, 0.5) };
        expectRule(
          (param) => new Type([param], steady),
          () => adam(steady, decoupled),
          { start, grads },
        );
      }),
      { numRuns: 80 },
    );
  });

  it('follows what a schedule writes into its groups between steps', () => {
    const [moved, twin] = [testParameter('p', [1, -1]), testParameter('p', [1, -1])];
    const [scheduled, fixed] = [new Type([moved], { lr: 1e-3 }), new Type([twin], { lr: 0.1, betas: [0.5, 0.9] })];
    const [group] = scheduled.paramGroups;
    if (group !== undefined) Object.assign(group, { lr: 0.1, betas: [0.5, 0.9] });
    for (const optimizer of [scheduled, fixed])
      tensorScope(() => optimizer.apply(new Map([['p', tf.tensor1d([0.5, 2])]])));
    expect(moved.value.dataSync()).toEqual(twin.value.dataSync());
    for (const optimizer of [scheduled, fixed]) optimizer.dispose();
    disposeParameters([moved, twin]);
  });
});
