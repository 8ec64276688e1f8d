import type { Entry, JsonObject, ParameterLike } from '@engine/core';
import { type ConfigOf, nearest, thing } from '@engine/registry';
import * as z from 'zod/mini';
import { constructWrapper } from './constructors/construct-wrapper.js';
import type { OptimizableModel } from './constructors/contract.js';
import type {
  GradientListener,
  Losses,
  Optimizer,
  OptimizerGroupInput,
  OptimWrapperLike,
  OptimWrapperState,
  ParamGroup,
} from './contract.js';
import { defineOptimWrapper } from './define.js';
import { optimErrors } from './errors.js';
import { OptimWrapper } from './optim-wrapper.js';

const optimWrapperDictOptions = z.strictObject({
  /** The wrapper of each part of the model by name: `{ generator: { optimizer: { type: Adam } }, ... }`; `type` is `OptimWrapper` by default; `paramwiseCfg` and `constructor` are of each of them. */
  wrappers: z.record(z.string(), z._default(thing('optimWrapper'), { type: 'OptimWrapper' })),
  /** Name of a wrapper → the module, or modules, whose parameters it optimises. Default: the module that has the wrapper's own name. */
  modules: z.optional(z.nullable(z.record(z.string(), z.union([z.string(), z.array(z.string())])))),
});

export interface OptimWrapperDictOptions extends Omit<z.input<typeof optimWrapperDictOptions>, 'wrappers'> {
  readonly wrappers: Readonly<Record<string, ConfigOf<'optimWrapper', 'OptimWrapper'>>>;
}

declare module '@engine/registry' {
  interface OptimWrappers {
    OptimWrapperDict: typeof OptimWrapperDict;
  }
}

/**
 * Several optim wrappers by name, for models that train their parts by different losses (GANs). It differentiates nothing itself: the model's
 * `trainStep` takes one wrapper after the other, `optimWrappers.get('generator').updateParams(...)`. Schedules, logs, checkpoints and
 * `dispose` reach all of them, in the order in which they were given. Owns them.
 */
export class OptimWrapperDict implements OptimWrapperLike {
  static readonly entry: Entry<'optimWrapper', 'OptimWrapperDict', OptimWrapperDictOptions> = defineOptimWrapper<
    'OptimWrapperDict',
    typeof optimWrapperDictOptions,
    OptimWrapperDictOptions
  >({
    name: 'OptimWrapperDict',
    options: optimWrapperDictOptions,
    create: ({ wrappers, modules }, { args, build, logger, path }) => {
      const params = [...args.params].map(bare);
      checkModules(modules ?? {}, Object.keys(wrappers));
      const members = Object.keys(wrappers).map((name) => membersOf(params, name, modules?.[name] ?? name));
      const rest = params.filter((param) => param.trainable && !members.some((list) => list.includes(param)));
      if (rest.length > 0)
        logger.warn(`OptimWrapperDict: no optimizer trains ${rest.map((param) => param.name).join(', ')}.`);
      const built = Object.entries(wrappers).map(([name, config], i): [string, OptimWrapperLike] => [
        name,
        constructWrapper(partOf(args.model, members[i] ?? []), config, {
          path: join(path, `wrappers.${name}`),
          logger,
          wrapper: (given, own) =>
            build('optimWrapper', isUntyped(given) ? { type: OptimWrapper, ...given } : given, {
              key: `wrappers.${name}`,
              args: { ...args, params: own },
            }),
          constructorOf: (type, { value, key }) =>
            build('optimWrapperConstructor', { ...value, type }, { key: `wrappers.${name}.${key}` }),
        }),
      ]);
      return new OptimWrapperDict(Object.fromEntries(built));
    },
    module: '@engine/optim',
    doc: 'Several optim wrappers by name, for models that train their parts by different losses.',
  });

  readonly wrappers: ReadonlyMap<string, OptimWrapperLike>;

  /** @throws `ENGINE_OPTIM_BAD_WRAPPERS` */
  constructor(wrappers: Readonly<Record<string, OptimWrapperLike>>) {
    for (const [name, wrapper] of Object.entries(wrappers)) checkMember(name, wrapper);
    this.wrappers = new Map(Object.entries(wrappers));
    if (this.wrappers.size === 0) throw badWrappers('at least one wrapper', 'none');
  }

  /** @throws `ENGINE_OPTIM_UNKNOWN_WRAPPER` */
  get(name: string): OptimWrapperLike {
    const wrapper = this.wrappers.get(name);
    if (wrapper === undefined) throw unknownWrapper(name, [...this.wrappers.keys()]);
    return wrapper;
  }

  /** There is no single one. @throws `ENGINE_OPTIM_NAME_ONE` */
  get optimizer(): Optimizer {
    throw this.#nameOne('optimizer', 'optimizer');
  }

  /** Groups of all wrappers, one wrapper after the other. */
  get paramGroups(): readonly ParamGroup[] {
    return [...this.wrappers.values()].flatMap((wrapper) => wrapper.paramGroups);
  }

  /** @throws `ENGINE_OPTIM_NAME_ONE` always: a loss belongs to one wrapper */
  updateParams(_lossFn: () => Losses): never {
    throw this.#nameOne('updateParams', 'updateParams(() => loss)');
  }

  /** `<wrapper>.lr` of every wrapper, `<wrapper>.baseLr` before it where it has several groups. */
  getLr(): Readonly<Record<string, readonly number[]>> {
    return this.#prefixed((wrapper) => wrapper.getLr());
  }

  /** `<wrapper>.momentum` of every wrapper. */
  getMomentum(): Readonly<Record<string, readonly number[]>> {
    return this.#prefixed((wrapper) => wrapper.getMomentum());
  }

  /** Does nothing, as in MMEngine: how often the parts are updated is the model's affair. Tell each wrapper where it matters. */
  initializeCountStatus(_initCount: number, _maxCount: number): void {}

  /** Of every wrapper. */
  onGradients(listener: GradientListener): () => void {
    const stops = [...this.wrappers.values()].map((wrapper) => wrapper.onGradients?.(listener));
    return () => {
      for (const stop of stops) stop?.();
    };
  }

  /** The largest of the wrappers'. */
  get accumulatedCount(): number {
    return Math.max(...[...this.wrappers.values()].map((wrapper) => wrapper.accumulatedCount ?? 0));
  }

  settle(): Promise<void> | undefined {
    const pending = [...this.wrappers.values()].flatMap((wrapper) => wrapper.settle?.() ?? []);
    return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
  }

  get skippedInRow(): number | undefined {
    const counts = [...this.wrappers.values()].flatMap(({ skippedInRow }) => skippedInRow ?? []);
    return counts.length === 0 ? undefined : Math.max(...counts);
  }

  /** Names of arrays and values begin with the wrapper's; each group says whose it is in `wrapper`. */
  async stateDict(): Promise<OptimWrapperState> {
    const states = await Promise.all(
      [...this.wrappers].map(async ([name, wrapper]) => ({ name, ...(await wrapper.stateDict()) })),
    );
    return {
      paramGroups: states.flatMap(({ name, paramGroups }) => paramGroups.map((group) => ({ ...group, wrapper: name }))),
      values: Object.fromEntries(states.map(({ name, values }) => [name, values])),
      tensors: new Map(
        states.flatMap(({ name, tensors }) => [...tensors].map(([key, array]) => [`${name}/${key}`, array] as const)),
      ),
    };
  }

  /** Wrappers that the state does not name stay as they are. @throws `ENGINE_OPTIM_UNKNOWN_WRAPPER`, `_STATE_MISMATCH` */
  loadStateDict(state: OptimWrapperState): void {
    const parts = Object.entries(state.values).map(
      ([name, values]) => [this.get(name), stateOf(state, name, values)] as const,
    );
    for (const [wrapper, part] of parts) wrapper.loadStateDict(part);
  }

  dispose(): void {
    for (const wrapper of this.wrappers.values()) wrapper.dispose();
  }

  #prefixed(
    read: (wrapper: OptimWrapperLike) => Readonly<Record<string, readonly number[] | undefined>>,
  ): Record<string, readonly number[]> {
    const entries = [...this.wrappers].flatMap(([name, wrapper]) =>
      Object.entries(read(wrapper)).flatMap(([key, values]): [string, readonly number[]][] =>
        values === undefined ? [] : [[`${name}.${key}`, values]],
      ),
    );
    return Object.fromEntries(entries);
  }

  #nameOne(asked: string, member: string): Error {
    const [first = 'name'] = this.wrappers.keys();
    return optimErrors.NAME_ONE({
      subject: 'OptimWrapperDict',
      expected: `one of its wrappers, ${[...this.wrappers.keys()].join(', ')}`,
      received: `${asked} of all of them`,
      action: `write optimWrapper.get('${first}').${member}; a model with several optimizers has a trainStep of its own`,
    });
  }
}

function stateOf({ paramGroups, tensors }: OptimWrapperState, name: string, values: unknown): OptimWrapperState {
  const own = paramGroups.filter(({ wrapper }) => wrapper === name);
  const prefix = `${name}/`;
  return {
    paramGroups: own.map(({ wrapper: _wrapper, ...group }) => group),
    values: values as JsonObject,
    tensors: new Map(
      [...tensors].flatMap(([key, array]) => (key.startsWith(prefix) ? [[key.slice(prefix.length), array]] : [])),
    ),
  };
}

function checkMember(name: string, wrapper: unknown): void {
  if (name === '' || name.includes('/'))
    throw badWrappers('names without a slash: they are part of names in checkpoints', JSON.stringify(name));
  const isWrapper = typeof wrapper === 'object' && wrapper !== null && 'updateParams' in wrapper;
  if (!isWrapper || 'wrappers' in wrapper) {
    const received = isWrapper ? 'another OptimWrapperDict' : String(wrapper);
    throw badWrappers('optim wrappers, e.g. new OptimWrapper({ optimizer })', `${name} = ${received}`);
  }
}

function isUntyped(config: unknown): config is object {
  return typeof config === 'object' && config !== null && !('type' in config) && !('updateParams' in config);
}

/** @throws `ENGINE_OPTIM_BAD_WRAPPERS` for groups: they are each wrapper's own business */
function bare(param: ParameterLike | OptimizerGroupInput): ParameterLike {
  if (!('params' in param)) return param;
  throw optimErrors.BAD_WRAPPERS({
    subject: 'OptimWrapperDict',
    expected: 'paramwiseCfg and constructor in each of the wrappers',
    received: 'groups that were made for all of them',
    action: 'move paramwiseCfg into the wrappers: { generator: { optimizer, paramwiseCfg } }',
  });
}

/** The model as one of the wrappers sees it: with these parameters only. */
function partOf(model: OptimizableModel | undefined, params: readonly ParameterLike[]): OptimizableModel {
  const places = model?.parameterPlaces?.bind(model);
  return {
    namedParameters: () => new Map(params.map((param) => [param.name, param])),
    ...(places && {
      parameterPlaces: () => [...places()].filter(({ parameter }) => params.includes(parameter)),
    }),
  };
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** The parameters of the modules. @throws `ENGINE_OPTIM_NO_SUCH_MODULE` */
function membersOf(
  params: readonly ParameterLike[],
  wrapper: string,
  modules: string | readonly string[],
): ParameterLike[] {
  const names = [modules].flat();
  for (const name of names) {
    if (params.some((param) => isIn(param, name))) continue;
    const known = [...new Set(params.map((param) => param.name.split('.').slice(0, -1).join('.') || param.name))];
    const tops = [...new Set(params.map((param) => param.name.split('.')[0] as string))];
    throw optimErrors.NO_SUCH_MODULE({
      subject: `OptimWrapperDict, wrapper ${wrapper}`,
      expected: `a module with parameters: ${tops.join(', ')}, or one inside of these`,
      received: name,
      action: `write ${nearest(name, [...tops, ...known]) ?? "modules: { wrapper: 'module' }"}`,
    });
  }
  return params.filter((param) => names.some((name) => isIn(param, name)));
}

function isIn({ name }: ParameterLike, module: string): boolean {
  return name === module || name.startsWith(`${module}.`);
}

function checkModules(modules: Readonly<Record<string, unknown>>, wrappers: readonly string[]): void {
  for (const name of Object.keys(modules)) if (!wrappers.includes(name)) throw unknownWrapper(name, wrappers);
}

function unknownWrapper(name: string, known: readonly string[]): Error {
  return optimErrors.UNKNOWN_WRAPPER({
    subject: 'OptimWrapperDict',
    expected: `one of ${known.join(', ')}`,
    received: name,
    action: `write ${nearest(name, known) ?? 'the name of a wrapper that it has'}`,
  });
}

function badWrappers(expected: string, received: string): Error {
  return optimErrors.BAD_WRAPPERS({
    subject: 'OptimWrapperDict',
    expected,
    received,
    action: 'write new OptimWrapperDict({ generator: new OptimWrapper(...), discriminator: new OptimWrapper(...) })',
  });
}
