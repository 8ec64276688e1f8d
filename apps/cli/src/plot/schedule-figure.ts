import { basename } from 'node:path';
import type { Schedule, ScheduleCurve } from '@engine/runner';
import { type Figure, formatValue } from './figure.js';
import type { Paint } from './terminal.js';

/** Lines that can still be told apart. */
const SHOWN = 8;

export function figureOf(schedule: Schedule, file: string): Figure {
  const { field, epochLength, maxEpochs, curves } = schedule;
  const hidden = curves.length - SHOWN;
  return {
    title: `${field} of ${basename(file)}`,
    subtitle: `${count(maxEpochs, 'epoch')} of ${count(epochLength, 'iteration')}${hidden > 0 ? `; ${count(hidden, 'more curve')} not drawn` : ''}`,
    yLabel: field,
    lines: curves.slice(0, SHOWN),
    epochLength,
  };
}

/** A line for each curve: where it starts, its extremes, where it ends; and what cannot be foreseen. */
export function describeSchedule({ curves, followed }: Schedule, paint: Paint): string {
  const width = Math.max(...curves.map(({ label }) => label.length));
  const rows = curves.map((curve, i) => `${paint(curve.label.padEnd(width), i)}  ${summary(curve)}\n`);
  const notes = followed.map((monitor) => `a schedule waits for ${monitor} to stop improving: not in the chart\n`);
  return [...rows, ...notes].join('');
}

function summary({ values }: ScheduleCurve): string {
  const [first, last] = [values[0] ?? 0, values.at(-1) ?? 0];
  const extremes = (['max', 'min'] as const).flatMap((kind) => {
    const found = values.reduce((a, b) => Math[kind](a, b), first);
    if (found === first || found === last) return [];
    return [{ at: values.indexOf(found), text: `${formatValue(found)} (${kind}, iteration ${values.indexOf(found)})` }];
  });
  const middle = extremes.sort((a, b) => a.at - b.at).map(({ text }) => text);
  return [formatValue(first), ...middle, formatValue(last)].join(' → ');
}

/** For other programs: the value in force in each iteration. */
export function scheduleJson({ curves, ...rest }: Schedule): object {
  return { ...rest, curves: curves.map(({ values, ...curve }) => ({ ...curve, values: [...values] })) };
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
