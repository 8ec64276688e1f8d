import { type HostArray, TorchGenerator } from '@engine/core';
import { Buffer } from './buffer.js';
import { failedIn } from './failed-layer.js';
import type { InitCfg, InitOptions } from './init/contract.js';
import { InitRecord } from './init/init-record.js';
import { initializeTree } from './init/initialize.js';
import { InitialDraws } from './initial-draws.js';
import { placesOf, walk } from './module-walk.js';
import { Parameter } from './parameter.js';
import { type LoadOptions, loadState, readState } from './state-dict.js';
import { StepContext } from './step-context.js';

/** Sees a module's arguments before `forward`; returns other arguments to replace them, or nothing. */
export type ForwardPreHook<M extends Module = Module> = (
  module: M,
  args: readonly unknown[],
) => readonly unknown[] | void;
/** Sees a module's result; returns another to replace it, or nothing. */
export type ForwardHook<M extends Module = Module> = (module: M, args: readonly unknown[], output: unknown) => unknown;

/** What rules for groups of parameters (`paramwiseCfg`) need to know of a layer. */
export type ModuleRole = 'norm' | 'depthwiseConv' | 'deformConv';

/** Where a parameter stands: one that several modules share stands at several places. */
export interface ParameterPlace {
  /** Dotted path of this place; the parameter's own `name` is its first one. */
  readonly name: string;
  readonly parameter: Parameter;
  readonly module: Module;
  /** The module that holds `module`; none for the root's own parameters. */
  readonly parent: Module | undefined;
}

export interface HookOptions {
  /** Calls it before the hooks registered earlier; default false. */
  readonly prepend?: boolean;
}

interface Hooks {
  readonly before: Set<ForwardPreHook<never>>;
  readonly after: Set<ForwardHook<never>>;
}

/**
 * A part of a network. Subclasses define `forward` and hold parameters, buffers and submodules in public fields (also in arrays and
 * object literals); callers call `apply`. Names are the dotted field paths: `layer1.0.conv.weight`. Fields with `#` are not found.
 */
export abstract class Module {
  /** True while training; set for the whole tree by `train()` and `eval()`. */
  training = true;
  /** How weights of this module and below start where they do not start as PyTorch's. */
  declare initCfg?: InitCfg;
  #place: { readonly root: Module; readonly path: string } | undefined;
  #context: StepContext | undefined;
  #hooks: Hooks | undefined;

  /**
   * Called by `initWeights` after `initCfg` of this module and of those below it; sets weights by code:
   * `this.fc.weight.initialize(generator, { init: normal(0, 0.01) })`.
   */
  initParameters?(generator: TorchGenerator): void;

  /** Computes the output; called by `apply` only. */
  abstract forward(...args: never[]): unknown;

  /**
   * Runs the module's hooks and `forward`. Results belong to the caller's scope. An error of an op names the innermost layer.
   * @throws `ENGINE_MODEL_NO_KERNEL` besides what `forward` throws
   */
  apply(...args: Parameters<this['forward']>): ReturnType<this['forward']> {
    try {
      const output =
        this.#hooks === undefined ? this.forward(...(args as never[])) : this.#applyHooked(this.#hooks, args);
      return output as ReturnType<this['forward']>;
    } catch (error) {
      throw failedIn(this, error);
    }
  }

  /** Calls `hook` before each `forward`, after hooks registered earlier, until the returned function is called. */
  registerForwardPreHook(hook: ForwardPreHook<this>, options: HookOptions = {}): () => void {
    return this.#addHook('before', hook, options);
  }

  /** Calls `hook` after each `forward`, after hooks registered earlier, until the returned function is called. */
  registerForwardHook(hook: ForwardHook<this>, options: HookOptions = {}): () => void {
    return this.#addHook('after', hook, options);
  }

  /** Calls `fn` for this module (path '') and every one below it, parents first, each once. */
  visit(fn: (module: Module, path: string) => void): void {
    for (const [path, module] of walk<Module>(this).modules) fn(module, path);
  }

  /** This module (path '') and every one below it, parents first. */
  namedModules(): ReadonlyMap<string, Module> {
    return walk<Module>(this).modules;
  }

  /** Parameters by dotted name, in PyTorch's registration order; shared ones once. */
  namedParameters(): ReadonlyMap<string, Parameter> {
    const found = [...walk<Module>(this).tensors].filter(
      (item): item is [string, Parameter] => item[1] instanceof Parameter,
    );
    return new Map(found);
  }

  /** What an optimizer takes. */
  parameters(): Parameter[] {
    return [...this.namedParameters().values()];
  }

  /**
   * Every place of every parameter, in PyTorch's registration order, with the module that holds it there: what rules by name and by layer
   * (`paramwiseCfg`) go by.
   */
  parameterPlaces(): ParameterPlace[] {
    walk<Module>(this); // names first
    return placesOf<Module>(this).flatMap(({ tensor, ...place }) =>
      tensor instanceof Parameter ? [{ ...place, parameter: tensor }] : [],
    );
  }

  namedBuffers(): ReadonlyMap<string, Buffer> {
    const found = [...walk<Module>(this).tensors].filter((item): item is [string, Buffer] => item[1] instanceof Buffer);
    return new Map(found);
  }

  /** Sets training mode (default true) for this module and all below it. */
  train(mode = true): this {
    this.visit((module) => {
      module.training = mode;
    });
    return this;
  }

  /** Sets evaluation mode: running statistics, no dropout. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Draws all initial values, in the order and with the random stream of PyTorch's constructors: same seed, same weights; then does
   * what `initCfg` here and below says. Without it every parameter draws from a fresh random seed when first used. `keep` leaves what
   * was loaded or drawn by this method before, and gives the rest the values that they would have had anyway.
   * @throws `ENGINE_MODEL_BAD_INIT_CFG`, `ENGINE_MODEL_BAD_INITIALIZER`, `ENGINE_MODEL_PRETRAINED`
   */
  initWeights(source: TorchGenerator | number, options: InitOptions = {}): void {
    const generator = typeof source === 'number' ? new TorchGenerator(source) : source;
    const tensors = [...walk<Module>(this).tensors.values()]; // names first, so that errors can tell them
    const pinned = options.keep === true ? tensors.filter((tensor) => tensor.isSet) : [];
    for (const tensor of pinned) tensor.isPinned = true;
    try {
      new InitialDraws(generator).module(this);
      options.afterConstruction?.();
      const record = new InitRecord(this);
      initializeTree(this, { ...options, generator, record });
      record.tell(options.logger);
    } finally {
      for (const tensor of pinned) tensor.isPinned = false;
    }
  }

  /** Draws the initial values of this module and its parts, in construction order. Overridden where PyTorch's constructor draws otherwise. */
  drawInitial(draws: InitialDraws): void {
    draws.parts(this);
  }

  /** Weights and buffers by dotted name, read back in our memory layout; copies, as of this call. */
  stateDict(): Promise<Map<string, HostArray>> {
    return readState(walk<Module>(this).tensors);
  }

  /**
   * Copies values in, all or none. `strict` (default true) demands exactly the same names; shapes must always fit.
   * @throws `ENGINE_MODEL_STATE_MISMATCH`
   */
  loadStateDict(state: ReadonlyMap<string, HostArray>, options: LoadOptions = {}): void {
    loadState(walk<Module>(this).tensors, state, options);
  }

  /** Frees all variables; the module cannot be used afterwards. */
  dispose(): void {
    for (const tensor of walk<Module>(this).tensors.values()) tensor.dispose();
  }

  /** Normalisations, depthwise and deformable convolutions say so, for rules that treat their parameters apart; others have none. */
  get role(): ModuleRole | undefined {
    return undefined;
  }

  /** Dotted path from the outermost module that has walked here; '' before and for that module itself. */
  get path(): string {
    return this.#place?.path ?? '';
  }

  /** Seed and iteration of the step, and the noise made from them; shared by the whole tree. */
  get stepContext(): StepContext {
    const root = this.#place?.root ?? this;
    root.#context ??= new StepContext();
    return root.#context;
  }

  /** Fields in which parameters, buffers and submodules are looked for, in construction order. Containers override it. */
  parts(): Iterable<readonly [name: string, value: unknown]> {
    return Object.entries(this);
  }

  /** Called by walks; an inner module's walk does not move what an outer one has placed. */
  placeIn(root: Module, path: string, inner: ReadonlySet<object>): void {
    if (this.#place === undefined || inner.has(this.#place.root)) this.#place = { root, path };
  }

  #applyHooked({ before, after }: Hooks, given: readonly unknown[]): unknown {
    let args = given;
    for (const hook of before) args = hook(this as never, args) ?? args;
    let output = this.forward(...(args as never[]));
    for (const hook of after) output = hook(this as never, args, output) ?? output;
    return output;
  }

  #addHook(when: keyof Hooks, hook: unknown, { prepend = false }: HookOptions): () => void {
    const hooks = (this.#hooks ??= { before: new Set(), after: new Set() });
    const set = hooks[when] as Set<unknown>;
    const earlier = prepend ? [...set] : [];
    for (const other of earlier) set.delete(other);
    for (const each of [hook, ...earlier]) set.add(each);
    return () => {
      set.delete(hook);
      if (hooks.before.size + hooks.after.size === 0) this.#hooks = undefined;
    };
  }
}
