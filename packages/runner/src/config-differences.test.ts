import { engineKeys } from '@engine/config';
import type { Json, JsonObject } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConfigDifference, configDifferences, type DifferenceKind, kindOf } from './config-differences.js';

const key = fc.stringMatching(/^[a-z]{1,6}$/).filter((name) => name !== 'type');
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const { tree, map } = fc.letrec<{ tree: Json; map: JsonObject; list: Json[] }>((tie) => ({
  tree: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie('map'), tie('list')),
  map: fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
  list: fc.array(tie('tree'), { maxLength: 4 }),
}));
const hook = fc.record({ type: fc.constantFrom('EMAHook', 'Watch', 'Other'), options: tree });
const config = fc
  .tuple(
    fc.dictionary(fc.constantFrom('model', 'optimWrapper', 'mine'), tree),
    fc.dictionary(fc.constantFrom('trainCfg', 'randomness'), map),
    fc.array(hook, { maxLength: 4 }),
  )
  .map(([things, sections, customHooks]): JsonObject => ({ ...things, ...sections, customHooks }));

type Path = readonly (string | number)[];

function leavesOf(value: Json, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, item]) =>
    leavesOf(item, [...path, Array.isArray(value) ? Number(name) : name]),
  );
}

function changed(value: Json, [first, ...rest]: Path): Json {
  if (first === undefined) return { changed: value };
  if (Array.isArray(value)) return value.map((item, index) => (index === first ? changed(item, rest) : item));
  const map = value as JsonObject;
  return { ...map, [first]: changed(map[first] as Json, rest) };
}

/** As another writer would have it. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, item]) => [name, reversed(item)]),
  );
}

const none = (): boolean => false;
const kind = (path: string): DifferenceKind => kindOf({ path, saved: 0, now: 1 }, none);

describe('differences of configs', () => {
  it('are none for equal configs, whatever the order of their keys', () => {
    fc.assert(fc.property(config, (data) => configDifferences(data, reversed(data) as JsonObject).length === 0));
  });

  it('tell every single leaf that is changed, with its path and both values', () => {
    const withLeaf = config
      .filter((data) => leavesOf(data).some((path) => !isType(path)))
      .chain((data) => fc.tuple(fc.constant(data), fc.constantFrom(...leavesOf(data).filter((path) => !isType(path)))));
    fc.assert(
      fc.property(withLeaf, ([data, path]) => {
        const now = changed(data, path) as JsonObject;
        const differences = configDifferences(data, now);
        expect(differences).toHaveLength(1);
        expect(differences[0]).toMatchObject({
          path: path.join('.'),
          now: { changed: valueAt(data, path) },
          saved: valueAt(data, path),
        });
        expect(configDifferences(now, data)).toMatchObject([{ path: path.join('.'), now: valueAt(data, path) }]);
      }),
    );
  });

  it('compare a hook with that of its type, wherever the two stand, and tell where it stands now', () => {
    const [watch, ema, other] = [{ type: 'Watch' }, { type: 'EMAHook', momentum: 0.1 }, { type: 'mine.Other' }];
    const hooks = (...customHooks: Json[]): JsonObject => ({ customHooks });
    expect(configDifferences(hooks(watch, ema), hooks(ema, watch))).toEqual([]);
    expect(configDifferences(hooks(watch, ema), hooks({ ...ema, momentum: 0.2 }, other))).toEqual([
      { path: 'customHooks.0.momentum', saved: 0.1, now: 0.2, hook: 'EMAHook' },
      { path: 'customHooks.1', saved: undefined, now: other, hook: 'Other' },
      { path: 'customHooks.0', saved: watch, now: undefined, hook: 'Watch' },
    ]);
    expect(configDifferences(hooks('<an EMAHook>', { name: 'Literal' }), {}).map((each) => each.hook)).toEqual([
      'EMAHook',
      'Literal',
    ]);
    expect(configDifferences({ default_hooks: { mine: watch } }, {})).toMatchObject([
      { path: 'defaultHooks.mine', saved: watch, hook: 'Watch' },
    ]);
  });

  it('take spellings for one, and give that of the present config', () => {
    expect(
      configDifferences(
        { train_cfg: { max_epochs: 1 }, custom_hooks: [] },
        { trainCfg: { max_epochs: 2 }, custom_hooks: [{ type: 'A' }] },
      ).map(({ path }) => path),
    ).toEqual(['trainCfg.max_epochs', 'custom_hooks.0']);
    expect(configDifferences({ random: 1 }, { random: 1, randomness: { seed: 3 } })).toMatchObject([
      { path: 'randomness.seed', now: 3 },
    ]);
  });
});

describe('what a difference means', () => {
  it('is that it breaks the run, for every key of the engine that is not known to be harmless', () => {
    expect(engineKeys.filter((name) => kind(name) === 'breaking')).toEqual([
      'model',
      'dataPreprocessor',
      'trainDataloader',
      'trainCfg',
      'optimWrapper',
      'paramScheduler',
      'defaultHooks',
      'customHooks',
      'randomness',
      'autoScaleLr',
      'efficientConvBnEval',
      'defaultScope',
      'runnerType',
    ]);
    for (const path of [
      'model.depth',
      'optimWrapper.optimizer.lr',
      'paramScheduler.0.begin',
      'trainDataloader.batch_size',
      'trainDataloader.dataset.numWorkers',
      'trainDataloader.shuffle',
      'train_cfg.by_epoch',
      'trainCfg.type',
      'randomness.generator',
      'defaultHooks.paramScheduler',
      'default_hooks.sampler_seed.type',
    ])
      expect([path, kind(path)]).toEqual([path, 'breaking']);
  });

  it('is nothing for what never changes a batch, a step or a weight, and for variables of the user', () => {
    for (const path of [
      'workDir',
      'resume',
      'load_from',
      'visualizer.visBackends.0.type',
      'logProcessor.windowSize',
      'trainDataloader.numWorkers',
      'train_dataloader.num_workers',
      'trainDataloader.prefetchFactor',
      'valDataloader.persistent_workers',
      'model.initCfg',
      'model.backbone.init_cfg.checkpoint',
      'defaultHooks.logger.interval',
      'default_hooks.checkpoint.save_best',
      'testDataloader.dataset.root',
      'my_rate',
      'batchSize',
    ])
      expect([path, kind(path)]).toEqual([path, 'free']);
  });

  it('is told for what changes how the run is measured and how long it is', () => {
    for (const path of ['trainCfg.maxEpochs', 'train_cfg.val_interval', 'valEvaluator.type', 'backend.type'])
      expect([path, kind(path)]).toEqual([path, 'told']);
  });

  it('depends for hooks on whether they have a state', () => {
    const difference: ConfigDifference = { path: 'customHooks.0', saved: undefined, now: {}, hook: 'EMAHook' };
    expect(kindOf(difference, (type) => type === 'EMAHook')).toBe('breaking');
    expect(kindOf({ ...difference, hook: 'Watch' }, (type) => type === 'EMAHook')).toBe('told');
  });
});

/** Another type is another hook: no change at a leaf. */
function isType(path: Path): boolean {
  return path[0] === 'customHooks' && path.at(-1) === 'type' && path.length === 3;
}

function valueAt(data: Json, path: Path): Json {
  return path.reduce<Json>((value, name) => (value as JsonObject)[name] as Json, data);
}
