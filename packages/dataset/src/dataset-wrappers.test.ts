import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BaseDataset, type BaseDatasetInit, type DataInfo } from './base-dataset.js';
import { ClassBalancedDataset } from './class-balanced-dataset.js';
import { ConcatDataset } from './concat-dataset.js';
import type { Dataset, DatasetMeta, SampleContext } from './contract.js';
import { RepeatDataset } from './repeat-dataset.js';
import { sampleRandom } from './sample-random.js';
import { describeDataset } from './testing/index.js';

interface Golden {
  subsets: { n: number; indices: number | number[]; serialize: boolean; numbers: number[]; sample_idx: number[] }[];
  constructor_indices: { n: number; indices: number | number[]; numbers: number[] }[];
  concat: { lengths: number[]; length: number; places: number[]; origins: [number, number][] }[];
  repeat: { n: number; times: number; numbers: number[] }[];
  class_balanced: { cats: number[][]; oversample_thr: number; repeat_indices: number[]; cat_ids: number[][] }[];
  metainfo: {
    given: Record<string, unknown> | null;
    data_root: string;
    data_prefix: Record<string, string>;
    metainfo: DatasetMeta;
    paths: string[];
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../tooling/golden/numerics/datasets.json', import.meta.url), 'utf8'),
) as Golden;

/** Sample i is the number i with its categories, and a draw. */
class Numbered extends BaseDataset {
  constructor(
    readonly cats: readonly (readonly number[])[],
    init: BaseDatasetInit = {},
  ) {
    super(init);
  }
  override async loadDataList(): Promise<DataInfo[]> {
    return this.cats.map((cats, number) => ({ number, cats }));
  }
  override getCatIds(index: number): number[] {
    return this.getDataInfo(index).cats as number[];
  }
  override prepareData(index: number, ctx: SampleContext) {
    return { inputs: this.getDataInfo(index).number, samples: sampleRandom(ctx).nextInt(1e6) };
  }
}
const numbered = (n: number, init?: BaseDatasetInit): Numbered =>
  new Numbered(
    Array.from({ length: n }, () => [0]),
    init,
  );
async function ready<T extends Dataset>(dataset: T): Promise<T> {
  await dataset.init();
  return dataset;
}
const numbersOf = (dataset: { length: number; getDataInfo(index: number): DataInfo }): unknown[] =>
  Array.from({ length: dataset.length }, (_, i) => dataset.getDataInfo(i).number);

describe('as MMEngine does', () => {
  it('takes subsets', async () => {
    expect(golden.subsets.length).toBeGreaterThan(10);
    for (const { n, indices, serialize, numbers, sample_idx } of golden.subsets) {
      const dataset = await ready(numbered(n, { serializeData: serialize }));
      const subset = dataset.getSubset(indices);
      expect(numbersOf(subset)).toEqual(numbers);
      expect(numbers.map((_, i) => subset.getDataInfo(i).sampleIdx)).toEqual(sample_idx);
      expect(dataset.length).toBe(n);
      dataset.getSubset_(indices);
      expect(numbersOf(dataset)).toEqual(numbers);
    }
    for (const { n, indices, numbers } of golden.constructor_indices)
      expect(numbersOf(await ready(numbered(n, { indices })))).toEqual(numbers);
  });

  it('concatenates', async () => {
    for (const { lengths, length, places, origins } of golden.concat) {
      const concat = await ready(new ConcatDataset(lengths.map((n) => numbered(n))));
      expect(concat.length).toBe(length);
      expect(places.map((place) => concat.locate(place))).toEqual(origins);
    }
  });

  it('repeats', async () => {
    for (const { n, times, numbers } of golden.repeat)
      expect(numbersOf(await ready(new RepeatDataset(numbered(n), times)))).toEqual(numbers);
  });

  it('balances classes', async () => {
    expect(golden.class_balanced.length).toBeGreaterThan(5);
    for (const { cats, oversample_thr, repeat_indices, cat_ids } of golden.class_balanced) {
      const balanced = await ready(new ClassBalancedDataset(new Numbered(cats), oversample_thr));
      expect([...balanced.repeatIndices]).toEqual(repeat_indices);
      expect(repeat_indices.map((_, i) => balanced.getCatIds(i))).toEqual(cat_ids);
    }
  });

  it('ranks facts and joins paths', async () => {
    class Own extends BaseDataset {
      static override readonly METAINFO = { classes: ['own'], palette: [1, 2], task: 'own' };
    }
    const folder = await mkdtemp(join(tmpdir(), 'metainfo-'));
    await writeFile(join(folder, 'classes.txt'), 'bus\ncar\n');
    const content = {
      metainfo: { classes: ['file'], dataset_type: 'file', task: 'file' },
      data_list: [{ img_path: 'a.jpg' }, { img_path: '/b.jpg' }],
    };
    await writeFile(join(folder, 'ann.json'), JSON.stringify(content));
    for (const { given, data_root, data_prefix, metainfo, paths } of golden.metainfo) {
      const dataset = await ready(
        new Own({
          annFile: join(folder, 'ann.json'),
          dataRoot: data_root,
          dataPrefix: data_prefix,
          metainfo: JSON.parse(JSON.stringify(given ?? {}).replaceAll('{folder}', folder)) as DatasetMeta,
        }),
      );
      expect(dataset.metainfo).toEqual(metainfo);
      expect(paths.map((_, i) => dataset.getDataInfo(i).img_path)).toEqual(paths);
    }
    await rm(folder, { recursive: true });
  });
});

describe('as datasets', () => {
  describeDataset(() => new ConcatDataset([numbered(3), numbered(1), numbered(4)]));
  describeDataset(() => new RepeatDataset(numbered(3), 3));
  describeDataset(() => new ClassBalancedDataset(new Numbered([[0], [0, 1], [0], []]), 0.9));
  describeDataset(() => new RepeatDataset(new ConcatDataset([new RepeatDataset(numbered(2), 2), numbered(1)]), 2));
});

describe('wrappers', () => {
  it('draw augmentation by the index of the whole, so repetitions differ', async () => {
    const dataset = await ready(new RepeatDataset(new ConcatDataset([numbered(2), numbered(2)]), 3));
    const draws = Array.from({ length: 12 }, (_, index) => dataset.get(index, { seed: 1, epoch: 0, index }));
    expect(new Set(draws.map((sample) => (sample as { samples: number }).samples)).size).toBe(12);
  });

  it('prepare again when told to', async () => {
    const inner = new Numbered([[0], [0], [1], [0]]);
    const balanced = await ready(new ClassBalancedDataset(inner, 1));
    expect([...balanced.repeatIndices]).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    inner.getSubset_([0, 1]);
    await balanced.refresh();
    expect([...balanced.repeatIndices]).toEqual([0, 1]);
  });

  it('hand over to workers what they found out', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(4), { maxLength: 3 }), { minLength: 1, maxLength: 12 }),
        async (cats) => {
          const make = (): ConcatDataset => {
            const balanced = new ClassBalancedDataset(new Numbered(cats, { lazyInit: true }), 0.5, { lazyInit: true });
            const repeated = new RepeatDataset(numbered(2, { lazyInit: true }), 2, { lazyInit: true });
            return new ConcatDataset([balanced, repeated], { lazyInit: true });
          };
          const [here, there] = [await ready(make()), make()];
          await there.adopt(structuredClone(here.share()));
          expect(numbersOf(there)).toEqual(numbersOf(here));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('refuse subsets, and say where to take them', async () => {
    const dataset = await ready(new RepeatDataset(numbered(2), 2));
    for (const call of [() => dataset.getSubset(1), () => dataset.getSubset_([0])])
      expect(call).toThrowError('ENGINE_DATASET_NOT_IMPLEMENTED');
  });

  it('refuse what is not a dataset, bad numbers and indices', async () => {
    for (const value of [undefined, null, 3, 'x', {}, [numbered(1)]]) {
      expect(() => new RepeatDataset(value as never, 2)).toThrowError('ENGINE_DATASET_NOT_A_DATASET');
      expect(() => new ConcatDataset([numbered(1), value as never])).toThrowError('ENGINE_DATASET_NOT_A_DATASET');
    }
    expect(() => new ConcatDataset([])).toThrowError('ENGINE_DATASET_BAD_OPTION');
    for (const times of [0, -1, 1.5, Number.NaN])
      expect(() => new RepeatDataset(numbered(1), times)).toThrowError('ENGINE_DATASET_BAD_OPTION');
    for (const threshold of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => new ClassBalancedDataset(numbered(1), threshold)).toThrowError('ENGINE_DATASET_BAD_OPTION');
    const concat = await ready(new ConcatDataset([numbered(1), numbered(2)]));
    for (const index of [3, -4, 0.5]) expect(() => concat.locate(index)).toThrowError('ENGINE_DATASET_INDEX_RANGE');
    expect(() => new RepeatDataset(numbered(1), 2).length).toThrowError('ENGINE_DATASET_NOT_READY');
  });

  it('pass on errors of the datasets inside', async () => {
    const broken = new BaseDataset({ annFile: 'x.csv' });
    await expect(new RepeatDataset(broken, 2).init()).rejects.toMatchObject({ code: 'ENGINE_DATASET_ANN_FORMAT' });
    const bare: Dataset = { metainfo: {}, init: async () => {}, length: 2, get: () => ({ inputs: 1 }) };
    await expect(new ClassBalancedDataset(bare, 1).init()).rejects.toMatchObject({
      code: 'ENGINE_DATASET_NOT_IMPLEMENTED',
    });
    const repeated = await ready(new RepeatDataset(bare, 2));
    expect(() => repeated.getDataInfo(0)).toThrowError('ENGINE_DATASET_NOT_IMPLEMENTED');
  });
});

describe('ConcatDataset and metainfo', () => {
  const withMeta = (metainfo: DatasetMeta): Numbered => numbered(1, { metainfo });
  const concat = (metas: DatasetMeta[], ignoreKeys?: string | string[]): Promise<ConcatDataset> =>
    ready(new ConcatDataset(metas.map(withMeta), { ignoreKeys }));

  it.each([
    ['a value differs', [{ classes: ['a'] }, { classes: ['b'] }]],
    ['a type differs', [{ n: 1 }, { n: '1' }]],
    ['a key is missing later', [{ n: 1 }, {}]],
    ['a key is missing first', [{}, { n: 1 }]],
    ['a typed array differs', [{ p: Uint8Array.of(1) }, { p: Uint8Array.of(2) }]],
    ['a list is longer', [{ p: [1] }, { p: [1, 2] }]],
    ['a list is an object', [{ p: [1] }, { p: { 0: 1 } }]],
  ])('refuses when %s', async (_, metas) => {
    await expect(concat(metas)).rejects.toMatchObject({ code: 'ENGINE_DATASET_METAINFO_MISMATCH' });
    expect((await concat(metas, Object.keys({ ...metas[0], ...metas[1] }))).length).toBe(2);
    expect((await concat(metas, Object.keys({ ...metas[0], ...metas[1] })[0])).metainfo).toEqual(metas[0]);
  });

  it('takes equal facts, whatever they hold', async () => {
    const facts = {
      classes: ['a'],
      palette: [[1, 2]],
      weights: Float32Array.of(0.5),
      nested: { a: { b: null } },
      not: Number.NaN,
    };
    expect((await concat([facts, structuredClone(facts), structuredClone(facts)])).metainfo).toEqual(facts);
  });

  it('refuses ignoreKeys of the wrong type', () => {
    expect(() => new ConcatDataset([numbered(1)], { ignoreKeys: 3 as never })).toThrowError(
      'ENGINE_DATASET_BAD_OPTION',
    );
  });
});
