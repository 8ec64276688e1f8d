/** How windows of convolutions and pools are told to TensorFlow, whose gradients know no explicit padding. */
import * as tf from '@tensorflow/tfjs-core';
import type { Attribute, Handle } from '../tensor-flow.js';
import { intList, type KernelCall, type Padding, pad, text } from './kernel.js';
import type { NativeKernelBackend } from './kernel-backend.js';

type Sides = readonly [before: number, after: number];

/** Extents along the image's axes (two, or three with depth). */
export interface Window {
  readonly image: readonly number[];
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly Sides[];
  readonly outShape: readonly number[];
  /** How TensorFlow is told: no padding, its own, or zeros put around the image first. */
  readonly padding: 'VALID' | 'SAME' | 'explicit';
}

type Geometry = Omit<Window, 'padding'>;

type Pad = 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;

function paddingOf({ image, size, strides, dilations, pads }: Geometry): Window['padding'] {
  if (pads.every(([before, after]) => before === 0 && after === 0)) return 'VALID';
  const isSame = image.every((extent, axis) => {
    const stride = strides[axis] as number;
    const reach = ((size[axis] as number) - 1) * (dilations[axis] as number) + 1;
    const missing = Math.max(0, (Math.ceil(extent / stride) - 1) * stride + reach - extent);
    const [before, after] = pads[axis] as Sides;
    return before === Math.floor(missing / 2) && after === missing - before;
  });
  return isSame ? 'SAME' : 'explicit';
}

/** `strides`, `padding` and the like, after {@link padded}. */
export function windowAttributes(window: Window): Attribute[] {
  const padding = window.padding === 'SAME' ? 'SAME' : 'VALID';
  return [intList('strides', [1, ...window.strides, 1]), text('padding', padding)];
}

const allPads = ({ pads }: Window): Sides[] => [[0, 0], ...pads, [0, 0]];

/** The image, with its padding around it where TensorFlow would not add it. */
// oxlint-disable-next-line max-params -- an op with its operands
export function padded(b: NativeKernelBackend, image: Handle, window: Window, padding: Padding = {}): Handle {
  return window.padding === 'explicit' ? pad(b, image, allPads(window), padding) : image;
}

/** The shape of the image after {@link padded}. */
export function paddedShape(window: Window, shape: readonly number[]): number[] {
  if (window.padding !== 'explicit') return [...shape];
  return allPads(window).map(([before, after], axis) => (shape[axis] as number) + before + after);
}

/** The gradient of an image, without that of the padding around it, as an output of the kernel. */
// oxlint-disable-next-line max-params -- an op with its operands
export function unpadded(
  b: NativeKernelBackend,
  gradient: Handle,
  window: Window,
  shape: readonly number[],
): tf.TensorInfo {
  if (window.padding !== 'explicit') return b.keep(gradient, shape, 'float32');
  const begin = b.ints(allPads(window).map(([before]) => before));
  return b.output('Slice', [gradient, begin, b.ints(shape)], SLICE, shape, 'float32');
}

const SLICE: readonly Attribute[] = [
  { name: 'T', setting: 'type', value: 1 },
  { name: 'Index', setting: 'type', value: 3 },
];

type Shape4D = [number, number, number, number];

interface ConvShapes {
  readonly x: readonly number[];
  readonly filter: readonly number[];
  readonly depthwise?: boolean;
}

/** The window of an NHWC convolution, plain or depthwise. */
export function convWindow({ attrs }: KernelCall, { x, filter, depthwise = false }: ConvShapes): Window {
  const info = tf.backend_util.computeConv2DInfo(
    x as Shape4D,
    filter as Shape4D,
    attrs['strides'] as number,
    (attrs['dilations'] ?? 1) as number,
    attrs['pad'] as Pad,
    attrs['dimRoundingMode'] as 'floor' | undefined,
    depthwise,
  );
  return window2d(info, filter.slice(0, 2));
}

function window2d(info: tf.backend_util.Conv2DInfo, size: readonly number[]): Window {
  const { top, bottom, left, right } = info.padInfo;
  return withPadding({
    image: [info.inHeight, info.inWidth],
    size,
    strides: [info.strideHeight, info.strideWidth],
    dilations: [info.dilationHeight, info.dilationWidth],
    pads: [
      [top, bottom],
      [left, right],
    ],
    outShape: info.outShape,
  });
}

const withPadding = (geometry: Geometry): Window => ({ ...geometry, padding: paddingOf(geometry) });

/** The window of a pool over NHWC or NDHWC images. */
export function poolWindow({ attrs }: KernelCall, x: readonly number[]): Window {
  const size = attrs['filterSize'] as [number, number, number];
  const strides = attrs['strides'] as [number, number, number];
  const [given, rounding] = [attrs['pad'] as Pad, attrs['dimRoundingMode'] as 'floor' | undefined];
  if (x.length === 4) {
    const [height, width] = [size].flat() as [number, number?];
    const two: [number, number] = [height, width ?? height];
    const info = tf.backend_util.computePool2DInfo(
      x as Shape4D,
      two,
      strides as unknown as [number, number],
      1,
      given,
      rounding,
    );
    return window2d(info, two);
  }
  const info = tf.backend_util.computePool3DInfo(
    x as [number, number, number, number, number],
    size,
    strides,
    1,
    given as 'same',
    rounding,
  );
  const { front, back, top, bottom, left, right } = info.padInfo;
  return withPadding({
    image: [info.inDepth, info.inHeight, info.inWidth],
    size: [info.filterDepth, info.filterHeight, info.filterWidth],
    strides: [info.strideDepth, info.strideHeight, info.strideWidth],
    dilations: [1, 1, 1],
    pads: [
      [front, back],
      [top, bottom],
      [left, right],
    ],
    outShape: info.outShape,
  });
}
