/**
 * What the engine itself knows about the shape of a config, without any entry: the top-level keys and the sections that have no `type`.
 * The spelling rule and the check for misspelt keys read it; the types of the same keys are in engine-config.ts.
 */
import { type Entry, entryOf, isPlainObject } from '@engine/core/plain';
import {
  branchesOf,
  declaredKeys,
  type JsonSchema,
  jsonSchemaOf,
  KIND_KEYWORD,
  type KindTables,
  type Registry,
  toCamelCase,
} from '@engine/registry';
import type {
  AutoScaleLrConfig,
  CustomImportsConfig,
  DefaultHooksConfig,
  EngineConfig,
  EnvConfig,
  RandomnessConfig,
} from './engine-config.js';
import type { MapNode, Node } from './tree.js';

function keys<T>(names: Record<keyof T, JsonSchema>): JsonSchema {
  return { properties: names as Readonly<Record<string, JsonSchema>> };
}

/** A place for a thing of a kind; with a type, `type` may be left out and the options are those of that entry. */
function a(kind: keyof KindTables, type?: string): JsonSchema {
  return { [KIND_KEYWORD]: kind, ...(type !== undefined && { default: { type } }) };
}

function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

function oneOrMore(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, listOf(schema)] };
}

const evaluator: JsonSchema = {
  anyOf: [{ ...a('evaluator', 'Evaluator'), required: ['metrics'] }, ...(oneOrMore(a('metric')).anyOf ?? [])],
};
/** Without a type, `byEpoch` tells the two loops apart. */
const trainLoop: JsonSchema = {
  anyOf: [
    { ...a('loop', 'IterBasedTrainLoop'), properties: { byEpoch: { const: false } }, required: ['byEpoch'] },
    a('loop', 'EpochBasedTrainLoop'),
  ],
};
const text: JsonSchema = { type: 'string' };
const optionalText: JsonSchema = { type: ['string', 'null'] };

/** Every top-level key of {@link EngineConfig}. */
export const engineSchema = keys<EngineConfig>({
  backend: a('backend'),
  model: a('model'),
  dataPreprocessor: a('dataPreprocessor'),
  workDir: text,
  storages: { additionalProperties: a('storageBackend') },
  trainDataloader: a('dataLoader', 'DataLoader'),
  valDataloader: a('dataLoader', 'DataLoader'),
  testDataloader: a('dataLoader', 'DataLoader'),
  trainCfg: trainLoop,
  valCfg: a('loop', 'ValLoop'),
  testCfg: a('loop', 'TestLoop'),
  optimWrapper: a('optimWrapper', 'OptimWrapper'),
  paramScheduler: oneOrMore(a('paramScheduler')),
  valEvaluator: evaluator,
  testEvaluator: evaluator,
  defaultHooks: {
    ...keys<DefaultHooksConfig>({
      runtimeInfo: a('hook', 'RuntimeInfoHook'),
      timer: a('hook', 'IterTimerHook'),
      samplerSeed: a('hook', 'DistSamplerSeedHook'),
      logger: a('hook', 'LoggerHook'),
      paramScheduler: a('hook', 'ParamSchedulerHook'),
      checkpoint: a('hook', 'CheckpointHook'),
    }),
    additionalProperties: a('hook'),
  },
  customHooks: listOf(a('hook')),
  visualizer: a('visualizer', 'Visualizer'),
  visBackends: listOf(a('visBackend')),
  logProcessor: a('logProcessor', 'LogProcessor'),
  logLevel: { enum: ['DEBUG', 'INFO', 'WARNING', 'ERROR'] },
  loadFrom: optionalText,
  resume: { type: ['boolean', 'string'] },
  allowChanges: { type: 'boolean' },
  randomness: keys<RandomnessConfig>({
    seed: { type: ['integer', 'null'] },
    generator: { enum: ['keyed', 'torch'] },
    diffRankSeed: { type: 'boolean' },
    deterministic: { type: 'boolean' },
  }),
  experimentName: optionalText,
  autoScaleLr: keys<AutoScaleLrConfig>({ enable: { type: 'boolean' }, baseBatchSize: { type: 'integer' } }),
  efficientConvBnEval: oneOrMore(text),
  customImports: {
    ...keys<CustomImportsConfig>({ imports: oneOrMore(text), allowFailedImports: { type: 'boolean' } }),
    ...oneOrMore(text),
  },
  defaultScope: text,
  runnerType: {},
  compile: { type: ['boolean', 'object'] },
  launcher: { enum: ['none', 'pytorch', 'slurm', 'mpi'] },
  envCfg: keys<EnvConfig>({
    cudnnBenchmark: { type: 'boolean' },
    mpCfg: { type: 'object' },
    distCfg: { type: 'object' },
    resourceLimit: { type: 'integer' },
  }),
});

/** Keys that configs of a kind may have beside the options of their entry. */
export const commonKeys: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>> = {
  hook: { priority: { type: ['string', 'integer'] } },
  optimWrapper: {
    // Without a type: validators take every object to have a `constructor`.
    constructor: { description: 'Who makes the groups; default DefaultOptimWrapperConstructor.' },
    paramwiseCfg: a('optimWrapperConstructor', 'DefaultOptimWrapperConstructor'),
  },
};

export const engineKeys: readonly string[] = declaredKeys(engineSchema);

/** Finds which keys are declared at a place of a config, so that two spellings of one key can be told from two keys. */
export class Declarations {
  readonly #registry: Registry | undefined;
  readonly #schema: JsonSchema | undefined;

  private constructor(registry: Registry | undefined, schema: JsonSchema | undefined) {
    this.#registry = registry;
    this.#schema = schema;
  }

  /** Of a whole config. With a registry, options of things that are configured by name are known too. */
  static of(registry: Registry | undefined): Declarations {
    return new Declarations(registry, engineSchema);
  }

  /** The key of `node` that means the same as `key`: itself, or a declared key in the other spelling. */
  sameKey(node: MapNode, key: string): string {
    if (node.entries.has(key)) return key;
    const name = toCamelCase(key);
    if (!this.#declared(node).has(name)) return key;
    return [...node.entries.keys()].find((candidate) => toCamelCase(candidate) === name) ?? key;
  }

  /** For what is below a key of `node`. */
  below(node: MapNode, key: string): Declarations {
    const schemas = this.#schemasOf(node);
    const child = schemas.map((schema) => childOf(schema, toCamelCase(key))).find((schema) => schema !== undefined);
    return new Declarations(this.#registry, child);
  }

  /** For the elements of a list. */
  get item(): Declarations {
    const items = this.#schema?.items;
    return new Declarations(this.#registry, typeof items === 'object' ? items : undefined);
  }

  #declared(node: MapNode): ReadonlySet<string> {
    return new Set(this.#schemasOf(node).flatMap((schema) => declaredKeys(schema)));
  }

  #schemasOf(node: MapNode): JsonSchema[] {
    const type = valueOf(node.entries.get('type'));
    const types = type === undefined ? defaultTypes(this.#schema) : [type];
    const entries = types.flatMap((each) => (typeof each === 'string' ? this.#named(each) : [entryOf(each)]));
    const options = entries.map((entry) => entry && jsonSchemaOf(entry.options));
    return [this.#schema, this.#common, ...options].filter((schema) => schema !== undefined);
  }

  get #common(): JsonSchema | undefined {
    const kind = this.#schema?.[KIND_KEYWORD];
    const properties = typeof kind === 'string' && Object.hasOwn(commonKeys, kind) ? commonKeys[kind] : undefined;
    return properties && { properties };
  }

  #named(name: string): (Entry | undefined)[] {
    const kinds = new Set(this.#registry?.list().map((info) => info.kind));
    return [...kinds].map((kind) => this.#registry?.get(kind, name));
  }
}

function childOf(schema: JsonSchema, key: string): JsonSchema | undefined {
  const { properties = {} } = schema;
  const child =
    (Object.hasOwn(properties, key) ? properties[key] : undefined) ??
    (schema.anyOf ?? schema.oneOf)?.map((branch) => childOf(branch, key)).find((found) => found !== undefined);
  return typeof child === 'object' ? child : undefined;
}

function valueOf(node: Node | undefined): unknown {
  return node?.kind === 'value' ? node.value : undefined;
}

/** What may stand where no type is given. */
function defaultTypes(schema: JsonSchema | undefined): unknown[] {
  const branches = schema === undefined ? [] : branchesOf(schema);
  return branches.flatMap(({ default: standard }) => (isPlainObject(standard) ? [standard.type] : []));
}
