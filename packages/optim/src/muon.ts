import type { Entry, ParameterLike } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { BaseOptimizer, type UpdateInput, type UpdateResult } from './base-optimizer.js';
import { defineOptimizer } from './define.js';
import { optimErrors } from './errors.js';
import { nonnegative } from './option-schemas.js';
import type { OptimizerParams } from './param-groups.js';
import { lerp, lerpWeight } from './slope.js';
import { norm } from './trust-ratio.js';

const muonOptions = z.strictObject({
  /** Learning rate. */
  lr: z._default(nonnegative(), 1e-3),
  /** Weights shrink by `lr * weightDecay`. */
  weightDecay: z._default(nonnegative(), 0.1),
  momentum: z._default(nonnegative(), 0.95),
  nesterov: z._default(z.boolean(), true),
  /** Coefficients of the quintic polynomial that pushes singular values towards 1. */
  nsCoefficients: z._default(z.tuple([z.number(), z.number(), z.number()]), [3.4445, -4.775, 2.0315]),
  /** Smallest norm that is divided by. */
  eps: z._default(nonnegative(), 1e-7),
  /** Applications of the polynomial. */
  nsSteps: z._default(z.int().check(z.gte(0), z.lt(100)), 5),
  /** How the rate depends on the shape; null is `original`. */
  adjustLrFn: z._default(z.nullable(z.enum(['original', 'match_rms_adamw', 'spectral_unclamped'])), null),
});

export interface MuonOptions extends z.input<typeof muonOptions> {}
type Fields = z.output<typeof muonOptions>;
type Hyper = 'lr' | 'mix' | 'intake' | 'shrink' | 'a' | 'b' | 'c' | 'eps';
type Slot = 'momentumBuffer';

declare module '@engine/registry' {
  interface Optimizers {
    Muon: typeof Muon;
  }
}

/**
 * Muon (Jordan et al., 2024), as in PyTorch, but in float32 where PyTorch orthogonalises in bfloat16. For weights with two axes only:
 * give embeddings, biases, norms and convolutions to another optimizer (`OptimWrapperDict`).
 *
 * Options: `lr` 1e-3, `weightDecay` 0.1, `momentum` 0.95, `nesterov` true, `nsCoefficients` [3.4445, -4.775, 2.0315], `eps` 1e-7,
 * `nsSteps` 5, `adjustLrFn` null. State: `momentumBuffer`.
 */
export class Muon extends BaseOptimizer<Fields, Hyper, Slot> {
  static readonly entry: Entry<'optimizer', 'Muon', MuonOptions> = defineOptimizer<
    'Muon',
    typeof muonOptions,
    MuonOptions
  >({
    name: 'Muon',
    options: muonOptions,
    create: (options, { args }) => new Muon(args.params, options),
    module: '@engine/optim',
    doc: 'Muon: momentum made orthogonal, for the matrices inside a network.',
  });

  constructor(params: OptimizerParams, options: MuonOptions = {}) {
    super(params, options, { name: 'Muon', schema: muonOptions });
    const wrong = this.paramGroups.flatMap((group) => group.params).find(({ shape }) => shape.length !== 2);
    if (wrong === undefined) return;
    this.dispose();
    throw notAMatrix(wrong);
  }

  /** Nothing but the momentum goes from one step to the next. */
  protected override get countsSteps(): boolean {
    return false;
  }

  protected override slotsOf(): readonly Slot[] {
    return ['momentumBuffer'];
  }

  protected override hyperParameters(group: Fields): Record<Hyper, number> {
    const { lr, momentum, weightDecay, eps } = group;
    const [a, b, c] = group.nsCoefficients;
    return {
      lr,
      mix: lerpWeight(momentum),
      intake: lerpWeight(1 - momentum),
      shrink: 1 - lr * weightDecay,
      a,
      b,
      c,
      eps,
    };
  }

  protected override update(
    { value, grad, slots, hyper }: UpdateInput<Hyper, Slot>,
    group: Fields,
  ): UpdateResult<Slot> {
    const momentumBuffer = lerp(slots.momentumBuffer, grad, { intake: 1 - group.momentum, weight: hyper.intake });
    const direction = group.nesterov
      ? lerp(grad, momentumBuffer, { intake: group.momentum, weight: hyper.mix })
      : momentumBuffer;
    const orthogonal = orthogonalised(direction as tf.Tensor2D, group.nsSteps, hyper);
    const stepSize = tf.mul(hyper.lr, rateFactor(value.shape as [number, number], group.adjustLrFn));
    return {
      value: tf.sub(tf.mul(value, hyper.shrink), tf.mul(orthogonal, stepSize)),
      slots: { momentumBuffer },
    };
  }
}

/** Newton and Schulz's iteration: singular values towards 1, singular vectors as they are. */
function orthogonalised(
  matrix: tf.Tensor2D,
  steps: number,
  { a, b, c, eps }: Readonly<Record<'a' | 'b' | 'c' | 'eps', tf.Tensor>>,
): tf.Tensor2D {
  const isTall = matrix.shape[0] > matrix.shape[1];
  let x = tf.div<tf.Tensor2D>(matrix, tf.maximum(norm(matrix), eps));
  for (let i = 0; i < steps; i++) {
    // the smaller of the two products with its own transpose
    const gram = tf.matMul(x, x, isTall, !isTall);
    const polynomial = tf.add<tf.Tensor2D>(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c));
    x = tf.add(tf.mul(x, a), isTall ? tf.matMul(x, polynomial) : tf.matMul(polynomial, x));
  }
  return x;
}

function rateFactor([rows, columns]: readonly [number, number], adjustment: Fields['adjustLrFn']): number {
  if (adjustment === 'match_rms_adamw') return 0.2 * Math.sqrt(Math.max(rows, columns));
  const ratio = rows / columns;
  return Math.sqrt(adjustment === 'spectral_unclamped' ? ratio : Math.max(1, ratio));
}

function notAMatrix({ name, shape }: ParameterLike): Error {
  return optimErrors.NOT_A_MATRIX({
    subject: 'Muon',
    expected: 'parameters with two axes',
    received: `${name} of shape (${shape.join(', ')})`,
    action: 'give it to another optimizer, e.g. AdamW in an OptimWrapperDict',
  });
}
