import type { Backend, Entry, JsonObject, Logger } from '@engine/core';
import { silentLogger } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod/mini';
import { autocastOf } from './autocast.js';
import { BaseOptimWrapper, type PreparedGradients } from './base-optim-wrapper.js';
import { type Gradients, isNonFinite } from './clip-grad.js';
import { defineOptimWrapper } from './define.js';
import { hyperTensors } from './hyper-tensors.js';
import { LossScaler, lossScalerOptions } from './loss-scaler.js';
import { type BuiltOptimWrapperOptions, commonWrapperFields, type OptimWrapperOptions } from './wrapper-options.js';

const ampOptimWrapperOptions = z.strictObject({
  ...commonWrapperFields,
  /** `'dynamic'`, a scale that never changes, or how a dynamic one moves. */
  lossScale: z._default(z.union([z.literal('dynamic'), z.number().check(z.positive()), lossScalerOptions]), 'dynamic'),
  /** Precision of matrix products and convolutions; default: the first that the backend offers. */
  dtype: z._default(z.nullable(z.enum(['float16', 'bfloat16', 'float32'])), null),
});

type AmpFields = Omit<z.input<typeof ampOptimWrapperOptions>, 'optimizer'>;

export interface AmpOptimWrapperOptions extends AmpFields, Pick<OptimWrapperOptions, 'optimizer'> {}

/** The options of an `AmpOptimWrapper` in code. */
export interface BuiltAmpOptimWrapperOptions extends AmpFields, Pick<BuiltOptimWrapperOptions, 'optimizer'> {
  /** Where the model runs, initialised. Without it nothing runs in reduced precision. */
  readonly backend?: Backend | undefined;
  /** Hears when the backend lacks the precision that was asked for. */
  readonly logger?: Logger | undefined;
}

declare module '@engine/registry' {
  interface OptimWrappers {
    AmpOptimWrapper: typeof AmpOptimWrapper;
  }
}

/**
 * An optim wrapper for mixed precision: the forward and the backward pass run in the backend's autocast region, the loss is scaled so that
 * small gradients survive, and an update whose gradients are not finite is skipped. Skipping is decided on the device; a dynamic scale moves
 * as that of PyTorch's `GradScaler`. Where the backend lacks the precision everything is computed in float32, scale and skips included,
 * after one warning. Parameters, gradients and optimizer state are float32 always.
 */
export class AmpOptimWrapper extends BaseOptimWrapper {
  static readonly entry: Entry<'optimWrapper', 'AmpOptimWrapper', AmpOptimWrapperOptions> = defineOptimWrapper<
    'AmpOptimWrapper',
    typeof ampOptimWrapperOptions,
    AmpOptimWrapperOptions
  >({
    name: 'AmpOptimWrapper',
    options: ampOptimWrapperOptions,
    create: ({ optimizer, ...options }, { args: { params, backend }, build, logger }) =>
      new AmpOptimWrapper({
        ...options,
        optimizer: build('optimizer', optimizer, { key: 'optimizer', args: { params } }),
        backend,
        logger,
      }),
    module: '@engine/optim',
    doc: 'An OptimWrapper in mixed precision: autocast, a dynamic or fixed loss scale, updates that overflow are skipped.',
  });

  readonly #scaler: LossScaler;
  readonly #autocast: <T>(run: () => T) => T;
  #skippedUpdates = 0;
  #skippedInRow = 0;

  /** @throws `ENGINE_OPTIM_NOT_AN_OPTIMIZER`, `_CANNOT_SKIP`, `ENGINE_REGISTRY_*` for options */
  constructor({ backend, logger = silentLogger, ...options }: BuiltAmpOptimWrapperOptions) {
    const parsed = parseOptions(ampOptimWrapperOptions, options, { subject: 'AmpOptimWrapper' }).value;
    super(options, parsed);
    this.checkSkippable();
    this.#scaler = new LossScaler(parsed.lossScale);
    this.#autocast = autocastOf(parsed.dtype, backend, (lacking) =>
      logger.warn(`AmpOptimWrapper: ${lacking}; computing in float32, with the loss scale as configured.`),
    );
  }

  /** What the loss is multiplied by now. */
  get lossScale(): number {
    return this.#scaler.scale;
  }

  /** Updates skipped since the wrapper was made, as far as the host knows. */
  get skippedUpdates(): number {
    return this.#skippedUpdates;
  }

  get skippedInRow(): number {
    return this.#skippedInRow;
  }

  protected override get lossFactor(): number {
    return this.#scaler.scale;
  }

  protected override compute<T>(run: () => T): T {
    return this.#autocast(run);
  }

  protected override prepare(scaled: Gradients): PreparedGradients {
    if (!this.#scaler.enabled) return { grads: scaled };
    const { unscale } = hyperTensors({ unscale: 1 / this.#scaler.scale });
    const grads = new Map([...scaled].map(([name, grad]) => [name, tf.mul(grad, unscale)]));
    return { grads, skip: isNonFinite([...scaled.values()]) };
  }

  protected override learn(skipped: boolean): void {
    this.#skippedUpdates += Number(skipped);
    this.#skippedInRow = skipped ? this.#skippedInRow + 1 : 0;
    this.#scaler.update(skipped);
  }

  protected override ownState(): JsonObject {
    return { lossScaler: this.#scaler.stateDict(), skippedInRow: this.#skippedInRow };
  }

  /** The state of a wrapper without a scaler leaves the scale as it is. */
  protected override loadOwnState({ lossScaler, skippedInRow }: JsonObject): void {
    this.#skippedInRow = typeof skippedInRow === 'number' ? skippedInRow : 0;
    if (typeof lossScaler === 'object' && lossScaler !== null && !Array.isArray(lossScaler))
      this.#scaler.loadStateDict(lossScaler);
  }
}
