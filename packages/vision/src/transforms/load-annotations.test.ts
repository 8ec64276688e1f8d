import { type HostArray, hostArray } from '@engine/core';
import { describeTransform } from '@engine/dataset/testing';
import { cocoMask } from '@engine/evaluator';
import { MemoryStorage } from '@engine/fileio';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { LoadAnnotations, type LoadAnnotationsOptions } from './load-annotations.js';

const polygon = [1, 1, 6, 1, 6, 4];
const runs = { size: [6, 8], counts: [10, 5, 33] } as const;
const record = () => ({
  img_path: 'a.png',
  height: 6,
  width: 8,
  instances: [
    { bbox: [1, 1, 6, 4], bbox_label: 2, ignore_flag: 0, mask: [polygon], keypoints: [1, 2, 2, 3, 4, 1] },
    {
      bbox: [0.5, 0, 8, 6],
      bbox_label: 0,
      ignore_flag: 1,
      mask: runs,
      keypoints: [
        [0, 0, 0],
        [5, 5, 2],
      ],
    },
  ],
});
const load = (options: LoadAnnotationsOptions, sample: Record<string, unknown> = record()) =>
  new LoadAnnotations(options).transform(sample) as Record<string, unknown>;

describeTransform(LoadAnnotations, {
  samples: [{ inputs: hostArray('uint8', [6, 8, 1], new Uint8Array(48)), ...record() }],
});

describe('LoadAnnotations', () => {
  it('makes arrays of boxes, labels and flags, and keeps the record', () => {
    const { gt_bboxes, gt_bboxes_labels, gt_ignore_flags, ...rest } = load({});
    expect(gt_bboxes).toEqual(hostArray('float32', [2, 4], Float32Array.of(1, 1, 6, 4, 0.5, 0, 8, 6)));
    expect(gt_bboxes_labels).toEqual(hostArray('int32', [2], Int32Array.of(2, 0)));
    expect(gt_ignore_flags).toEqual(hostArray('bool', [2], Uint8Array.of(0, 1)));
    expect(rest).toEqual(record());
    expect(load({ withBbox: false, withLabel: false })).toEqual(record());
    expect(load({}, { instances: [] })).toMatchObject({
      gt_bboxes: { shape: [0, 4] },
      gt_bboxes_labels: { shape: [0] },
      gt_ignore_flags: { shape: [0] },
    });
  });

  it('makes masks of polygons and runs as COCO draws them, of the size of the image', () => {
    const masks = load({ withMask: true }).gt_masks as HostArray;
    expect([masks.dtype, masks.shape]).toEqual(['uint8', [2, 6, 8]]);
    const drawn = [cocoMask.ofSegmentation([polygon], 6, 8), cocoMask.ofSegmentation(runs, 6, 8)].map((rle) => [
      ...cocoMask.decode(rle).data,
    ]);
    expect([...masks.data]).toEqual(drawn.flat());
    const loaded = load({ withMask: true }, { ...record(), ori_shape: [6, 8], height: 1, width: 1 });
    expect(loaded.gt_masks).toEqual(masks);
    expect(load({ withMask: true }, { ...record(), instances: [] }).gt_masks).toMatchObject({ shape: [0, 6, 8] });
  });

  it('ignores objects whose mask cannot be drawn', () => {
    const instances = [{ mask: [[1, 2, 3, 4], polygon] }, { mask: [[1, 2]] }, {}].map((each) => ({
      bbox: [0, 0, 1, 1],
      bbox_label: 0,
      ...each,
    }));
    const { gt_masks, gt_ignore_flags } = load({ withMask: true }, { ...record(), instances });
    const sums = [0, 1, 2].map((i) =>
      (gt_masks as HostArray<'uint8'>).data.subarray(48 * i, 48 * i + 48).reduce((a, b) => a + b),
    );
    expect(sums.map((sum) => sum > 0)).toEqual([true, false, false]);
    expect([...(gt_ignore_flags as HostArray).data]).toEqual([0, 1, 1]);
    const polygons = load({ withMask: true, poly2mask: false });
    expect(polygons.gt_masks).toEqual([[polygon], []]);
    expect([...(polygons.gt_ignore_flags as HostArray).data]).toEqual([0, 1]);
    const some = load({ withMask: true, poly2mask: false }, { ...record(), instances });
    expect(some.gt_masks).toEqual([[polygon], [], []]);
    expect(record().instances[0]?.mask).toEqual([polygon]);
  });

  it('makes keypoints (N, K, 3) of flat lists and of triples', () => {
    const { gt_keypoints } = load({ withKeypoints: true });
    expect(gt_keypoints).toEqual(hostArray('float32', [2, 2, 3], Float32Array.of(1, 2, 2, 3, 4, 1, 0, 0, 0, 5, 5, 2)));
    expect(load({ withKeypoints: true }, { instances: [] }).gt_keypoints).toMatchObject({ shape: [0, 0, 3] });
  });

  it('reads maps of classes', async () => {
    const storage = new MemoryStorage();
    const classes = Uint8Array.of(0, 1, 2, 255, 4, 5);
    const gray = sharp(classes, { raw: { width: 3, height: 2, channels: 1 } }).toColourspace('b-w');
    await storage.put('/map.png', new Uint8Array(await gray.png().toBuffer()));
    const colours = sharp(new Uint8Array(18), { raw: { width: 3, height: 2, channels: 3 } });
    await storage.put('/colours.png', new Uint8Array(await colours.png().toBuffer()));
    const transform = new LoadAnnotations({ withBbox: false, withLabel: false, withSeg: true }, { storage });
    const out = (await transform.transform({ seg_map_path: '/map.png' })) as Record<string, unknown>;
    expect(out.gt_seg_map).toEqual(hostArray('uint8', [2, 3], classes));
    await expect(transform.transform({ seg_map_path: '/colours.png' })).rejects.toThrowError(
      'ENGINE_VISION_ANNOTATION',
    );
    await expect(transform.transform({})).rejects.toThrowError('ENGINE_VISION_ANNOTATION');
  });

  it.each([
    ['uint8', Uint8Array.of(0, 1, 2, 150, 254, 255), [255, 0, 1, 149, 253, 255]],
    ['int32', Uint16Array.of(0, 1, 2, 255, 300, 65_535), [255, 0, 1, 255, 299, 65_534]],
  ] as const)(
    'makes every class of a map of %s the one before, with reduceZeroLabel',
    async (dtype, classes, reduced) => {
      const storage = new MemoryStorage();
      const grey = sharp(classes as Uint8Array, { raw: { width: 3, height: 2, channels: 1 } });
      const file = grey.toColourspace(dtype === 'uint8' ? 'b-w' : 'grey16').png();
      await storage.put('/map.png', new Uint8Array(await file.toBuffer()));
      const options = { withBbox: false, withLabel: false, withSeg: true };
      const mapOf = async (more: LoadAnnotationsOptions) => {
        const out = await new LoadAnnotations({ ...options, ...more }, { storage }).transform({
          seg_map_path: '/map.png',
        });
        return out.gt_seg_map as HostArray;
      };
      const out = await mapOf({ reduceZeroLabel: true });
      expect([out.dtype, out.shape, [...out.data]]).toEqual([dtype, [2, 3], reduced]);
      expect([...(await mapOf({})).data]).toEqual([...classes]);
    },
  );

  const without = (change: object) => ({ ...record(), instances: [{ ...record().instances[0], ...change }] });
  it.each([
    ['no instances', {}, {}],
    ['no box', without({ bbox: undefined }), {}],
    ['a box of three numbers', without({ bbox: [1, 2, 3] }), {}],
    ['a label of text', without({ bbox_label: 'cat' }), {}],
    ['runs of another size', without({ mask: { size: [2, 2], counts: [4] } }), { withMask: true }],
    ['no size', { ...record(), height: undefined }, { withMask: true }],
    [
      'other keypoints',
      { instances: [...record().instances, { bbox: [0, 0, 1, 1], bbox_label: 0 }] },
      { withKeypoints: true },
    ],
    ['keypoints of text', without({ keypoints: 'none' }), { withKeypoints: true }],
    ['keypoints that are no numbers', without({ keypoints: [1, null, 2] }), { withKeypoints: true }],
  ])('refuses a record with %s', (_, sample, options) => {
    expect(() => load(options, sample)).toThrowError('ENGINE_VISION_ANNOTATION');
  });

  it('refuses masks that are damaged', () => {
    const damaged = without({ mask: { size: [6, 8], counts: [1] } });
    expect(() => load({ withMask: true }, damaged)).toThrowError('ENGINE_EVALUATOR_BAD_MASK');
  });
});
