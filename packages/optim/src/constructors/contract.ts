import type { Logger, ParameterLike } from '@engine/core';
import type { OptimizerGroupInput, OptimWrapperLike } from '../contract.js';

/** Where a parameter stands in a model. One that several modules share stands at several places. */
export interface ParameterPlace {
  /** Dotted path of this place. */
  readonly name: string;
  readonly parameter: ParameterLike;
  /** The module that holds it here. `role` is what `ModuleRole` of `@engine/model` lists: `norm`, `depthwiseConv`, `deformConv`. */
  readonly module: { readonly role: string | undefined };
  /** The module that holds that one. */
  readonly parent: { readonly role: string | undefined } | undefined;
}

/** What is needed of a model to make its optimizer. */
export interface OptimizableModel {
  /** Parameters by dotted name, shared ones once. */
  namedParameters(): ReadonlyMap<string, ParameterLike>;
  /** All places in registration order. A model without it is taken to have each parameter once, in a module without a role. */
  parameterPlaces?(): Iterable<ParameterPlace>;
}

/** What a config says of `optimWrapper`, but for `constructor` and `paramwiseCfg`; keys as written. Not to be changed. */
export type OptimWrapperConfig = Readonly<Record<string, unknown>>;

/** Parameters alone, or groups of them with fields of their own. */
export type OptimizedParams = Iterable<ParameterLike> | readonly OptimizerGroupInput[];

/** What a constructor works with besides the model and the config. */
export interface ConstructContext {
  readonly logger: Logger;
  /** Builds the optimizer and its wrapper from a config, for these parameters or groups. What it returns belongs to the caller. */
  build(config: OptimWrapperConfig, params: OptimizedParams): OptimWrapperLike;
}

/** Decides which parameters of a model an optimizer gets, in which groups and with which options. */
export interface OptimWrapperConstructor {
  /** Called once a run, before training starts, when the model is built. The wrapper belongs to the caller. Synchronous; reads no values. */
  construct(model: OptimizableModel, config: OptimWrapperConfig, ctx: ConstructContext): OptimWrapperLike;
}

declare module '@engine/core' {
  interface Kinds {
    optimWrapperConstructor: OptimWrapperConstructor;
  }
}
