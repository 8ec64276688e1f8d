import type { Json, JsonObject } from '@engine/core';
import * as z from 'zod/mini';
import { optimErrors } from './errors.js';

/** How a dynamic loss scale moves. Defaults are those of PyTorch's `GradScaler`. */
export const lossScalerOptions = z.strictObject({
  /** The first scale. */
  initScale: z._default(z.number().check(z.positive()), 65536),
  /** The scale is multiplied by this after `growthInterval` updates without overflow. */
  growthFactor: z._default(z.number().check(z.gt(1)), 2),
  /** The scale is multiplied by this after an update with overflow. */
  backoffFactor: z._default(z.number().check(z.positive(), z.lt(1)), 0.5),
  growthInterval: z._default(z.int().check(z.positive()), 2000),
  /** False: no scaling, and no update is skipped. */
  enabled: z._default(z.boolean(), true),
});

export type LossScalerOptions = z.input<typeof lossScalerOptions>;

/** Below the smallest normal float32 its reciprocal, by which gradients are multiplied, is infinite. */
const SMALLEST = 2 ** -126;

/**
 * The loss scale of mixed precision: PyTorch's `GradScaler` as far as numbers go. It lives on the host, where it becomes known between two
 * updates whether the first was skipped; rounded to float32 as there.
 */
export class LossScaler {
  readonly enabled: boolean;
  readonly #fixed: number | undefined;
  #options: Omit<z.output<typeof lossScalerOptions>, 'initScale' | 'enabled'>;
  #scale: number;
  #growthTracker = 0;

  /** A number is a scale that never changes. */
  constructor(lossScale: 'dynamic' | number | LossScalerOptions) {
    const isFixed = typeof lossScale === 'number';
    const given = typeof lossScale === 'object' ? lossScale : {};
    const { initScale, enabled, ...options } = lossScalerOptions.parse(given);
    this.#fixed = isFixed ? Math.fround(lossScale) : undefined;
    this.#scale = this.#fixed ?? Math.fround(initScale);
    this.#options = options;
    this.enabled = enabled;
  }

  /** What the loss is multiplied by; 1 when disabled. */
  get scale(): number {
    return this.enabled ? this.#scale : 1;
  }

  /** After each update. @throws `ENGINE_OPTIM_SCALE_VANISHED` */
  update(skipped: boolean): void {
    const { growthFactor, backoffFactor, growthInterval } = this.#options;
    if (!this.enabled) return;
    if (this.#fixed !== undefined) {
      this.#scale = this.#fixed; // a scale that was loaded holds for one update, as in MMEngine
      return;
    }
    if (skipped) {
      this.#growthTracker = 0;
      const next = Math.fround(this.#scale * backoffFactor);
      if (next < SMALLEST) throw vanished(this.#scale);
      this.#scale = next;
      return;
    }
    this.#growthTracker += 1;
    if (this.#growthTracker !== growthInterval) return;
    const next = Math.fround(this.#scale * growthFactor);
    if (Number.isFinite(next)) this.#scale = next;
    this.#growthTracker = 0;
  }

  /** Empty when disabled. */
  stateDict(): JsonObject {
    return this.enabled ? { scale: this.#scale, ...this.#options, growthTracker: this.#growthTracker } : {};
  }

  /** Does nothing when disabled. @throws `ENGINE_OPTIM_STATE_MISMATCH` */
  loadStateDict(state: JsonObject): void {
    if (!this.enabled) return;
    const number = (name: string): number => {
      const value: Json | undefined = state[name];
      if (typeof value === 'number') return value;
      throw optimErrors.STATE_MISMATCH({
        subject: 'loss scale',
        expected:
          'the state of a scaler that was enabled: scale, growthFactor, backoffFactor, growthInterval, growthTracker',
        received:
          Object.keys(state).length === 0 ? 'the empty state of one that was disabled' : `${name} = ${String(value)}`,
        action: 'keep lossScale as it was when the run began',
      });
    };
    const [scale, growthTracker] = [number('scale'), number('growthTracker')];
    this.#options = {
      growthFactor: number('growthFactor'),
      backoffFactor: number('backoffFactor'),
      growthInterval: number('growthInterval'),
    };
    this.#scale = scale;
    this.#growthTracker = growthTracker;
  }
}

function vanished(scale: number): Error {
  return optimErrors.SCALE_VANISHED({
    expected: 'gradients that are finite at some loss scale',
    received: `an overflow even at a loss scale of ${scale.toExponential(1)}: losses or gradients are NaN or infinite by themselves`,
    action: 'train in float32 with clipGrad.errorIfNonfinite to find the first bad update, or look for bad samples',
  });
}
