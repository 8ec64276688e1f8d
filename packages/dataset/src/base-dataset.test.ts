import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '@engine/core';
import { silentLogger } from '@engine/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BaseDataset, type BaseDatasetInit, type DataInfo } from './base-dataset.js';
import type { Transform } from './contract.js';
import { DataLoader } from './data-loader.js';
import { describeDataset } from './testing/index.js';

const ctx = { seed: 0, epoch: 0, index: 0 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'annotations-'));
  await Promise.all([
    file('good.json', {
      metainfo: { classes: ['cat'], taskName: 'file' },
      data_list: [
        { img_path: 'a.jpg', label: 2 },
        { img_path: 'b.jpg', label: 0 },
        { img_path: 'c.jpg', label: 1 },
      ],
    }),
    file('list.json', [1, 2]),
    file('no-meta.json', { data_list: [] }),
    file('no-list.json', { metainfo: {} }),
    file('not-records.json', { metainfo: {}, data_list: [3] }),
    file('list-is-object.json', { metainfo: {}, data_list: {} }),
    file('meta-is-list.json', { metainfo: [], data_list: [] }),
    file('no-path.json', { metainfo: {}, data_list: [{ image: 'a.jpg' }] }),
    file('empty.json', { metainfo: {}, data_list: [] }),
    writeFile(join(folder, 'broken.json'), '{"metainfo": {}, '),
    writeFile(join(folder, 'broken.yaml'), 'metainfo: {a: [}\n'),
    writeFile(join(folder, 'annotations.csv'), 'a,b\n'),
    writeFile(
      join(folder, 'good.yaml'),
      'metainfo:\n  classes: [cat]\ndata_list:\n- {img_path: a.jpg, label: 2}\n- {img_path: /abs/b.jpg, label: 0}\n',
    ),
    writeFile(join(folder, 'classes.txt'), 'bus\r\ncar\n'),
  ]);
});
afterAll(() => rm(folder, { recursive: true }));

const file = (name: string, content: unknown): Promise<void> => writeFile(join(folder, name), JSON.stringify(content));
const at = (name: string): string => join(folder, name);

async function ready(init: BaseDatasetInit): Promise<BaseDataset> {
  const dataset = new BaseDataset(init);
  await dataset.init();
  return dataset;
}

const pack: Transform = { transform: ({ label, ...rest }) => ({ inputs: label, samples: rest.sampleIdx }) };

describe('BaseDataset as a dataset', () => {
  describeDataset(() => new BaseDataset({ annFile: at('good.json'), pipeline: [pack] }));
});

describe('BaseDataset', () => {
  it('reads records, joins their paths, and numbers them', async () => {
    const dataset = await ready({ annFile: 'good.json', dataRoot: folder, dataPrefix: { img_path: 'train' } });
    expect(dataset.length).toBe(3);
    expect(dataset.getDataInfo(1)).toEqual({ img_path: `${folder}/train/b.jpg`, label: 0, sampleIdx: 1 });
    expect(dataset.getDataInfo(-3)).toEqual(dataset.getDataInfo(0));
    expect(dataset.metainfo).toEqual({ classes: ['cat'], taskName: 'file' });
  });

  it('reads YAML', async () => {
    const dataset = await ready({ annFile: at('good.yaml'), dataRoot: 'root' });
    expect([0, 1].map((i) => dataset.getDataInfo(i).img_path)).toEqual(['root/a.jpg', '/abs/b.jpg']);
  });

  it('runs samples through the pipeline; null asks for another, except in test mode', async () => {
    const dropsTwos: Transform = { transform: (sample) => (sample.inputs === 2 ? null : sample) };
    const init = { annFile: at('good.json'), pipeline: [pack, dropsTwos] };
    const dataset = await ready(init);
    expect(dataset.get(1, ctx)).toEqual({ inputs: 0, samples: 1 });
    expect(dataset.get(0, ctx)).toBeNull();
    const batchesOf = async (given: BaseDatasetInit) => {
      const loader = new DataLoader({ dataset: new BaseDataset(given), batchSize: 3 });
      await loader.init();
      return (await loader.batches().next()).value as { inputs: { data: Int32Array } };
    };
    expect([...(await batchesOf(init)).inputs.data].includes(2)).toBe(false);
    await expect(batchesOf({ ...init, testMode: true })).rejects.toMatchObject({ code: 'ENGINE_DATASET_NO_SAMPLE' });
    await expect(batchesOf({ ...init, pipeline: [{ transform: () => null }], maxRefetch: 4 })).rejects.toMatchObject({
      code: 'ENGINE_DATASET_NO_SAMPLE',
      expected: expect.stringContaining('maxRefetch = 4') as string,
    });
  });

  it('gives new objects at every read, whether serialised or not', async () => {
    for (const serializeData of [true, false]) {
      const dataset = await ready({ annFile: at('good.json'), serializeData });
      dataset.getDataInfo(0).label = 9;
      expect(dataset.getDataInfo(0).label).toBe(2);
      expect(dataset.shared === undefined).toBe(!serializeData);
    }
  });

  it('takes an empty annotation file', async () => {
    expect((await ready({ annFile: at('empty.json') })).length).toBe(0);
  });

  it('keeps copies of what it was given, and hands out copies', async () => {
    const [metainfo, filterCfg] = [{ classes: ['given'] }, { minSize: 3 }];
    const dataset = await ready({ annFile: at('good.json'), metainfo, filterCfg });
    metainfo.classes.push('later');
    filterCfg.minSize = 4;
    (dataset.metainfo.classes as string[]).push('elsewhere');
    expect(dataset.metainfo.classes).toEqual(['given']);
    expect(dataset.filterCfg).toEqual({ minSize: 3 });
  });

  it('reads a text file that metainfo names, and warns when there is none', async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
    const metainfo = { names: at('classes.txt'), taskName: 'detection' };
    const dataset = await ready({ annFile: at('good.json'), metainfo, logger });
    expect(dataset.metainfo).toMatchObject({ names: ['bus', 'car'], taskName: 'detection' });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('detection');
    await expect(ready({ annFile: at('good.json'), metainfo: { names: folder } })).rejects.toMatchObject({
      code: expect.stringMatching(/^ENGINE_FILEIO_/) as string,
    });
  });
});

describe('lazyInit', () => {
  it('reads nothing before init(), and everything at once without it', async () => {
    const reads: string[] = [];
    const storage = {
      get: async (path: string) => {
        reads.push(path);
        return new TextEncoder().encode(JSON.stringify({ metainfo: { a: 1 }, data_list: [] }));
      },
    };
    const lazy = new BaseDataset({ annFile: 'a.json', storage, lazyInit: true });
    await new Promise((resolve) => setTimeout(resolve));
    expect(reads).toEqual([]);
    expect(lazy.metainfo).toEqual({});
    expect(lazy.isFullyInitialized).toBe(false);
    expect(() => lazy.length).toThrowError('ENGINE_DATASET_NOT_READY');
    await lazy.fullInit();
    expect(lazy.metainfo).toEqual({ a: 1 });
    const eager = new BaseDataset({ annFile: 'b.json', storage });
    await new Promise((resolve) => setTimeout(resolve));
    expect(reads).toEqual(['a.json', 'b.json']);
    await Promise.all([eager.init(), eager.init(), lazy.init()]);
    expect(reads).toHaveLength(2);
  });

  it('lets another attempt succeed', async () => {
    let fails = true;
    class Flaky extends BaseDataset {
      override async loadDataList(): Promise<DataInfo[]> {
        if (fails) throw new Error('disk');
        return [{ a: 1 }];
      }
    }
    const dataset = new Flaky();
    await expect(dataset.init()).rejects.toThrow('disk');
    fails = false;
    await dataset.init();
    expect(dataset.length).toBe(1);
  });
});

describe('subclasses', () => {
  class Video extends BaseDataset {
    static override readonly METAINFO = { classes: ['walk', 'run'] };
    override parseDataInfo(raw: DataInfo): DataInfo[] {
      return [0, 1].map((frame) => ({ ...super.parseDataInfo(raw), frame }) as DataInfo);
    }
    override filterData(dataList: DataInfo[]): DataInfo[] {
      return dataList.filter(({ label }) => (label as number) >= (this.filterCfg.least as number));
    }
  }

  it('may make several samples of a record, filter them, and know facts of their own', async () => {
    const dataset = new Video({ annFile: at('good.json'), filterCfg: { least: 1 }, indices: -3 });
    await dataset.init();
    expect([0, 1, 2].map((i) => dataset.getDataInfo(i))).toMatchObject([
      { label: 2, frame: 1, sampleIdx: 0 },
      { label: 1, frame: 0, sampleIdx: 1 },
      { label: 1, frame: 1, sampleIdx: 2 },
    ]);
    expect(dataset.metainfo).toEqual({ classes: ['walk', 'run'], taskName: 'file' });
    (dataset.metainfo.classes as string[]).push('x');
    expect(Video.METAINFO.classes).toHaveLength(2);
    expect(
      new (class extends Video {
        static override readonly METAINFO = { classes: ['other'] } as { classes: string[] };
      })({ lazyInit: true }).metainfo,
    ).toEqual({ classes: ['other'] });
  });

  it('must say the categories themselves', async () => {
    const dataset = await ready({ annFile: at('good.json') });
    expect(() => dataset.getCatIds(0)).toThrowError('ENGINE_DATASET_NOT_IMPLEMENTED');
  });

  it('keep their own fields and class in subsets, which are independent', async () => {
    class Tagged extends Video {
      tag = 'mine';
    }
    const dataset = new Tagged({ annFile: at('good.json'), filterCfg: { least: 0 } });
    await dataset.init();
    const subset = dataset.getSubset([5, -6]);
    expect(subset).toBeInstanceOf(Tagged);
    expect(subset.tag).toBe('mine');
    expect(subset.getDataInfo(0)).toMatchObject({ label: 1, frame: 1, sampleIdx: 0 });
    expect([dataset.length, subset.length]).toEqual([6, 2]);
    dataset.getSubset_(1);
    expect([dataset.length, subset.length]).toEqual([1, 2]);
  });
});

describe('sharing with workers', () => {
  it.each([true, false])(
    'hands over records and metainfo without reading again (serialised: %s)',
    async (serializeData) => {
      const dataset = await ready({ annFile: at('good.json'), serializeData });
      dataset.getSubset_([2, 0]);
      const other = new BaseDataset({ annFile: 'no such file.json', serializeData });
      other.adopt(structuredClone(dataset.share()));
      await other.init();
      expect(other.metainfo).toEqual(dataset.metainfo);
      expect([other.length, other.getDataInfo(0).label]).toEqual([2, 1]);
    },
  );
});

describe('bad input', () => {
  it.each([
    ['no annotation file', { annFile: '' }, 'ENGINE_DATASET_ANN_FORMAT'],
    ['a format that is not read', { annFile: 'annotations.csv' }, 'ENGINE_DATASET_ANN_FORMAT'],
    ['a list at the root', { annFile: 'list.json' }, 'ENGINE_DATASET_ANN_FORMAT'],
    ['half a JSON file', { annFile: 'broken.json' }, 'ENGINE_DATASET_ANN_FORMAT'],
    ['broken YAML', { annFile: 'broken.yaml' }, 'ENGINE_DATASET_ANN_FORMAT'],
    ['no metainfo', { annFile: 'no-meta.json' }, 'ENGINE_DATASET_ANN_KEYS'],
    ['no data_list', { annFile: 'no-list.json' }, 'ENGINE_DATASET_ANN_KEYS'],
    ['a data_list that is none', { annFile: 'list-is-object.json' }, 'ENGINE_DATASET_ANN_FORMAT'],
    ['a metainfo that is none', { annFile: 'meta-is-list.json' }, 'ENGINE_DATASET_ANN_FORMAT'],
    ['records that are none', { annFile: 'not-records.json' }, 'ENGINE_DATASET_BAD_DATA_INFO'],
    ['records without the path', { annFile: 'no-path.json' }, 'ENGINE_DATASET_MISSING_KEY'],
    ['a missing file', { annFile: 'missing.json' }, 'ENGINE_FILEIO_NOT_FOUND'],
    ['an index that is not there', { annFile: 'good.json', indices: [3] }, 'ENGINE_DATASET_INDEX_RANGE'],
    ['indices that are none', { annFile: 'good.json', indices: 'all' as never }, 'ENGINE_DATASET_BAD_INDICES'],
    ['half an index', { annFile: 'good.json', indices: 1.5 }, 'ENGINE_DATASET_BAD_INDICES'],
    [
      'a typed array of indices',
      { annFile: 'good.json', indices: Int32Array.of(1) as never },
      'ENGINE_DATASET_BAD_INDICES',
    ],
  ])('%s is a coded error of init()', async (_, init, code) => {
    await expect(ready({ dataRoot: folder, ...init })).rejects.toMatchObject({ code });
  });

  it.each([
    ['metainfo', { metainfo: ['cat'] as never }, 'ENGINE_DATASET_BAD_METAINFO'],
    ['a prefix', { dataPrefix: { img_path: 3 as never } }, 'ENGINE_DATASET_BAD_PREFIX'],
    ['a transform', { pipeline: [{} as never] }, 'ENGINE_DATASET_NOT_A_TRANSFORM'],
  ])('%s of the wrong type is a coded error when made', (_, init, code) => {
    expect(() => new BaseDataset(init)).toThrowError(code);
  });

  it('refuses indices out of range', async () => {
    const dataset = await ready({ annFile: at('good.json') });
    for (const index of [3, -4, 0.5])
      expect(() => dataset.getDataInfo(index)).toThrowError('ENGINE_DATASET_INDEX_RANGE');
    for (const wrong of [undefined, null, '1', {}]) {
      expect(() => dataset.getSubset(wrong as never)).toThrowError('ENGINE_DATASET_BAD_INDICES');
    }
  });

  it('refuses records that are not plain data', async () => {
    class Odd extends BaseDataset {
      override loadDataList = async (): Promise<DataInfo[]> => [{ when: () => 1 }];
    }
    await expect(new Odd().init()).rejects.toMatchObject({ code: 'ENGINE_DATASET_NOT_SERIALIZABLE' });
    class Worse extends BaseDataset {
      override parseDataInfo = (): DataInfo[] => ['x' as never];
    }
    await expect(new Worse({ annFile: at('good.json') }).init()).rejects.toMatchObject({
      code: 'ENGINE_DATASET_BAD_DATA_INFO',
    });
  });
});
