import { type HostArray, hostArray } from '@engine/core';
import { visualizationErrors } from '../errors.js';
import { Canvas } from './canvas.js';
import { heatmap } from './heatmap.js';
import { type Image, toRgb } from './image.js';
import { type Grid, resizeBilinear } from './resize.js';

/** How a feature map becomes a picture. */
export interface FeatmapOptions {
  /** Laid under the colours. The feature map is resized to it. */
  readonly overlaidImage?: Image | undefined;
  /** The mean of the channels, the channel with the largest sum, or null: see `topk`. Default `'squeeze_mean'`. */
  readonly channelReduction?: 'squeeze_mean' | 'select_max' | null;
  /** Without a reduction: so many channels of the largest sums, each in a cell; 0: the one or three channels as they are. Default 20. */
  readonly topk?: number;
  /** Rows and columns of cells. Default `[4, 5]`. */
  readonly arrangement?: readonly [rows: number, columns: number];
  /** Height and width to which feature map and image are resized. */
  readonly resizeShape?: readonly [height: number, width: number] | undefined;
  /** Of the colours over the image. Default 0.5. */
  readonly alpha?: number;
}

/**
 * The picture `(H, W, 3)` of one feature map `(H, W, C)`, float32: values from least to largest as colours from blue to red. With cells
 * it is `(rows * H, columns * W, 3)`, cells captioned with their channel.
 * @throws `ENGINE_VISUALIZATION_BAD_FEATMAP`, `ENGINE_VISUALIZATION_BAD_IMAGE`
 */
export function drawFeatmap(featmap: HostArray<'float32'>, options: FeatmapOptions = {}): Image {
  const { channelReduction = 'squeeze_mean', topk = 20, arrangement = [4, 5], alpha = 0.5 } = options;
  const { grid, image } = resized(gridOf(featmap), options);
  const { channels } = grid;
  if (channelReduction === 'squeeze_mean') return heatmap(meanOf(grid), image, alpha);
  const order = sumsOf(grid)
    .map((sum, channel) => ({ sum, channel }))
    .sort((a, b) => b.sum - a.sum)
    .map(({ channel }) => channel);
  if (channelReduction === 'select_max') return heatmap(channelOf(grid, order[0] ?? 0), image, alpha);
  if (topk <= 0) {
    if (channels === 1 || channels === 3) return heatmap(grid, image, alpha);
    throw bad('1 or 3 channels with channelReduction null and topk 0', `${channels} channels`);
  }
  const [rows, columns] = arrangement;
  if (rows * columns < topk) throw bad(`an arrangement of at least topk = ${topk} cells`, `${rows} x ${columns}`);
  const sheet = Canvas.blank(columns * grid.width, rows * grid.height);
  order.slice(0, topk).forEach((channel, cell) => {
    const drawn = new Canvas(heatmap(channelOf(grid, channel), image, alpha)).text(`channel: ${channel}`, {
      at: [1, 1],
      color: 'white',
      background: { color: 'black', alpha: 0.5 },
    });
    sheet.image(drawn.toImage(), [(cell % columns) * grid.width, Math.floor(cell / columns) * grid.height]);
  });
  return sheet.toImage();
}

function gridOf({ dtype, shape, data }: HostArray<'float32'>): Grid {
  const [height = 0, width = 0, channels = 0] = shape;
  if (shape.length === 3 && data.length > 0 && dtype === 'float32') return { height, width, channels, data };
  throw bad('float32 of shape (H, W, C), not empty', `${dtype} of shape (${shape.join(', ')})`);
}

/** Feature map and image of one size. */
function resized(grid: Grid, { overlaidImage, resizeShape }: FeatmapOptions): { grid: Grid; image: Image | undefined } {
  if (overlaidImage === undefined)
    return { grid: resizeShape ? resizeBilinear(grid, ...resizeShape) : grid, image: undefined };
  const rgb = toRgb(overlaidImage);
  const [height = 0, width = 0] = rgb.shape;
  const size = resizeShape ?? ([height, width] as const);
  const image = resizeShape ? resizeImage(rgb, ...resizeShape) : rgb;
  return { grid: resizeBilinear(grid, ...size), image };
}

function resizeImage({ shape, data }: Image, height: number, width: number): Image {
  const [fromHeight = 0, fromWidth = 0, channels = 0] = shape;
  const larger = resizeBilinear({ height: fromHeight, width: fromWidth, channels, data }, height, width);
  return hostArray('uint8', [height, width, channels], Uint8Array.from(larger.data, Math.round));
}

function sumsOf({ channels, data }: Grid): number[] {
  const sums = Array.from({ length: channels }, () => 0);
  for (let at = 0; at < data.length; at += 1) sums[at % channels] = (sums[at % channels] ?? 0) + (data[at] ?? 0);
  return sums;
}

function meanOf({ height, width, channels, data }: Grid): Grid {
  const mean = new Float32Array(height * width);
  for (let at = 0; at < data.length; at += 1) {
    const pixel = Math.floor(at / channels);
    mean[pixel] = (mean[pixel] ?? 0) + (data[at] ?? 0) / channels;
  }
  return { height, width, channels: 1, data: mean };
}

function channelOf({ height, width, channels, data }: Grid, channel: number): Grid {
  const picked = Float32Array.from({ length: height * width }, (_, pixel) => data[pixel * channels + channel] ?? 0);
  return { height, width, channels: 1, data: picked };
}

const bad = (expected: string, received: string) =>
  visualizationErrors.BAD_FEATMAP({
    subject: 'drawFeatmap',
    expected,
    received,
    action: 'change the options or the feature map',
  });
