import type { StatsReport } from './dataset-stats.js';

/** How many lines of a list are shown. */
const SHOWN = { shapes: 10, classes: 100, failed: 20 } as const;

/** The report as text. */
export function renderStats(report: StatsReport, title: string): string {
  const { length, read, dropped, failed, images, classes, boxes } = report;
  const looked = read + failed.length;
  const parts = [
    `${title}: ${length} samples${looked < length ? `, ${looked} looked at` : ''}`,
    ...(dropped > 0 ? [`${dropped} thrown away by the pipeline`] : []),
    ...section('images', [
      ...cut(images.shapes, SHOWN.shapes, ({ shape, count }) => [shape, String(count)]),
      ...images.channels.map(({ mean, std, min, max }, i) => [
        `channel ${i}`,
        `mean ${number(mean)}  std ${number(std)}  from ${number(min)} to ${number(max)}`,
      ]),
    ]),
    ...section('boxes', boxes === undefined ? [] : boxRows(boxes)),
    ...section(
      'classes',
      cut(classes, SHOWN.classes, (each) => [each.name, classCounts(each)]),
    ),
    ...section(
      `${failed.length} ${failed.length === 1 ? 'sample' : 'samples'} cannot be read`,
      cut(failed, SHOWN.failed, ({ index, reason }) => [String(index), reason]),
    ),
  ];
  return `${parts.join('\n')}\n`;
}

function classCounts({ samples, objects }: StatsReport['classes'][number]): string {
  if (samples > 0 && objects > 0) return `${samples} samples, ${objects} objects`;
  return String(Math.max(samples, objects));
}

function boxRows(boxes: NonNullable<StatsReport['boxes']>): string[][] {
  const { count, ignored, masks, empty, perImage, width, height, sizes } = boxes;
  const range = (of: typeof width): string =>
    of === undefined ? 'none' : `${number(of.min)} to ${number(of.max)}, mean ${number(of.mean)}`;
  return [
    [
      'count',
      `${count}${ignored > 0 ? `, ${ignored} of them crowds` : ''}${masks > 0 ? `, ${masks} with a mask` : ''}`,
    ],
    ['in an image', `${range(perImage)}; ${empty} images without`],
    ['width', range(width)],
    ['height', range(height)],
    ['area', `${sizes.small} small (below 32 x 32), ${sizes.medium} medium, ${sizes.large} large (from 96 x 96)`],
  ];
}

function section(title: string, rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return ['', title, ...rows.map(([name = '', text = '']) => `  ${name.padEnd(width)}  ${text}`.trimEnd())];
}

function cut<T>(items: readonly T[], most: number, row: (item: T) => string[]): string[][] {
  const rows = items.slice(0, most).map(row);
  return items.length <= most ? rows : [...rows, [`and ${items.length - most} more`]];
}

function number(value: number): string {
  return String(Number(value.toPrecision(6)));
}
