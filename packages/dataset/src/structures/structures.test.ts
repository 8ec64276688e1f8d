import { type HostArray, type HostDType, hostArray } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultCollate, pseudoCollate } from '../index.js';
import { BaseDataElement } from './base-data-element.js';
import { InstanceData, slicePlaces } from './instance-data.js';
import { LabelData } from './label-data.js';
import { PixelData } from './pixel-data.js';

const ints = (...values: number[]): HostArray<'int32'> => hostArray('int32', [values.length], Int32Array.from(values));
const floats = (shape: number[], ...values: number[]): HostArray<'float32'> =>
  hostArray('float32', shape, Float32Array.from(values));
const bools = (...values: number[]): HostArray<'bool'> => hostArray('bool', [values.length], Uint8Array.from(values));
const listOf = (value: unknown): unknown[] => Array.from((value as HostArray).data as ArrayLike<unknown>);

describe('BaseDataElement', () => {
  const make = () => new BaseDataElement({ metainfo: { imgShape: [4, 5] }, boxes: ints(1, 2), score: 0.5 });

  it('keeps data and facts apart, and reads both as properties', () => {
    const element = BaseDataElement.of({ boxes: ints(1, 2), score: 0.5 }, { imgShape: [4, 5] });
    expect(element.score).toBe(0.5);
    expect((element as unknown as { imgShape: number[] }).imgShape).toEqual([4, 5]);
    expect([element.keys(), element.metainfoKeys(), element.allKeys()]).toEqual([
      ['boxes', 'score'],
      ['imgShape'],
      ['imgShape', 'boxes', 'score'],
    ]);
    expect(element.items()).toEqual([
      ['boxes', ints(1, 2)],
      ['score', 0.5],
    ]);
    expect(element.values()).toEqual([ints(1, 2), 0.5]);
    element.score = 1;
    expect(element.get('score')).toBe(1);
    expect([element.has('imgShape'), element.has('keys'), element.get('no'), element.get('no', 3)]).toEqual([
      true,
      false,
      undefined,
      3,
    ]);
  });

  it('refuses a name that the other part, or the class, has', () => {
    const element = make();
    for (const change of [
      () => element.setData({ imgShape: 1 }),
      () => element.setMetainfo({ score: 1 }),
      () => {
        (element as unknown as { imgShape: number }).imgShape = 3;
      },
      () => element.setField('keys', 1),
      () => new InstanceData({ length: [1] }),
    ]) {
      expect(change).toThrowError('ENGINE_DATASET_ELEMENT_FIELD');
    }
    element.delete('imgShape');
    element.setField('imgShape', 7);
    expect([element.metainfoKeys(), element.get('imgShape')]).toEqual([[], 7]);
  });

  it('copies facts in and out, and shares data', () => {
    const metainfo = { imgShape: [4, 5] };
    const data = { list: [1] };
    const element = new BaseDataElement({ ...data, metainfo });
    metainfo.imgShape.push(6);
    (element.metainfo.imgShape as number[]).push(7);
    expect(element.metainfo).toEqual({ imgShape: [4, 5] });
    const clone = element.clone();
    expect(clone.get('list')).toBe(data.list);
    clone.setMetainfo({ imgShape: [] });
    expect(element.metainfo).toEqual({ imgShape: [4, 5] });
  });

  it('makes new ones, replacing the part that is given', () => {
    const element = make();
    expect(element.new({ label: 3 }).toDict()).toEqual({ imgShape: [4, 5], label: 3 });
    expect(element.new({ metainfo: { other: 1 } }).toDict()).toEqual({ other: 1, boxes: ints(1, 2), score: 0.5 });
    element.update(new BaseDataElement({ metainfo: { path: 'a' }, score: 9 }));
    expect(element.toDict()).toEqual({ imgShape: [4, 5], path: 'a', boxes: ints(1, 2), score: 9 });
  });

  it('lets fields go', () => {
    const element = make();
    expect(element.pop('score')).toBe(0.5);
    expect(element.pop('score', 'none')).toBe('none');
    expect(element.pop('score', undefined)).toBeUndefined();
    expect(() => element.pop('score')).toThrowError('ENGINE_DATASET_ELEMENT_FIELD');
    expect(() => element.delete('score')).toThrowError('ENGINE_DATASET_ELEMENT_FIELD');
    expect(element.pop('imgShape')).toEqual([4, 5]);
    expect(element.allKeys()).toEqual(['boxes']);
  });

  it.each([
    ['number', 1, '1'],
    ['string', 'a', 1],
    ['boolean', true, 0],
    ['hostArray', ints(1), [1]],
    [Map, new Map(), {}],
  ] as const)('checks a field of type %s now and later', (type, right, wrong) => {
    const element = new BaseDataElement();
    element.setField('field', right, { type });
    expect(() => element.setField('other', wrong, { type })).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
    expect(element.has('other')).toBe(false);
    expect(() => Object.assign(element, { field: wrong })).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
    expect(element.get('field')).toBe(right);
  });

  it('refuses what are not fields', () => {
    for (const value of [3, [1], null, new Map()]) {
      expect(() => new BaseDataElement().setData(value as never)).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
      expect(() => new BaseDataElement().setMetainfo(value as never)).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
      expect(() => new BaseDataElement().update(value as never)).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
    }
  });

  it('changes arrays, in elements inside too', () => {
    const element = new BaseDataElement({ a: ints(1), inner: new BaseDataElement({ b: ints(2) }), c: 3 });
    expect(element.mapArrays(listOf).toDict()).toEqual({ a: [1], inner: { b: [2] }, c: 3 });
    expect(element.toDict()).toEqual({ a: ints(1), inner: { b: ints(2) }, c: 3 });
  });

  it('is shown as MMEngine shows it', () => {
    const deep = new BaseDataElement({ c: 3 });
    const inner = new BaseDataElement({ metainfo: { m: 'x' }, b: 2, deep });
    const text = String(new BaseDataElement({ metainfo: { img_shape: 3 }, a: 1, inner })).replaceAll(
      /0x[0-9a-f]+/g,
      '0xN',
    );
    expect(text.replaceAll(' ', '·').split('\n')).toEqual([
      '<BaseDataElement(',
      '',
      '····META·INFORMATION',
      '····img_shape:·3',
      '',
      '····DATA·FIELDS',
      '····a:·1',
      '····inner:·<BaseDataElement(',
      '········',
      '············META·INFORMATION',
      "············m:·'x'",
      '········',
      '············DATA·FIELDS',
      '············b:·2',
      '············deep:·<BaseDataElement(',
      '················',
      '····················META·INFORMATION',
      '················',
      '····················DATA·FIELDS',
      '····················c:·3',
      '················)·at·0xN>',
      '········)·at·0xN>',
      ')·at·0xN>',
    ]);
    expect(String(deep)).toBe(String(deep));
    expect(String(new BaseDataElement({ big: ints(...Array(9).keys()) }))).toContain(
      'int32 (9) [0, 1, 2, 3, 4, 5, 6, 7, ...]',
    );
  });

  it('stays as it is in batches', () => {
    const samples = [make(), make()].map((element) => ({ inputs: 1, samples: element }));
    for (const collate of [defaultCollate, pseudoCollate])
      expect((collate(samples).samples as unknown[])[1]).toBe(samples[1]?.samples);
  });
});

describe('InstanceData', () => {
  class Points {
    constructor(readonly items: readonly string[]) {}
    get length(): number {
      return this.items.length;
    }
    slice(start: number, end: number): Points {
      return new Points(this.items.slice(start, end));
    }
    cat(pieces: readonly Points[]): Points {
      return new Points(pieces.flatMap(({ items }) => items));
    }
  }
  const make = (metainfo = { path: 'a.jpg' }) =>
    InstanceData.of(
      {
        boxes: floats([4, 2], 0, 1, 10, 11, 20, 21, 30, 31),
        names: ['a', 'b', 'c', 'd'],
        text: 'wxyz',
        ids: hostArray('int64', [4], BigInt64Array.of(1n, 2n, 3n, 4n)),
        raw: Float64Array.of(1, 2, 3, 4),
        points: new Points(['p', 'q', 'r', 's']),
      },
      metainfo,
    );

  it.each([
    ['a number', 1, [1]],
    ['a number from the end', -1, [3]],
    ['a list', [2, 0, -4], [2, 0, 0]],
    ['an empty list', [], []],
    ['a list of booleans', [true, false, false, true], [0, 3]],
    ['int32', ints(3, 3), [3, 3]],
    ['int64', hostArray('int64', [1], BigInt64Array.of(-2n)), [2]],
    ['a mask', bools(0, 1, 1, 0), [1, 2]],
    ['an empty mask result', bools(0, 0, 0, 0), []],
    ['a slice', { start: 1, stop: -1 }, [1, 2]],
    ['a backward slice', { step: -2 }, [3, 1]],
  ])('selects by %s', (_, index, places) => {
    const selected = make().select(index);
    expect(selected).toBeInstanceOf(InstanceData);
    expect(selected.metainfo).toEqual({ path: 'a.jpg' });
    expect(selected.length).toBe(places.length);
    expect(selected.get('boxes')).toEqual(floats([places.length, 2], ...places.flatMap((i) => [i * 10, i * 10 + 1])));
    expect(selected.get('names')).toEqual(places.map((i) => 'abcd'[i]));
    expect(selected.get('text')).toBe(places.map((i) => 'wxyz'[i]).join(''));
    expect(listOf(selected.get('ids'))).toEqual(places.map((i) => BigInt(i + 1)));
    expect([...(selected.get('raw') as Float64Array)]).toEqual(places.map((i) => i + 1));
    expect((selected.get('points') as Points).items).toEqual(places.map((i) => 'pqrs'[i]));
  });

  it('takes slices as Python does', () => {
    const part = fc.option(fc.integer({ min: -7, max: 7 }), { nil: undefined });
    fc.assert(
      fc.property(fc.nat(6), part, part, fc.integer({ min: 1, max: 3 }), (length, start, stop, step) => {
        const list = Array.from({ length }, (_, i) => i);
        expect(slicePlaces({ start, stop, step }, length)).toEqual(
          list.slice(start ?? 0, stop).filter((_, i) => i % step === 0),
        );
      }),
    );
    expect(slicePlaces({ start: 4, stop: 0, step: -2 }, 5)).toEqual([4, 2]);
    expect(slicePlaces({ start: -9, step: -1 }, 5)).toEqual([]);
    expect(slicePlaces({ start: 9, step: -4 }, 5)).toEqual([4, 0]);
  });

  it.each([
    ['a number out of range', 4, 'ENGINE_DATASET_INDEX_RANGE'],
    ['one of a list out of range', [0, -5], 'ENGINE_DATASET_INDEX_RANGE'],
    ['half a number', 0.5, 'ENGINE_DATASET_BAD_INDICES'],
    ['float32', floats([1], 0), 'ENGINE_DATASET_BAD_INDICES'],
    ['two axes', hostArray('int32', [1, 1], Int32Array.of(0)), 'ENGINE_DATASET_BAD_INDICES'],
    ['a short mask', bools(1), 'ENGINE_DATASET_ELEMENT_SHAPE'],
    ['a long list of booleans', [true, true, true, true, true], 'ENGINE_DATASET_ELEMENT_SHAPE'],
    ['a string', 'boxes', 'ENGINE_DATASET_BAD_INDICES'],
    ['nothing', undefined, 'ENGINE_DATASET_BAD_INDICES'],
    ['step 0', { step: 0 }, 'ENGINE_DATASET_BAD_INDICES'],
    ['other keys', { from: 1 }, 'ENGINE_DATASET_BAD_INDICES'],
  ])('refuses %s', (_, index, code) => {
    expect(() => make().select(index as never)).toThrowError(code);
  });

  it('wants one row an instance, whenever a field is set', () => {
    const data = make();
    expect(() => data.setField('more', [1])).toThrowError('ENGINE_DATASET_ELEMENT_SHAPE');
    expect(() => {
      data.names = ['a'];
    }).toThrowError('ENGINE_DATASET_ELEMENT_SHAPE');
    expect(data.names).toHaveLength(4);
    for (const value of [3, null, undefined, {}, floats([], 1)])
      expect(() => new InstanceData({ value })).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
    const empty = new InstanceData({ boxes: floats([0, 4]) });
    empty.setField('boxes', floats([2, 4], ...Array(8).fill(0)));
    expect([empty.length, new InstanceData().length]).toEqual([2, 0]);
    expect(() => new InstanceData({ set: { length: 2 } }).select([0])).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
  });

  it('puts several together', () => {
    const [one, other] = [make(), make({ path: 'b.jpg' }).select([3])];
    const both = InstanceData.cat([one, other.select([]) as typeof one, other as typeof one]);
    expect(both.length).toBe(5);
    expect(both.metainfo).toEqual({ path: 'a.jpg' });
    expect(both.names).toEqual(['a', 'b', 'c', 'd', 'd']);
    expect(both.text).toBe('wxyzz');
    expect(listOf(both.boxes).slice(-2)).toEqual([30, 31]);
    expect(both.points.items).toEqual(['p', 'q', 'r', 's', 's']);
    expect(InstanceData.cat([one])).toBe(one);
  });

  it('refuses to put together what does not belong together', () => {
    const cat =
      (...parts: unknown[]) =>
      () =>
        InstanceData.cat(parts as InstanceData[]);
    expect(cat()).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
    expect(cat(make(), { boxes: 1 })).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
    expect(cat(make(), new InstanceData({ names: ['a'] }))).toThrowError('ENGINE_DATASET_ELEMENT_FIELD');
    const of = (array: HostArray) => new InstanceData({ array });
    expect(cat(of(ints(1)), of(floats([1], 1)))).toThrowError('ENGINE_DATASET_ELEMENT_SHAPE');
    expect(cat(of(floats([1, 1], 1)), of(floats([1], 1)))).toThrowError('ENGINE_DATASET_ELEMENT_SHAPE');
    const list = { length: 1 };
    expect(cat(new InstanceData({ list }), new InstanceData({ list }))).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
  });
});

describe('PixelData', () => {
  const ramp = (shape: number[]) => floats(shape, ...Array(shape.reduce((a, b) => a * b)).keys());
  const make = () => PixelData.of({ map: ramp([2, 3, 4]), mask: ramp([3, 4]) }, { path: 'a' });

  it('gives maps a channel axis and keeps one size', () => {
    const data = make();
    expect(data.shape).toEqual([3, 4]);
    expect(data.mask.shape).toEqual([1, 3, 4]);
    expect(new PixelData().shape).toBeUndefined();
    for (const shape of [[3, 5], [2, 4, 3], [12], [1, 1, 3, 4]])
      expect(() => data.setField('more', ramp(shape))).toThrowError('ENGINE_DATASET_ELEMENT_SHAPE');
    expect(() => new PixelData({ more: [[1]] })).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
  });

  it('cuts windows out of all maps; a number keeps the axis', () => {
    const data = make();
    const cut = data.slice({ start: 1 }, { stop: 3, step: 2 });
    expect(cut.metainfo).toEqual({ path: 'a' });
    expect(cut.shape).toEqual([2, 2]);
    expect(listOf(cut.map)).toEqual([4, 6, 8, 10, 16, 18, 20, 22]);
    expect(listOf(data.slice(-1, 0).mask)).toEqual([8]);
    expect(data.slice(-1, 0).shape).toEqual([1, 1]);
    expect(new PixelData().slice({}, {}).shape).toBeUndefined();
  });

  it('refuses other places', () => {
    for (const place of ['a', 0.5, undefined, null, [1]])
      expect(() => make().slice(place as never, 0)).toThrowError('ENGINE_DATASET_BAD_INDICES');
    expect(() => make().slice(0, 4)).toThrowError('ENGINE_DATASET_INDEX_RANGE');
  });
});

describe('LabelData', () => {
  it('turns labels into ones and back', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(9)),
        fc.constantFrom<HostDType>('int32', 'int64', 'float32', 'uint8'),
        (labels, dtype) => {
          const sorted = [...labels].sort((a, b) => a - b);
          const data = { int32: Int32Array, float32: Float32Array, uint8: Uint8Array } as const;
          const label =
            dtype === 'int64'
              ? hostArray('int64', [labels.length], BigInt64Array.from(labels, BigInt))
              : hostArray(dtype as 'int32', [labels.length], data[dtype as 'int32'].from(labels));
          const onehot = LabelData.labelToOnehot(label, 10);
          expect([onehot.dtype, onehot.shape]).toEqual([dtype, [10]]);
          expect(LabelData.onehotToLabel(onehot)).toEqual(ints(...sorted));
        },
      ),
    );
  });

  it('refuses what is not one-hot, and labels beyond the classes', () => {
    expect(() => LabelData.onehotToLabel(ints(0, 2))).toThrowError('ENGINE_DATASET_ELEMENT_SHAPE');
    expect(() => LabelData.onehotToLabel(floats([1, 2], 0, 1))).toThrowError('ENGINE_DATASET_ELEMENT_SHAPE');
    expect(() => LabelData.onehotToLabel([0, 1] as never)).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
    for (const label of [ints(3), ints(-1), floats([1], 0.5)])
      expect(() => LabelData.labelToOnehot(label, 3)).toThrowError('ENGINE_DATASET_INDEX_RANGE');
    expect(() => LabelData.labelToOnehot(3 as never, 3)).toThrowError('ENGINE_DATASET_ELEMENT_TYPE');
  });
});
