import { cpu } from '@engine/backend-cpu';
import { EngineError, type ParameterLike, tensorScope } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  AdamW,
  BaseOptimizer,
  defineOptimizer,
  type OptimizerParams,
  SGD,
  type UpdateInput,
  type UpdateResult,
} from './index.js';
import { describeOptimizer, disposeParameters, testParameter } from './testing/index.js';

beforeAll(() => cpu().init());

const alive: { dispose(): void }[] = [];
afterEach(() => {
  for (const thing of alive.splice(0)) thing.dispose();
});

function parameter(name: string, values: readonly number[]): ParameterLike {
  const made = testParameter(name, values);
  alive.push({ dispose: () => disposeParameters([made]) });
  return made;
}

const code = (reason: string) => expect.objectContaining({ code: reason });

// an optimizer as a plugin author would write it
const signOptions = z.strictObject({
  lr: z._default(z.number().check(z.nonnegative()), 0.01),
  inertia: z._default(z.number(), 0.9),
});
type SignFields = z.output<typeof signOptions>;

class SignMomentum extends BaseOptimizer<SignFields, 'lr' | 'inertia' | 'intake', 'trend'> {
  static readonly entry = defineOptimizer({
    name: 'SignMomentum',
    options: signOptions,
    create: (options, { args }) => new SignMomentum(args.params, options),
  });

  constructor(params: OptimizerParams, options: z.input<typeof signOptions> = {}) {
    super(params, options, { name: 'SignMomentum', schema: signOptions });
  }

  protected override slotsOf(): readonly 'trend'[] {
    return ['trend'];
  }

  protected override hyperParameters(
    { lr, inertia }: SignFields,
    step: number,
  ): Record<'lr' | 'inertia' | 'intake', number> {
    return { lr: lr / Math.sqrt(step), inertia, intake: 1 - inertia };
  }

  protected override update({
    value,
    grad,
    slots,
    hyper,
  }: UpdateInput<'lr' | 'inertia' | 'intake', 'trend'>): UpdateResult<'trend'> {
    const trend = tf.add(tf.mul(slots.trend, hyper.inertia), tf.mul(grad, hyper.intake));
    return { value: tf.sub(value, tf.mul(tf.sign(trend), hyper.lr)), slots: { trend } };
  }
}

describe('a plugin', () => {
  it('moves by its own rule', () => {
    const a = parameter('a', [1, 1]);
    const optimizer = new SignMomentum([a], { lr: 0.5 });
    alive.push(optimizer);
    tensorScope(() => optimizer.apply(new Map([['a', tf.tensor1d([3, -0.1])]])));
    expect(Array.from(a.value.dataSync())).toEqual([0.5, 1.5]);
  });
});

describe('BaseOptimizer', () => {
  it('makes its state before the first step', () => {
    const a = parameter('a', [1]);
    const before = tf.memory().numTensors;
    const optimizer = new AdamW([a], {});
    alive.push(optimizer);
    expect(tf.memory().numTensors).toBe(before + 2);
  });

  it('leaves gradients to their owner', () => {
    const a = parameter('a', [1]);
    const optimizer = new SGD([a], {});
    const grad = tf.tensor1d([1]);
    alive.push(optimizer, grad);
    optimizer.apply(new Map([['a', grad]]));
    optimizer.apply(new Map([['a', grad]]));
    expect(grad.isDisposed).toBe(false);
    expect(a.value.dataSync()[0]).toBeCloseTo(0.998, 6);
  });

  it('takes momentum that a schedule switches on later', () => {
    const a = parameter('a', [1]);
    const optimizer = new SGD([a], { lr: 1 });
    alive.push(optimizer);
    const step = () => tensorScope(() => optimizer.apply(new Map([['a', tf.tensor1d([1])]])));
    step();
    (optimizer.paramGroups[0] as { momentum: number }).momentum = 0.5;
    step();
    step();
    expect(a.value.dataSync()[0]).toBe(1 - 1 - 1 - 1.5);
  });

  it('drops group fields that a loaded state does not have', async () => {
    const a = parameter('a', [1]);
    const optimizer = new SGD([a], {});
    alive.push(optimizer);
    const state = await optimizer.stateDict();
    Object.assign(optimizer.paramGroups[0] as object, { initialLr: 3, lr: 2 });
    optimizer.loadStateDict(state);
    expect(optimizer.paramGroups[0]).toEqual({ params: [a], ...optimizer.defaults });
  });

  it('refuses gradients and parameters that do not fit', () => {
    const [a, b] = [parameter('a', [1, 2]), parameter('b', [1])];
    const twin = parameter('a', [5]);
    const optimizer = new SGD([a], {});
    alive.push(optimizer);
    tensorScope(() => {
      expect(() => optimizer.apply(new Map([['b', tf.tensor1d([1])]]))).toThrow(code('ENGINE_OPTIM_UNKNOWN_PARAMETER'));
      expect(() => optimizer.apply(new Map([['a', tf.tensor1d([1])]]))).toThrow(code('ENGINE_OPTIM_GRADIENT_SHAPE'));
    });
    expect(() => new SGD([a, twin], {})).toThrow(code('ENGINE_OPTIM_DUPLICATE_PARAMETER'));
    expect(() => new SGD([{ params: [a, b] }, { params: [b] }], {})).toThrow(code('ENGINE_OPTIM_DUPLICATE_PARAMETER'));
  });

  it('refuses any option that is not one, with a coded error and without leaking', () => {
    const a = parameter('a', [1]);
    const before = tf.memory().numTensors;
    fc.assert(
      fc.property(
        fc.constantFrom('lr', 'betas', 'eps', 'weightDecay', 'amsgrad', 'typo'),
        fc.anything(),
        (option, value) => {
          let refused: unknown;
          try {
            new AdamW([a], { [option]: value }).dispose();
          } catch (error) {
            refused = error;
          }
          if (refused !== undefined) expect(refused).toBeInstanceOf(EngineError);
          else expect(['number', 'boolean', 'object', 'undefined']).toContain(typeof value);
        },
      ),
    );
    expect(tf.memory().numTensors).toBe(before);
  });
});

describeOptimizer(SignMomentum);
