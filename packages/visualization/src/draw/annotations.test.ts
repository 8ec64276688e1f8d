import { hostArray } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { drawDatasample } from '../datasample.js';
import { type AnnotationOptions, type Annotations, drawAnnotations } from './annotations.js';
import { Canvas } from './canvas.js';
import { Drawing } from './drawing.js';
import { classColor } from './palette.js';

const image = Canvas.blank(60, 40, 'black').toImage();
const draw = (annotations: Annotations, options?: AnnotationOptions) =>
  drawAnnotations(new Drawing({ image }), annotations, options).getImage().data;
const at = (data: Uint8Array, x: number, y: number) => [...data.subarray((y * 60 + x) * 3, (y * 60 + x) * 3 + 3)];

describe('drawAnnotations', () => {
  const boxes = [
    [2, 2, 20, 20],
    [30, 10, 58, 38],
  ];

  it('draws each instance in the colour of its class', () => {
    const data = draw({ bboxes: boxes, labels: [3, 1] });
    expect(at(data, 20, 15)).toEqual([...classColor(3)]);
    expect(at(data, 58, 30)).toEqual([...classColor(1)]);
    expect(
      at(
        draw(
          { bboxes: boxes, labels: [3, 1] },
          {
            palette: [
              [9, 9, 9],
              [1, 2, 3],
            ],
          },
        ),
        58,
        30,
      ),
    ).toEqual([1, 2, 3]);
  });

  it('leaves out what has a low score', () => {
    const scores = hostArray('float32', [2], Float32Array.from([0.9, 0.1]));
    const shown = draw({ bboxes: boxes, scores }, { scoreThreshold: 0.5 });
    expect(at(shown, 58, 30)).toEqual([0, 0, 0]);
    expect(at(draw({ bboxes: boxes, scores }), 58, 30)).not.toEqual([0, 0, 0]);
  });

  it('draws masks and polygons half transparent', () => {
    const masks = hostArray('bool', [2, 40, 60], new Uint8Array(4800).fill(1, 0, 60));
    const half = classColor(0).map((value) => Math.round(value / 2));
    expect(at(draw({ masks }), 59, 0)).toEqual(half);
    const hidden = draw({ masks, scores: [0, 0] }, { scoreThreshold: 0.5 });
    expect(hidden).toEqual(image.data);
    const polygons = [
      [
        [10, 10],
        [50, 10],
        [50, 35],
      ],
      [
        [
          [1, 26],
          [12, 26],
          [12, 38],
        ],
      ],
    ];
    const drawn = draw({ polygons });
    expect(at(drawn, 45, 20)).toEqual(half);
    expect(at(drawn, 9, 29)).toEqual(half);
  });

  it('writes names of classes where it has them, numbers where not', () => {
    const named = draw({ label: [1] }, { classes: ['cat', 'dog'] });
    expect(named).not.toEqual(draw({ label: 1 }));
    expect(named).toEqual(draw({ label: 5 }, { classes: ['', '', '', '', '', 'dog'] }));
    expect(draw({})).toEqual(image.data);
  });
});

describe('drawDatasample', () => {
  const dataSample = { gtInstances: { bboxes: [[2, 2, 20, 20]] }, predLabel: { label: 3 }, imgId: 7 };

  it('shows ground truth and prediction beside each other', () => {
    expect(drawDatasample(image, { dataSample }, undefined).shape).toEqual([44, 126, 3]);
    expect(drawDatasample(image, { dataSample, drawPred: false }, undefined).shape).toEqual([40, 60, 3]);
    expect(drawDatasample(image, { dataSample, drawGt: false }, { classes: ['a'] }).data).toEqual(draw({ label: 3 }));
    expect(drawDatasample(image, { dataSample: {} }, undefined).data).toEqual(image.data);
  });

  it('leaves out predictions with a score below 0.3 unless told otherwise', () => {
    const weak = { predInstances: { bboxes: [[2, 2, 20, 20]], scores: [0.2] }, predLabel: 'none' };
    expect(drawDatasample(image, { dataSample: weak }, undefined).data).toEqual(image.data);
    const all = drawDatasample(image, { dataSample: weak, scoreThreshold: 0 }, undefined);
    expect(all.data).not.toEqual(image.data);
  });
});
