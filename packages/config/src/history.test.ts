import { posix } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Config } from './config.js';
import { overriding, valueNode } from './tree.js';

const files: Readonly<Record<string, string>> = {
  '/w/main.yaml':
    '_base_: [a.yaml, b.json]\noptimizer:\n  lr: 0.01\nlist: [7]\nhook: { _delete_: true, type: B }\ncopied: {{_base_.optimizer.lr}}\n',
  '/w/a.yaml': '_base_: root.yaml\noptimizer: { lr: 0.1, momentum: 0.9 }\nlist: [1, 2]\n',
  '/w/root.yaml': 'optimizer:\n  lr: 1\n',
  '/w/b.json': '{ "hook": { "type": "A", "interval": 5 }, "a.b": { "c": 1 } }',
};

const load = () =>
  Config.fromFile('main.yaml', {
    reader: {
      resolve: (path, from) => posix.resolve(from === undefined ? '/w' : posix.dirname(from), path),
      readText: (path) => Promise.resolve(files[path]),
      env: () => undefined,
    },
  });

const rows = (config: Config, path: string) =>
  config.history(path).map(({ value, at }) => [value, at?.file, at?.line, at?.column]);

describe('Config.history', () => {
  it('tells the whole chain: command line, file, bases', async () => {
    const config = (await load()).mergeCfgOptions(['optimizer.lr=5e-4']);
    expect(rows(config, 'optimizer.lr')).toEqual([
      [5e-4, '--cfg-options', undefined, undefined],
      [0.01, '/w/main.yaml', 3, 3],
      [0.1, '/w/a.yaml', 2, 14],
      [1, '/w/root.yaml', 2, 3],
    ]);
    expect(rows(config, 'optimizer.momentum')).toEqual([[0.9, '/w/a.yaml', 2, 23]]);
    expect(rows(config, 'a.b.c')).toEqual([[1, '/w/b.json', 1, 52]]);
    expect(config.history('nothing.here')).toEqual([]);
  });

  it('knows what a replaced list and a deleted object held', async () => {
    const config = (await load()).mergeCfgOptions(['list.0=8']);
    expect(rows(config, 'list.0').map(([value]) => value)).toEqual([8, 7, 1]);
    expect(rows(config, 'list').map(([value]) => value)).toEqual([[8], [1, 2]]);
    expect(rows(config, 'hook.type').map(([value]) => value)).toEqual(['B', 'A']);
    expect(rows(config, 'hook.interval').map(([value]) => value)).toEqual([5]);
    expect(config.get('hook.interval')).toBeUndefined();
  });

  it('says that a value was taken from a base', async () => {
    expect((await load()).history('copied')).toEqual([
      { value: 0.1, at: { file: '/w/main.yaml', line: 6, column: 1 }, note: '{{_base_.optimizer.lr}}' },
    ]);
  });

  it('lists every path once, in order', async () => {
    expect((await load()).paths).toEqual([
      'optimizer.lr',
      'optimizer.momentum',
      'list.0',
      'hook.type',
      'a.b.c',
      'copied',
    ]);
    expect(Config.fromData({ a: [], b: {}, c: [{}] }).paths).toEqual(['a', 'b', 'c.0']);
    expect(Config.fromData({}).paths).toEqual([]);
  });

  it('starts with the value that is there, whatever was merged', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const tree = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.array(fc.integer(), { maxLength: 3 }), tie('map')),
      map: fc.dictionary(key, tie('node'), { maxKeys: 3 }),
    })).map;
    fc.assert(
      fc.property(tree, fc.array(tree, { maxLength: 3 }), (base, layers) => {
        let config = Config.fromData(base);
        for (const layer of layers) {
          try {
            config = config.mergeFromDict(layer as Record<string, unknown>);
          } catch {
            return; // keys over a value
          }
        }
        for (const path of config.paths) expect(config.history(path)[0]?.value).toEqual(config.get(path));
      }),
    );
  });
});

describe('overriding', () => {
  it('goes below what a node already overrode', () => {
    const [one, two, three] = [1, 2, 3].map((value) => valueNode(value, undefined));
    if (one === undefined || two === undefined || three === undefined) throw new Error('three nodes');
    const chained = overriding(overriding(three, two), one);
    expect(chained.overrode).toMatchObject({ value: 2, overrode: { value: 1 } });
  });
});
