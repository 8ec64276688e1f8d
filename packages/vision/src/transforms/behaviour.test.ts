import { type HostArray, hostArray } from '@engine/core';
import { BaseDataElement, type InstanceData, type PixelData, zeros } from '@engine/dataset';
import { describe, expect, it } from 'vitest';
import { CenterCrop, type CenterCropOptions } from './center-crop.js';
import { ColorJitter } from './color-jitter.js';
import { GaussianBlur } from './gaussian-blur.js';
import { Normalize } from './normalize.js';
import { PackInputs } from './pack-inputs.js';
import { Pad } from './pad.js';
import { RandomAffine } from './random-affine.js';
import { RandomErasing } from './random-erasing.js';
import { RandomFlip } from './random-flip.js';
import { RandomGrayscale } from './random-grayscale.js';
import { RandomPerspective } from './random-perspective.js';
import { RandomResizedCrop } from './random-resized-crop.js';
import { RandomRotation } from './random-rotation.js';
import { RandomVerticalFlip } from './random-vertical-flip.js';
import { Resize, type ResizeOptions } from './resize.js';
import { ToTensor } from './to-tensor.js';

type Fields = Record<string, unknown>;
const ctx = (index: number) => ({ seed: 1, epoch: 0, index });
const inputsOf = (sample: Fields) => sample.inputs as HostArray;
const runs = (count: number) => Array.from({ length: count }, (_, i) => ctx(i));

/** Pixel (x, y) is (x, y, 9). */
function grid(height: number, width: number): HostArray<'uint8'> {
  const out = zeros('uint8', [height, width, 3]);
  for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++, at += 3) out.data.set([x, y, 9], at);
  return out;
}

describe('Resize', () => {
  it.each<[ResizeOptions, number[]]>([
    [{ size: 15 }, [15, 30]],
    [{ size: 15, maxSize: 20 }, [10, 20]],
    [{ size: [7, 5] }, [7, 5]],
    [{ scale: [100, 33] }, [33, 100]],
    [{ scale: [100, 33], keepRatio: true }, [33, 66]],
    [{ scale: [33, 100], keepRatio: true }, [33, 66]],
    [{ scale: 50, keepRatio: true }, [25, 50]],
    [{ scaleFactor: 1.5 }, [45, 90]],
    [{ scaleFactor: [0.5, 2] }, [60, 30]],
    [{ scaleFactor: 0.001 }, [1, 1]],
  ])('%j makes %j of 30 x 60', (options, shape) => {
    const out = new Resize(options).transform({ inputs: grid(30, 60) });
    expect(inputsOf(out).shape).toEqual([...shape, 3]);
    if (options.size === undefined)
      expect(out.scale_factor).toEqual([(shape[1] as number) / 60, (shape[0] as number) / 30]);
  });

  it('takes MMCV spelling', () => {
    const out = new Resize({ scale: [10, 5], keep_ratio: true } as ResizeOptions).transform({ inputs: grid(10, 10) });
    expect(inputsOf(out).shape).toEqual([5, 5, 3]);
  });

  it('keeps an even colour even, in every way', () => {
    for (const interpolation of ['nearest', 'bilinear', 'bicubic'] as const)
      for (const antialias of [true, false])
        for (const dtype of ['uint8', 'int32', 'float32', 'float64'] as const) {
          const inputs = zeros(dtype, [9, 13]);
          inputs.data.fill(77);
          for (const size of [
            [3, 30],
            [20, 4],
            [1, 1],
          ] as [number, number][])
            for (const value of inputsOf(new Resize({ size, interpolation, antialias }).transform({ inputs })).data)
              expect(Number(value)).toBeCloseTo(77, 3);
        }
  });

  it('does not copy an image that has the size already', () => {
    const inputs = grid(6, 6);
    expect(new Resize({ size: 6 }).transform({ inputs }).inputs).toBe(inputs);
  });

  it.each<[ResizeOptions]>([
    [{}],
    [{ size: 3, scale: 4 }],
    [{ scale: 3, scaleFactor: 2 }],
    [{ size: [3, 3], maxSize: 9 }],
    [{ size: 9, maxSize: 9 }],
    [{ scale: 9, maxSize: 10 }],
  ])('refuses %j with ENGINE_VISION_OPTION_CONFLICT', (options) => {
    expect(() => new Resize(options)).toThrow(/ENGINE_VISION_OPTION_CONFLICT/);
  });

  it('refuses element types that cannot be blended with ENGINE_VISION_IMAGE_TYPE', () => {
    for (const dtype of ['int64', 'bool'] as const)
      expect(() => new Resize({ size: 3 }).transform({ inputs: zeros(dtype, [5, 5]) })).toThrow(
        /ENGINE_VISION_IMAGE_TYPE/,
      );
  });
});

describe('CenterCrop and Pad', () => {
  it('crops the middle, and pads what is too small, with another value for class maps', () => {
    const sample = { inputs: grid(4, 6), gt_seg_map: zeros('uint8', [4, 6]) };
    expect([...inputsOf(new CenterCrop({ size: [2, 2] }).transform(sample)).data]).toEqual([
      2, 1, 9, 3, 1, 9, 2, 2, 9, 3, 2, 9,
    ]);
    const larger = new CenterCrop({ size: [6, 2], fill: [1, 2, 3], segFill: 99 }).transform(sample);
    expect([...inputsOf(larger).data.slice(0, 9)]).toEqual([1, 2, 3, 1, 2, 3, 2, 0, 9]);
    expect([...(larger.gt_seg_map as HostArray).data]).toEqual([99, 99, 0, 0, 0, 0, 0, 0, 0, 0, 99, 99]);
  });

  it('CenterCrop takes cropSize [width, height], no larger than the image unless autoPad', () => {
    const shapeOf = (options: CenterCropOptions) =>
      inputsOf(new CenterCrop(options).transform({ inputs: grid(4, 6) })).shape;
    expect(shapeOf({ cropSize: [2, 3] })).toEqual([3, 2, 3]);
    expect(shapeOf({ cropSize: [9, 3] })).toEqual([3, 6, 3]);
    expect(shapeOf({ cropSize: [9, 3], autoPad: true })).toEqual([3, 9, 3]);
    for (const options of [{}, { size: 2, cropSize: 2 }])
      expect(() => new CenterCrop(options)).toThrow(/ENGINE_VISION_OPTION_CONFLICT/);
  });

  it.each([
    [{ sizeDivisor: 4 }, [8, 12]],
    [{ size: [20, 3] as [number, number] }, [5, 20]],
    [{ size: [20, 7] as [number, number], sizeDivisor: 8 }, [8, 24]],
    [{ padToSquare: true }, [11, 11]],
    [{ padToSquare: true, sizeDivisor: 16 }, [16, 16]],
  ])('Pad(%j) makes %j of 5 x 11, at the right and below', (options, shape) => {
    const out = new Pad({ ...options, padVal: { img: 114 } }).transform({ inputs: grid(5, 11) });
    expect(inputsOf(out).shape.slice(0, 2)).toEqual(shape);
    expect(out.pad_shape).toEqual(shape);
    expect([...inputsOf(out).data.slice(0, 6)]).toEqual([0, 0, 9, 1, 0, 9]);
    if (shape[0] !== 5) expect(inputsOf(out).data.at(-1)).toBe(114);
  });

  it('takes padding for all sides, two, or four', () => {
    const shapeOf = (padding: number | [number, number] | [number, number, number, number]) =>
      inputsOf(new Pad({ padding, fill: 1 }).transform({ inputs: grid(2, 3) })).shape;
    expect([shapeOf(1), shapeOf([1, 2]), shapeOf([1, 2, 3, 4])]).toEqual([
      [4, 5, 3],
      [6, 5, 3],
      [8, 7, 3],
    ]);
  });

  it('repeats an image as often as it needs to', () => {
    const inputs = hostArray('uint8', [1, 3], Uint8Array.of(1, 2, 3));
    const row = (paddingMode: 'edge' | 'reflect' | 'symmetric') =>
      [...inputsOf(new Pad({ padding: [5, 0], paddingMode }).transform({ inputs })).data].map(Number);
    expect(row('edge')).toEqual([1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3]);
    expect(row('reflect')).toEqual([2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2]);
    expect(row('symmetric')).toEqual([2, 3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1, 2]);
  });

  it('refuses options that exclude each other with ENGINE_VISION_OPTION_CONFLICT', () => {
    for (const options of [
      {},
      { padding: 1, sizeDivisor: 2 },
      { size: [3, 3] as [number, number], padToSquare: true },
      { padding: 1, fill: 1, padVal: 2 },
    ])
      expect(() => new Pad(options)).toThrow(/ENGINE_VISION_OPTION_CONFLICT/);
  });
});

describe('RandomResizedCrop', () => {
  it('draws area and shape evenly, the latter on a logarithmic scale', () => {
    const crop = new RandomResizedCrop({ size: 1, scale: [0.1, 0.5], ratio: [0.5, 2], interpolation: 'nearest' });
    const places = hostArray('float32', [1, 2, 2], Float32Array.of(0, 0, 100, 100));
    const drawn = runs(1500).map((each) => {
      const { gt_keypoints } = crop.transform({ inputs: zeros('uint8', [100, 100]), gt_keypoints: places }, each);
      const { data } = gt_keypoints as HostArray;
      const [width, height] = [100 / (Number(data[2]) - Number(data[0])), 100 / (Number(data[3]) - Number(data[1]))];
      return { area: (width * height) / 10_000, shape: Math.log2(width / height) };
    });
    const mean = (of: (each: (typeof drawn)[number]) => number) =>
      drawn.reduce((sum, each) => sum + of(each), 0) / drawn.length;
    expect(Math.abs(mean(({ area }) => area) - 0.3)).toBeLessThan(0.015);
    expect(Math.abs(mean(({ shape }) => shape))).toBeLessThan(0.06);
    expect(Math.abs(mean(({ shape }) => shape ** 2) - 1 / 3)).toBeLessThan(0.04);
    for (const { area, shape } of drawn) {
      expect(area).toBeGreaterThan(0.08);
      expect(area).toBeLessThan(0.52);
      expect(Math.abs(shape)).toBeLessThan(1.1);
    }
  });

  it('takes the middle where no draw fits', () => {
    const crop = new RandomResizedCrop({ size: [2, 2], scale: [1, 1], ratio: [1, 1], interpolation: 'nearest' });
    const out = inputsOf(crop.transform({ inputs: grid(2, 12) }, ctx(0)));
    expect([...out.data]).toEqual([5, 0, 9, 6, 0, 9, 5, 1, 9, 6, 1, 9]);
  });

  it('refuses ranges the wrong way round', () => {
    expect(() => new RandomResizedCrop({ size: 2, scale: [1, 0.5] })).toThrow(/ENGINE_REGISTRY_BAD_OPTION_VALUE/);
  });
});

describe('flips', () => {
  it('happen as often as they should', () => {
    const flip = new RandomFlip({ prob: [0.2, 0.5], direction: ['horizontal', 'vertical'] });
    const counts: Record<string, number> = {};
    for (const each of runs(2000)) {
      const name = String(flip.transform({ inputs: grid(1, 1) }, each).flip_direction);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    expect(Math.abs((counts.horizontal ?? 0) - 400)).toBeLessThan(80);
    expect(Math.abs((counts.vertical ?? 0) - 1000)).toBeLessThan(100);
    expect(Math.abs((counts.null ?? 0) - 600)).toBeLessThan(90);
    const vertical = new RandomVerticalFlip({ p: 0.3 });
    const inputs = grid(2, 1);
    expect(
      Math.abs(runs(2000).filter((each) => vertical.transform({ inputs }, each).inputs !== inputs).length - 600),
    ).toBeLessThan(90);
  });

  it('change left and right classes of a map when asked to', () => {
    const gt_seg_map = hostArray('uint8', [1, 4], Uint8Array.of(1, 2, 7, 3));
    const flip = (name: 'horizontal' | 'vertical') => {
      const transform = new RandomFlip({ prob: 1, direction: name, swapSegLabels: [[1, 2]] });
      return [...(transform.transform({ inputs: grid(1, 4), gt_seg_map }, ctx(0)).gt_seg_map as HostArray).data];
    };
    expect([flip('horizontal'), flip('vertical')]).toEqual([
      [3, 7, 1, 2],
      [1, 2, 7, 3],
    ]);
  });

  it('refuses chances that do not fit with ENGINE_VISION_OPTION_CONFLICT', () => {
    expect(() => new RandomFlip({ prob: [0.5], direction: ['horizontal', 'vertical'] })).toThrow(
      /ENGINE_VISION_OPTION_CONFLICT/,
    );
    expect(() => new RandomFlip({ prob: [0.6, 0.6], direction: ['horizontal', 'vertical'] })).toThrow(
      /ENGINE_VISION_OPTION_CONFLICT/,
    );
  });
});

describe('colours', () => {
  it('ColorJitter changes nothing by default, and stays in its ranges', () => {
    const inputs = grid(2, 2);
    expect(new ColorJitter().transform({ inputs }, ctx(0)).inputs).toBe(inputs);
    const bright = new ColorJitter({ brightness: [1.5, 2] });
    const hundred = hostArray('uint8', [1, 1, 3], Uint8Array.of(100, 100, 100));
    const values = runs(200).map((each) => inputsOf(bright.transform({ inputs: hundred }, each)).data[0] as number);
    expect([Math.min(...values) >= 150, Math.max(...values) <= 200, new Set(values).size > 20]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('ColorJitter draws the order too', () => {
    const jitter = new ColorJitter({ brightness: [2, 2], contrast: [0, 0] });
    const inputs = hostArray('uint8', [1, 2, 3], Uint8Array.of(0, 0, 0, 200, 200, 200));
    const seen = new Set(runs(60).map((each) => inputsOf(jitter.transform({ inputs }, each)).data[0]));
    expect(seen).toEqual(new Set([127, 198])); // brighter, then even: 255 / 2; even, then brighter: 2 * (199 / 2)
  });

  it('RandomGrayscale makes the channels equal as often as it should', () => {
    const inputs = hostArray('uint8', [1, 1, 3], Uint8Array.of(255, 0, 0));
    const grey = runs(1000).map((each) =>
      [...inputsOf(new RandomGrayscale({ p: 0.4 }).transform({ inputs }, each)).data].join(),
    );
    expect(new Set(grey)).toEqual(new Set(['255,0,0', '76,76,76']));
    expect(Math.abs(grey.filter((pixel) => pixel === '76,76,76').length - 400)).toBeLessThan(70);
  });

  it('refuse other numbers of channels with ENGINE_VISION_IMAGE_SHAPE', () => {
    const inputs = zeros('uint8', [2, 2, 4]);
    for (const transform of [new ColorJitter({ hue: 0.1 }), new RandomGrayscale()])
      expect(() => transform.transform({ inputs }, ctx(0))).toThrow(/ENGINE_VISION_IMAGE_SHAPE/);
    expect(() => new RandomGrayscale({ p: 0.1, prob: 0.1 })).toThrow(/ENGINE_VISION_OPTION_CONFLICT/);
    expect(() => new ColorJitter({ hue: 0.6 })).toThrow(/ENGINE_REGISTRY_BAD_OPTION/);
    expect(() => new ColorJitter({ brightness: -1 })).toThrow(/ENGINE_REGISTRY_BAD_OPTION/);
  });

  it('GaussianBlur keeps the sum of a spot, and refuses images smaller than its reach with ENGINE_VISION_IMAGE_SHAPE', () => {
    const inputs = zeros('float32', [15, 15]);
    inputs.data[7 * 15 + 7] = 1;
    const out = inputsOf(new GaussianBlur({ kernelSize: 7, sigma: 1.5 }).transform({ inputs }, ctx(0)));
    expect(Array.from(out.data, Number).reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    expect(() => new GaussianBlur({ kernelSize: 9 }).transform({ inputs: grid(4, 20) }, ctx(0))).toThrow(
      /ENGINE_VISION_IMAGE_SHAPE/,
    );
    expect(() => new GaussianBlur({ kernelSize: 4 })).toThrow(/ENGINE_REGISTRY_BAD_OPTION/);
  });
});

describe('Normalize and ToTensor', () => {
  it('turn blue, green, red round, where it was loaded so', () => {
    const inputs = hostArray('uint8', [1, 1, 3], Uint8Array.of(10, 20, 30));
    const values = (given: Fields, toRgb?: boolean) => {
      const out = new Normalize({ mean: [1, 2, 3], std: [1, 1, 1], ...(toRgb !== undefined && { toRgb }) }).transform({
        inputs,
        ...given,
      });
      return [[...inputsOf(out).data], out.channel_order];
    };
    expect(values({})).toEqual([[9, 18, 27], undefined]);
    expect(values({ channel_order: 'bgr' })).toEqual([[29, 18, 7], 'rgb']);
    expect(values({ channel_order: 'bgr' }, false)).toEqual([[9, 18, 27], 'bgr']);
  });

  it('refuse what does not fit: ENGINE_VISION_IMAGE_SHAPE for channels, a std of 0', () => {
    expect(() => new Normalize({ mean: [1, 2], std: [1] }).transform({ inputs: grid(1, 1) })).toThrow(
      /ENGINE_VISION_IMAGE_SHAPE/,
    );
    expect(() => new Normalize({ mean: [1], std: [0] })).toThrow(/ENGINE_REGISTRY_BAD_OPTION_VALUE/);
  });

  it('ToTensor gives channels last, from 0 to 1', () => {
    const of = (inputs: HostArray) => inputsOf(new ToTensor().transform({ inputs }));
    expect(of(hostArray('uint8', [1, 2], Uint8Array.of(0, 255)))).toEqual(
      hostArray('float32', [1, 2, 1], Float32Array.of(0, 1)),
    );
    expect([...of(hostArray('int32', [1, 1, 1], Int32Array.of(65535))).data]).toEqual([1]);
    expect([...of(hostArray('float32', [1, 1, 1], Float32Array.of(0.25))).data]).toEqual([0.25]);
  });
});

describe('warps', () => {
  const even = () => ({ inputs: hostArray('uint8', [20, 20], new Uint8Array(400).fill(50)) });
  it('show the fill around the image, nothing else', () => {
    for (const each of runs(10)) {
      for (const transform of [
        new RandomRotation({ degrees: 45, fill: 200 }),
        new RandomAffine({ degrees: 45, shear: 20, fill: 200 }),
        new RandomPerspective({ p: 1, interpolation: 'nearest', fill: 200 }),
      ])
        for (const value of inputsOf(transform.transform(even(), each)).data) expect([50, 200]).toContain(value);
    }
  });

  it('leave the image alone where nothing is drawn', () => {
    const sample = { inputs: grid(6, 8) };
    expect(inputsOf(new RandomRotation({ degrees: 0 }).transform(sample, ctx(0)))).toEqual(sample.inputs);
    expect(inputsOf(new RandomAffine({ degrees: 0, interpolation: 'bilinear' }).transform(sample, ctx(0)))).toEqual(
      sample.inputs,
    );
    expect(new RandomPerspective({ p: 0 }).transform(sample, ctx(0))).toBe(sample);
    const line = { inputs: grid(1, 8) };
    expect(new RandomPerspective({ p: 1 }).transform(line, ctx(0))).toBe(line);
  });

  it('turn by exact quarters', () => {
    const out = inputsOf(
      new RandomRotation({ degrees: [90, 90], expand: true }).transform({ inputs: grid(2, 4) }, ctx(0)),
    );
    expect(out.shape).toEqual([4, 2, 3]);
    expect([...out.data.slice(0, 6)]).toEqual([3, 0, 9, 3, 1, 9]); // counter-clockwise: the right side is on top
  });
});

describe('RandomErasing', () => {
  it('blots out one piece of the area it should', () => {
    const inputs = zeros('uint8', [40, 40]);
    const erase = new RandomErasing({ p: 1, scale: [0.1, 0.2], ratio: [0.5, 2], value: 9 });
    for (const each of runs(50)) {
      const count = inputsOf(erase.transform({ inputs }, each)).data.filter((value) => Number(value) === 9).length;
      expect(count).toBeGreaterThan(0.08 * 1600);
      expect(count).toBeLessThan(0.22 * 1600);
    }
    expect(inputs.data.every((value) => value === 0)).toBe(true);
  });

  it('puts a value for each channel, or noise', () => {
    const of = (value: number[] | 'random', inputs: HostArray) =>
      inputsOf(new RandomErasing({ p: 1, scale: [0.3, 0.3], value }).transform({ inputs }, ctx(3))).data;
    const [black, flat] = [zeros('uint8', [20, 20, 3]), zeros('float32', [20, 20, 1])];
    const first = of([1, 2, 3], black).findIndex((value) => Number(value) !== 0);
    expect([...of([1, 2, 3], black).slice(first, first + 6)]).toEqual([1, 2, 3, 1, 2, 3]);
    expect(new Set(of('random', black) as Uint8Array).size).toBeGreaterThan(50);
    expect(Array.from(of('random', flat), Number).some((value) => value < 0)).toBe(true);
  });

  it('does nothing where no piece fits', () => {
    const sample = { inputs: grid(1, 1) };
    expect(new RandomErasing({ p: 1, scale: [1, 1] }).transform(sample, ctx(0))).toBe(sample);
  });
});

describe('PackInputs', () => {
  it('passes a label on', () => {
    const inputs = grid(2, 2);
    const pack = new PackInputs();
    expect(pack.transform({ inputs, samples: 3, img_path: 'a' })).toEqual({ inputs, samples: 3 });
    expect(pack.transform({ inputs, gt_label: 4, sampleIdx: 1 })).toEqual({ inputs, samples: 4 });
  });

  it('makes an element of annotations, with facts in camelCase', () => {
    const gt_bboxes = hostArray('float32', [1, 4], Float32Array.of(1, 2, 3, 4));
    const gt_bboxes_labels = hostArray('int32', [1], Int32Array.of(2));
    const given = {
      inputs: grid(2, 2),
      gt_bboxes,
      gt_bboxes_labels,
      gt_seg_map: zeros('uint8', [2, 2]),
      img_path: 'a',
      ori_shape: [4, 4],
      own: 1,
    };
    const { samples } = new PackInputs({ metaKeys: ['ori_shape', 'own', 'absent'] }).transform(given) as {
      samples: BaseDataElement & Fields;
    };
    expect(samples).toBeInstanceOf(BaseDataElement);
    expect(samples.metainfo).toEqual({ oriShape: [4, 4], own: 1 });
    expect((samples.gtInstances as InstanceData).items()).toEqual([
      ['bboxes', gt_bboxes],
      ['labels', gt_bboxes_labels],
    ]);
    expect((samples.gtSemSeg as PixelData).shape).toEqual([2, 2]);
  });

  it('makes an element where there is neither label nor annotation', () => {
    expect(new PackInputs().transform({ inputs: grid(1, 1), img_path: 'a' }).samples).toMatchObject({ imgPath: 'a' });
  });
});
