import { type HostArray, isHostArray } from '@engine/core';
import { type Annotations, drawAnnotations } from './draw/annotations.js';
import { contactSheet } from './draw/contact-sheet.js';
import { Drawing } from './draw/drawing.js';
import type { Image } from './draw/image.js';

/**
 * What OpenMMLab's data samples hold, as far as it can be drawn: instances with `bboxes`, `labels`, `scores`, `masks`, `polygons`, and
 * labels of the whole image as a number, an array, or an element with `label`. Other fields may stand beside them.
 */
export interface AnnotatedSample {
  readonly gtInstances?: Annotations | undefined;
  readonly predInstances?: Annotations | undefined;
  readonly gtLabel?: unknown;
  readonly predLabel?: unknown;
}

/** A sample to show. */
export interface Datasample {
  readonly dataSample: AnnotatedSample;
  /** Default true. */
  readonly drawGt?: boolean;
  /** Default true. */
  readonly drawPred?: boolean;
  /** Predicted instances with a lower score are left out. Default 0.3. */
  readonly scoreThreshold?: number;
  /** Default 0. */
  readonly step?: number;
}

/** The picture of a sample: ground truth, prediction, or both beside each other; names of `meta.classes`. */
export function drawDatasample(
  image: Image,
  { dataSample, drawGt = true, drawPred = true, scoreThreshold = 0.3 }: Datasample,
  meta: Readonly<Record<string, unknown>> | undefined,
): Image {
  const classes = Array.isArray(meta?.classes) ? meta.classes.map(String) : undefined;
  const sides = [
    drawGt ? annotationsOf(dataSample.gtInstances, dataSample.gtLabel) : undefined,
    drawPred ? annotationsOf(dataSample.predInstances, dataSample.predLabel) : undefined,
  ];
  const drawn = sides
    .filter((side) => side !== undefined)
    .map((side) => drawAnnotations(new Drawing({ image }), side, { classes, scoreThreshold }).getImage());
  const [only = new Drawing({ image }).getImage()] = drawn;
  return drawn.length < 2 ? only : contactSheet(drawn, { columns: 2 });
}

function annotationsOf(instances: Annotations | undefined, label: unknown): Annotations | undefined {
  const ofImage = labelOf(label);
  if (instances === undefined) return ofImage === undefined ? undefined : { label: ofImage };
  const { bboxes, labels, scores, masks, polygons } = instances;
  return { bboxes, labels, scores, masks, polygons, label: ofImage };
}

function labelOf(label: unknown): HostArray | number | undefined {
  if (typeof label === 'number' || isHostArray(label)) return label;
  if (typeof label === 'object' && label !== null && 'label' in label) return labelOf(label.label);
  return undefined;
}
