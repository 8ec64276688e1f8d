import type { TorchGenerator } from '@engine/core';
import { parseOptions } from '@engine/registry';
import * as z from 'zod/mini';
import { constant, type Initializer } from '../initializers.js';
import type { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import type { WeightInitializer } from './contract.js';

/** Options that every initialiser of this package has. */
export const commonInitOptions = {
  /** What biases are filled with; default 0. */
  bias: z._default(z.number(), 0),
  /** The probability that a logistic output should start with; sets the bias instead of `bias`. */
  biasProb: z.optional(z.number().check(z.gt(0), z.lt(1))),
  /** Names of layer classes, or of their direct parents, that it is meant for. Without any it sets nothing but `override`s. */
  layer: z.optional(z.union([z.string(), z.readonly(z.array(z.string()))])),
};

export interface CommonInit {
  readonly bias: number;
  readonly biasProb?: number | undefined;
  readonly layer?: string | readonly string[] | undefined;
}

/** The bias with which a logistic output starts at this probability: -ln((1 - p) / p). Lin et al. 2017. */
export function biasInitWithProb(probability: number): number {
  return -Math.log((1 - probability) / probability);
}

/** Draws the weight of a layer, then fills its bias; either may be missing. */
export abstract class BaseInit implements WeightInitializer {
  readonly layer: readonly string[];
  readonly bias: number;

  constructor({ bias, biasProb, layer }: CommonInit) {
    this.layer = layer === undefined ? [] : [layer].flat();
    this.bias = biasProb === undefined ? bias : biasInitWithProb(biasProb);
  }

  protected abstract readonly weight: Initializer;
  abstract readonly info: string;

  /** @throws `ENGINE_MODEL_BAD_INITIALIZER` */
  init(layer: Module, generator: TorchGenerator): void {
    const { weight, bias } = layer as { weight?: unknown; bias?: unknown };
    if (weight instanceof Parameter) weight.initialize(generator, { init: this.weight });
    if (bias instanceof Parameter) bias.initialize(generator, { init: constant(this.bias) });
  }

  /** `NAME: a=1, b=2, bias=0`, as MMEngine writes it. */
  protected describe(values: Readonly<Record<string, unknown>>): string {
    const text = Object.entries({ ...values, bias: this.bias }).map(([name, value]) => `${name}=${String(value)}`);
    return `${this.constructor.name}: ${text.join(', ')}`;
  }
}

/** Checked options with defaults. @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
export function checked<S extends z.ZodMiniObject>(schema: S, options: object, subject: string): z.output<S> {
  return parseOptions(schema as never, options, { subject }).value as z.output<S>;
}
