import type { HostArray, Logger, TorchGenerator } from '@engine/core';
import type { ConfigOf } from '@engine/registry';
import type { Module } from '../module.js';

/** Sets weights of layers; `initCfg` names one. Built once for every place that names it. */
export interface WeightInitializer {
  /** Names of the layers it is meant for, each the name of a class or of its direct parent; none: no layer, but for `override`. */
  readonly layer: readonly string[];
  /** What the log says of the parameters that it set: `ConstantInit: val=1, bias=0`. */
  readonly info: string;
  /** Sets the parameters of one layer, not of those below it, drawing from `generator` in PyTorch's order. */
  init(layer: Module, generator: TorchGenerator): void;
}

/** Where another initialiser is used: on the part of the module called `name` and everything below it. */
export type InitOverride = { readonly name: string; readonly type?: unknown } & Readonly<Record<string, unknown>>;

/** One initialiser by name, class or object, and where it does not hold. */
export type InitConfig = ConfigOf<'weightInitializer'>;

/** How a module starts: one initialiser or several, one after the other. */
export type InitCfg = InitConfig | readonly InitConfig[];

/** What is needed to initialise a tree of modules beyond its random stream. */
export interface InitOptions {
  /** Leaves what was loaded or drawn before; default false. */
  readonly keep?: boolean;
  /** Builds an initialiser from its config; default: by the names of this package. */
  readonly build?: (config: unknown, path: string) => WeightInitializer;
  /** What `Pretrained` loads: the path or address in its config → weights and buffers by name. */
  readonly checkpoints?: ReadonlyMap<string, ReadonlyMap<string, HostArray>>;
  /** Those of `checkpoints` that are a `state_dict` of PyTorch, in PyTorch's layouts; default none. */
  readonly torchCheckpoints?: ReadonlySet<string>;
  /** Is told, at debug level, how each parameter got its value. */
  readonly logger?: Logger;
  /** Called when everything is drawn that PyTorch's constructors draw and before `initCfg` is done: who shares the stream may draw there. */
  readonly afterConstruction?: (() => void) | undefined;
}

declare module '@engine/core' {
  interface Kinds {
    weightInitializer: WeightInitializer;
  }
}

declare module '@engine/registry' {
  interface CommonOptions {
    weightInitializer: {
      /** Parts of the module, by the names of its fields, that another initialiser sets; with `name` alone, this one. */
      readonly override?: InitOverride | readonly InitOverride[];
    };
  }
}
