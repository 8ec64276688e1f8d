import type { TorchGenerator } from '@engine/core';
import * as z from 'zod/mini';
import { modelErrors } from '../errors.js';
import { stateFromTorch } from '../from-torch.js';
import type { Module } from '../module.js';
import { checked } from './base-init.js';
import type { InitOptions, WeightInitializer } from './contract.js';
import { defineWeightInitializer } from './define.js';

const pretrainedInitOptions = z.strictObject({
  /** Path or address of a checkpoint of the engine, or of a file of PyTorch. */
  checkpoint: z.string().check(z.minLength(1)),
  /** Takes only weights whose names begin with this, and takes it off: `backbone`. */
  prefix: z.optional(z.string()),
});
export interface PretrainedInitOptions extends z.input<typeof pretrainedInitOptions> {}

/**
 * Loads the weights that a checkpoint and the module have in common. Comes last, after everything below the module has been set.
 * The file is read before: by the Runner, or by you (`initWeights(seed, { checkpoints })`).
 */
export class PretrainedInit implements WeightInitializer {
  static readonly entry = defineWeightInitializer<'Pretrained', typeof pretrainedInitOptions, PretrainedInitOptions>({
    name: 'Pretrained',
    options: pretrainedInitOptions,
    create: (options) => new PretrainedInit(options),
    module: '@engine/model',
    export: 'PretrainedInit',
    doc: 'Loads the weights that a checkpoint and the module have in common.',
  });
  readonly layer: readonly string[] = [];
  readonly checkpoint: string;
  readonly prefix: string | undefined;

  /** @throws `ENGINE_REGISTRY_UNKNOWN_OPTION`, `ENGINE_REGISTRY_BAD_OPTION_TYPE`, `ENGINE_REGISTRY_BAD_OPTION_VALUE` */
  constructor(options: PretrainedInitOptions) {
    const { checkpoint, prefix } = checked(pretrainedInitOptions, options, 'PretrainedInit');
    this.checkpoint = checkpoint;
    this.prefix = prefix === undefined || prefix.endsWith('.') ? prefix : `${prefix}.`;
  }

  get info(): string {
    return `PretrainedInit: load from ${this.checkpoint}`;
  }

  /** Draws nothing; see {@link load}. */
  init(_layer: Module, _generator: TorchGenerator): void {}

  /** @throws `ENGINE_MODEL_PRETRAINED`, `ENGINE_MODEL_STATE_MISMATCH` */
  load(module: Module, { checkpoints, torchCheckpoints, logger }: InitOptions): void {
    const state = checkpoints?.get(this.checkpoint);
    if (state === undefined) {
      throw this.#fault('a checkpoint that has been read', 'none', {
        action:
          'train with a Runner, which reads it, or pass initWeights(seed, { checkpoints: new Map([[path, state]]) })',
      });
    }
    const { prefix } = this;
    const taken =
      prefix === undefined
        ? state
        : new Map(
            [...state]
              .filter(([name]) => name.startsWith(prefix))
              .map(([name, array]) => [name.slice(prefix.length), array]),
          );
    const own = new Set([...module.namedParameters().keys(), ...module.namedBuffers().keys()]);
    const shared = [...taken.keys()].filter((name) => own.has(name));
    if (shared.length === 0) {
      const where = prefix === undefined ? '' : ` below ${prefix}`;
      throw this.#fault(
        `weights${where} that the module has: ${[...own].slice(0, 3).join(', ')}, ...`,
        `${[...state.keys()].slice(0, 3).join(', ')}, ... (${state.size} names)`,
        { action: 'correct prefix, or name a checkpoint of such a module' },
      );
    }
    const isTorch = torchCheckpoints?.has(this.checkpoint) === true;
    module.loadStateDict(isTorch ? stateFromTorch(taken, module.namedParameters()) : taken, { strict: false });
    const missing = [...own].filter((name) => !taken.has(name));
    if (missing.length + taken.size > shared.length)
      logger?.warn(
        `${this.checkpoint}: ${shared.length} of ${own.size} weights of ${module.constructor.name} loaded; ` +
          `not in the checkpoint: ${missing.slice(0, 5).join(', ') || 'none'}; not in the module: ${taken.size - shared.length}.`,
      );
  }

  #fault(expected: string, received: string, { action }: { readonly action: string }): Error {
    return modelErrors.PRETRAINED({ subject: this.checkpoint, expected, received, action });
  }
}

declare module '@engine/registry' {
  interface WeightInitializers {
    Pretrained: typeof PretrainedInit;
  }
}
