import { wasm } from '@engine/backend-wasm';
import { type ParameterLike, tensorScope } from '@engine/core';
import { BaseModel, ExponentialMovingAverage, Linear, type Mode, ModuleList, mseLoss } from '@engine/model';
import { AdamW, OptimWrapper } from '@engine/optim';
import * as tf from '@tensorflow/tfjs-core';
import type { Bench } from './harness/bench.js';
import { lenetTraining } from './harness/lenet.js';
import { median } from './harness/measure.js';

const SHARE = 0.15;
const STEPS = 10;
const UPDATES = 40;
const WARM_UP = 20;
const LAYERS = 50;
const WIDTH = 64;

/** An AdamW step over LeNet's ten parameters against 15 % of a training step: above 1 it takes less than that. */
export const bench: Bench = {
  name: 'optim',
  aim: 1,
  unit: `AdamW step over LeNet against ${SHARE * 100} % of a training step`,
  rounds: 9,
  async prepare() {
    const backend = wasm({ threads: 1 });
    await backend.init();
    const lenet = lenetTraining();
    const update = adamWUpdates([...lenet.model.parameters()]);
    const others = new Others(lenet.model);
    await timed(lenet.step, WARM_UP);
    return {
      ours: {
        name: '@engine on wasm, 1 thread',
        async round() {
          await others.round();
          return timed(update.run, UPDATES);
        },
        async close() {
          others.print(median(steps));
          others.free();
          update.free();
          lenet.free();
          await backend.dispose();
        },
      },
      rival: {
        name: `${SHARE * 100} % of the step`,
        async round() {
          const took = await timed(lenet.step, STEPS);
          steps.push(took);
          return SHARE * took;
        },
      },
    };
  },
};

/** Milliseconds of the training steps measured so far. */
const steps: number[] = [];

/** Milliseconds of one call, over several. */
async function timed(work: () => unknown, calls: number): Promise<number> {
  const started = performance.now();
  for (let i = 0; i < calls; i++) await work();
  return (performance.now() - started) / calls;
}

interface Updates {
  run(): void;
  free(): void;
}

/** AdamW steps with gradients that stay the same. */
function adamWUpdates(params: readonly ParameterLike[]): Updates {
  const optimizer = new AdamW(params, { lr: 1e-4 });
  const grads = new Map(
    params.map(({ name, shape }, i) => [name, tf.randomNormal([...shape], 0, 0.01, 'float32', i + 1)]),
  );
  return {
    run: () => tensorScope(() => optimizer.apply(grads)),
    free() {
      optimizer.dispose();
      tf.dispose([...grads.values()]);
    },
  };
}

/** Linear layers one after the other: two parameters each. */
class Deep extends BaseModel {
  readonly layers = new ModuleList(Array.from({ length: LAYERS }, () => new Linear(WIDTH, WIDTH)));

  override forward(inputs: tf.Tensor, targets: tf.Tensor, mode: Mode): unknown {
    let x = inputs;
    for (const layer of this.layers) x = tf.relu(layer.apply(x as tf.Tensor2D) as tf.Tensor);
    return mode === 'loss' ? { loss: mseLoss(x, targets) } : x;
  }
}

/** What else belongs to a step: many parameters, clipping, a running average of the weights. */
class Others {
  readonly #times = new Map<string, number[]>();
  readonly #work: readonly (readonly [name: string, work: () => unknown])[];
  readonly #freed: { free(): void }[] = [];

  constructor(model: BaseModel) {
    const deep = new Deep();
    deep.initWeights(0);
    const [inputs, targets] = [1, 2].map((seed) => tf.randomNormal([64, WIDTH], 0, 1, 'float32', seed)) as [
      tf.Tensor,
      tf.Tensor,
    ];
    const wrapper = new OptimWrapper({ optimizer: new AdamW(deep.parameters(), { lr: 1e-4 }) });
    const many = adamWUpdates([...deep.parameters()]);
    const [plain, clipped] = [{}, { clipGrad: { maxNorm: 1 } }].map((options) => {
      const made = new OptimWrapper({ optimizer: new AdamW(model.parameters(), { lr: 1e-6 }), ...options });
      this.#freed.push({ free: () => made.dispose() });
      const sums = (): tf.Tensor =>
        tf.sum(tf.concat1d([...model.parameters()].map(({ value }) => tf.reshape(value, [-1]))));
      return () => made.updateParams(sums);
    }) as [() => unknown, () => unknown];
    const average = new ExponentialMovingAverage(model);
    this.#work = [
      [
        'deep step',
        () => wrapper.updateParams(() => deep.forward(inputs, targets, 'loss') as { loss: tf.Tensor }).loss.read(),
      ],
      ['deep update', many.run],
      ['plain', plain],
      ['clipped', clipped],
      ['ema', () => average.updateParameters(model)],
    ];
    this.#freed.push(many, {
      free() {
        wrapper.dispose();
        average.dispose();
        deep.dispose();
        tf.dispose([inputs, targets]);
      },
    });
  }

  async round(): Promise<void> {
    for (const [name, work] of this.#work) {
      const times = this.#times.get(name) ?? [];
      times.push(await timed(work, STEPS));
      this.#times.set(name, times);
    }
  }

  print(step: number): void {
    const of = (name: string): number => median(this.#times.get(name) ?? []);
    const line = (what: string, took: number, whole: number): void =>
      console.log(
        `${what}: ${took.toFixed(3)} ms, ${((took / whole) * 100).toFixed(1)} % of a step of ${whole.toFixed(3)} ms`,
      );
    line(
      `AdamW step over ${2 * LAYERS} parameters (${LAYERS} linear layers of ${WIDTH})`,
      of('deep update'),
      of('deep step'),
    );
    line('clipping by norm over LeNet', Math.max(0, of('clipped') - of('plain')), step);
    line('moving average over LeNet', of('ema'), step);
  }

  free(): void {
    for (const each of this.#freed) each.free();
  }
}
