import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import { hostArray } from '@engine/core';
import { describeEntries } from '@engine/registry/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BCELoss,
  BCEWithLogitsLoss,
  binaryCrossEntropy,
  CosineEmbeddingLoss,
  CrossEntropyLoss,
  CTCLoss,
  ctcLoss,
  DiceLoss,
  GaussianNLLLoss,
  gaussianNllLoss,
  HingeEmbeddingLoss,
  HuberLoss,
  huberLoss,
  KLDivLoss,
  klDiv,
  L1Loss,
  type Loss,
  l1Loss,
  MarginRankingLoss,
  MSELoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  multilabelMarginLoss,
  multiMarginLoss,
  NLLLoss,
  nllLoss,
  PoissonNLLLoss,
  SigmoidFocalLoss,
  SmoothL1Loss,
  SoftMarginLoss,
  smoothL1Loss,
  TripletMarginLoss,
  tripletMarginLoss,
  upload,
} from '../index.js';
import { canonicalSettings, describeModule } from '../testing/index.js';

const numbers = (...shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 12.9898 + 1) * 1.5),
    shape,
  );
const shares = (...shape: number[]): tf.Tensor => tf.sigmoid(numbers(...shape));
const signs = (...shape: number[]): tf.Tensor => tf.sign(numbers(...shape));
const labels = (): tf.Tensor => tf.tensor1d([1, 0, 1], 'int32');

/** Each loss with operands that it takes, the first of which `(3, 2)` unless said otherwise. */
const losses: readonly (readonly [Loss, () => tf.Tensor[]])[] = [
  [new L1Loss(), () => [numbers(3, 2), shares(3, 2)]],
  [new MSELoss(), () => [numbers(3, 2), shares(3, 2)]],
  [new SmoothL1Loss(), () => [numbers(3, 2), shares(3, 2)]],
  [new HuberLoss(), () => [numbers(3, 2), shares(3, 2)]],
  [new CrossEntropyLoss({ weight: [1, 2] }), () => [numbers(3, 2), labels()]],
  [new NLLLoss({ weight: [1, 2] }), () => [tf.logSoftmax(numbers(3, 2)), labels()]],
  [new MultiLabelMarginLoss(), () => [numbers(3, 2), tf.tensor2d([1, -1, 0, 1, -1, 0], [3, 2], 'int32')]],
  [new MultiLabelSoftMarginLoss({ weight: [1, 2] }), () => [numbers(3, 2), shares(3, 2)]],
  [new BCELoss(), () => [shares(3, 2), shares(3, 2)]],
  [new BCEWithLogitsLoss({ posWeight: [1, 2] }), () => [numbers(3, 2), shares(3, 2)]],
  [new SigmoidFocalLoss(), () => [numbers(3, 2), shares(3, 2)]],
  [new DiceLoss(), () => [numbers(3, 2), shares(3, 2)]],
  [new KLDivLoss({ reduction: 'batchmean' }), () => [tf.logSoftmax(numbers(3, 2)), shares(3, 2)]],
  [new PoissonNLLLoss({ full: true }), () => [numbers(3, 2), shares(3, 2)]],
  [new GaussianNLLLoss(), () => [numbers(3, 2), shares(3, 2), shares(3, 2)]],
  [new MultiMarginLoss({ weight: [1, 2] }), () => [numbers(3, 2), labels()]],
  [new HingeEmbeddingLoss(), () => [numbers(3, 2), signs(3, 2)]],
  [new SoftMarginLoss(), () => [numbers(3, 2), signs(3, 2)]],
  [new MarginRankingLoss(), () => [numbers(3, 2), shares(3, 2), signs(3, 2)]],
  [new CosineEmbeddingLoss(), () => [numbers(3, 2), shares(3, 2), signs(3)]],
  [new TripletMarginLoss({ swap: true }), () => [numbers(3, 2), shares(3, 2), signs(3, 2)]],
  [
    new CTCLoss(),
    () => [
      tf.logSoftmax(numbers(5, 3, 4)),
      tf.tensor2d([1, 2, 3, 3, 2, 1], [3, 2], 'int32'),
      tf.tensor1d([5, 4, 5], 'int32'),
      tf.tensor1d([2, 2, 1], 'int32'),
    ],
  ],
];

type EntryOf = { readonly entry: Parameters<typeof describeEntries>[0][number] };
/** Another of the same options. */
const fresh = (loss: Loss): Loss =>
  new (loss.constructor as new (options: object) => Loss)((loss as Loss & { readonly options: object }).options);
describeEntries(
  losses.map(([loss]) => (loss.constructor as unknown as EntryOf).entry),
  Object.fromEntries(Object.entries(canonicalSettings).filter(([key]) => key.startsWith('loss/'))),
);

describe.each([cpu(), wasm()])('loss modules on $name', (backend) => {
  for (const [loss, operands] of losses) {
    describeModule(loss.constructor.name, {
      backend,
      create: () => fresh(loss),
      run: (module) => module.apply(...operands()),
      stateNames: [],
      refuse: (module) => module.apply(numbers(7, 2), ...operands().slice(1)),
    });
  }
});

const backend = wasm();
beforeAll(() => backend.init());

/** The values of `compute`, which may make tensors. */
const valuesOf = (compute: () => tf.Tensor): number[] => tf.tidy(() => [...compute().dataSync()]);

describe('gradients of losses', () => {
  // PyTorch's gradient of CTC is exact below a log softmax only; it is checked there
  const checked = losses.filter(([loss]) => !(loss instanceof CTCLoss));

  it.each(checked.map(([loss, operands]) => ({ name: loss.constructor.name, loss, operands })))(
    '$name: what differences show',
    ({ loss, operands }) => {
      const error = tf.tidy(() => {
        const [x, ...rest] = operands() as [tf.Tensor, ...tf.Tensor[]];
        const run = (first: tf.Tensor): tf.Tensor => loss.apply(first, ...rest);
        const direction = tf.mul(numbers(...x.shape), 0.3);
        const slope = tf.sum(tf.mul(tf.grad(run)(x), direction));
        const step = tf.mul(direction, 1e-2);
        const difference = tf.div(tf.sub(run(tf.add(x, step)), run(tf.sub(x, step))), 2e-2);
        return tf.abs(tf.sub(slope, difference)).dataSync()[0] as number;
      });
      expect(error).toBeLessThan(3e-3);
    },
  );
});

describe('ctcLoss', () => {
  /** The sum over every way to write the labels into the steps, by enumeration. */
  function enumerated(rows: number[][], target: number[], blank: number): number {
    const classes = rows[0]?.length ?? 0;
    let total = 0;
    for (let code = 0; code < classes ** rows.length; code++) {
      const path = rows.map((_, t) => Math.floor(code / classes ** t) % classes);
      const merged = path.filter((label, t) => label !== path[t - 1]).filter((label) => label !== blank);
      if (merged.join() !== target.join()) continue;
      total += path.reduce((product, label, t) => product * Math.exp(rows[t]?.[label] as number), 1);
    }
    return -Math.log(total);
  }

  it.each([
    [[1, 2], 0],
    [[2, 2], 0],
    [[1], 2],
    [[0, 1], 2],
  ])('is the sum over all alignments of %j with blank %d', (target, blank) => {
    const rows = tf.tidy(() => tf.logSoftmax(numbers(4, 3)).arraySync() as number[][]);
    const padded = target.length === 1 ? [...target, 0] : target;
    const ours = valuesOf(() =>
      ctcLoss(
        {
          logProbabilities: tf.tensor3d(rows.map((row) => [row])),
          targets: tf.tensor2d(padded, [1, 2], 'int32'),
          inputLengths: tf.tensor1d([4], 'int32'),
          targetLengths: tf.tensor1d([target.length], 'int32'),
        },
        { blank, reduction: 'sum' },
      ),
    );
    expect(ours[0]).toBeCloseTo(enumerated(rows, target, blank), 4);
  });

  it('has, below a log softmax, the gradient that differences show', () => {
    tf.tidy(() => {
      const run = (logits: tf.Tensor): tf.Scalar =>
        ctcLoss({
          logProbabilities: tf.logSoftmax(logits),
          targets: tf.tensor2d([1, 2, 3, 3], [2, 2], 'int32'),
          inputLengths: tf.tensor1d([5, 4], 'int32'),
          targetLengths: tf.tensor1d([2, 2], 'int32'),
        }) as tf.Scalar;
      const x = numbers(5, 2, 4);
      const direction = tf.cos(x);
      const slope = tf.sum(tf.mul(tf.grad(run)(x), direction)).dataSync()[0] as number;
      const step = tf.mul(direction, 1e-2);
      const difference = tf.div(tf.sub(run(tf.add(x, step)), run(tf.sub(x, step))), 2e-2).dataSync()[0] as number;
      expect(Math.abs(slope - difference)).toBeLessThan(2e-3);
    });
  });
});

const fromHost = (...values: number[]): tf.Tensor =>
  upload(hostArray('int32', [values.length], Int32Array.from(values)));

describe('what losses refuse', () => {
  it.each<[string, string, () => tf.Tensor]>([
    ['SHAPE_MISMATCH', 'l1Loss', () => l1Loss(numbers(2, 1), numbers(2))],
    ['SHAPE_MISMATCH', 'l1Loss', () => l1Loss(numbers(2), numbers(2), { weight: numbers(3) })],
    ['SHAPE_MISMATCH', 'weight', () => nllLoss(numbers(2, 3), fromHost(0, 1), { weight: numbers(2) })],
    ['SHAPE_MISMATCH', 'gaussianNllLoss', () => gaussianNllLoss(numbers(2, 3), numbers(2, 3), shares(3, 3))],
    ['SHAPE_MISMATCH', 'tripletMarginLoss', () => tripletMarginLoss(numbers(2, 3), numbers(2, 3), numbers(3, 3))],
    ['DTYPE_MISMATCH', 'nllLoss', () => nllLoss(numbers(2, 3), numbers(2))],
    ['DTYPE_MISMATCH', 'multilabelMarginLoss', () => multilabelMarginLoss(numbers(2, 3), numbers(2, 3))],
    ['LABEL_OUT_OF_RANGE', 'nllLoss', () => nllLoss(numbers(2, 3), fromHost(0, 3))],
    ['LABEL_OUT_OF_RANGE', 'multiMarginLoss', () => multiMarginLoss(numbers(2, 3), fromHost(0, -100))],
    ['BAD_LOSS_OPTION', 'beta', () => smoothL1Loss(numbers(2), numbers(2), { beta: -1 })],
    ['BAD_LOSS_OPTION', 'delta', () => huberLoss(numbers(2), numbers(2), { delta: 0 })],
    ['BAD_LOSS_OPTION', 'p = 3', () => multiMarginLoss(numbers(2, 3), fromHost(0, 1), { p: 3 as 2 })],
    ['BAD_LOSS_OPTION', 'blank', () => ctcLoss(ctcOperands(), { blank: 4 })],
    ['SHAPE_MISMATCH', 'ctcLoss', () => ctcLoss({ ...ctcOperands(), targets: fromHost(1, 2) })],
    ['DTYPE_MISMATCH', 'inputLengths', () => ctcLoss({ ...ctcOperands(), inputLengths: numbers(1) })],
  ])('ENGINE_MODEL_%s: %s', (code, text, run) => {
    expect(() => valuesOf(run)).toThrow(new RegExp(`ENGINE_MODEL_${code}[\\s\\S]*${text}`));
  });

  function ctcOperands(): Parameters<typeof ctcLoss>[0] {
    return {
      logProbabilities: tf.logSoftmax(numbers(3, 1, 4)),
      targets: tf.tensor2d([1, 2], [1, 2], 'int32'),
      inputLengths: fromHost(3),
      targetLengths: fromHost(2),
    };
  }
});

describe('options of losses', () => {
  it('batchmean divides by the batch, mean by the elements', () => {
    const run = (reduction: 'batchmean' | 'mean'): number =>
      valuesOf(() => klDiv(tf.logSoftmax(numbers(4, 3)), tf.softmax(numbers(4, 3)), { reduction }))[0] as number;
    expect(run('batchmean')).toBeCloseTo(3 * run('mean'), 6);
  });

  it('another distance may measure triplets', () => {
    const distance = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.max(tf.abs(tf.sub(a, b)), -1);
    const [loss] = valuesOf(() =>
      tripletMarginLoss(tf.zeros([1, 2]), tf.tensor2d([[1, 3]]), tf.tensor2d([[2, 0]]), { distance }),
    );
    expect(loss).toBe(2);
  });

  it('a probability of exactly 0 or 1 costs at most 100, and has a finite gradient', () => {
    const run = (p: tf.Tensor): tf.Tensor => binaryCrossEntropy(p, tf.tensor1d([1, 0]), { reduction: 'none' });
    expect(valuesOf(() => run(tf.tensor1d([0, 1])))).toEqual([100, 100]);
    expect(valuesOf(() => tf.grad(run)(tf.tensor1d([0, 1]))).every(Number.isFinite)).toBe(true);
  });
});
