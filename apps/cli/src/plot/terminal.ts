import { epochTicks, type Figure, formatValue, stretches, valueTicks } from './figure.js';

const ROWS = 12;
/** Bits of a braille character's dots, from the top, left and right. */
const dots = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/** Colours a text; line numbers tell the lines apart. */
export type Paint = (text: string, line: number) => string;

/** The chart in braille dots, two by four a character. */
export function drawTerminal(
  figure: Figure,
  { columns, paint }: { readonly columns: number; readonly paint: Paint },
): string {
  const ticks = valueTicks(figure, 4);
  const labels = new Map(
    ticks.values.map((value) => [
      Math.round((1 - (value - ticks.min) / (ticks.max - ticks.min)) * (ROWS - 1)),
      formatValue(value),
    ]),
  );
  const gutter = Math.max(...[...labels.values()].map((label) => label.length)) + 2;
  const width = Math.max(20, columns - gutter - 2);
  const cells = plot(figure, { width, min: ticks.min, max: ticks.max });
  const rows = cells.map((row, i) => {
    const label = labels.get(i);
    const axis = `${(label ?? '').padStart(gutter - 1)} ${label === undefined ? '│' : '┤'}`;
    return (
      axis + row.map(({ bits, line }) => (bits === 0 ? ' ' : paint(String.fromCharCode(0x2800 + bits), line))).join('')
    ).trimEnd();
  });
  return [...rows, ...epochAxis(figure, { gutter, width }), ''].join('\n');
}

interface Cell {
  bits: number;
  /** The line that was drawn here last. */
  line: number;
}

function plot({ lines }: Figure, { width, min, max }: { width: number; min: number; max: number }): Cell[][] {
  const cells = Array.from({ length: ROWS }, () => Array.from({ length: width }, (): Cell => ({ bits: 0, line: 0 })));
  const heightOf = (value: number): number => Math.round((1 - (value - min) / (max - min)) * (ROWS * 4 - 1));
  const set = (x: number, y: number, line: number): void => {
    const cell = cells[y >> 2]?.[x >> 1];
    if (cell === undefined) return;
    cell.bits |= dots[y & 3]?.[x & 1] ?? 0;
    cell.line = line;
  };
  for (const [line, { values }] of lines.entries()) {
    const seen = stretches(values, width * 2);
    let before: number | undefined;
    for (let x = 0; x < width * 2; x++) {
      const part = seen[Math.min(seen.length - 1, Math.floor((x * seen.length) / (width * 2)))];
      if (part === undefined) continue;
      const [top, bottom] = [heightOf(part.high), heightOf(part.low)];
      const from = before === undefined ? top : Math.min(top, before);
      const to = before === undefined ? bottom : Math.max(bottom, before);
      for (let y = from; y <= to; y++) set(x, y, line);
      before = heightOf(part.last);
    }
  }
  return cells;
}

function epochAxis(figure: Figure, { gutter, width }: { gutter: number; width: number }): string[] {
  const epochs = (figure.lines[0]?.values.length ?? 1) / figure.epochLength;
  const [marks, labels] = [Array.from({ length: width }, () => '─'), Array.from({ length: width + 8 }, () => ' ')];
  for (const epoch of epochTicks(epochs, Math.max(2, Math.floor(width / 8)))) {
    const at = Math.min(width - 1, Math.round((epoch / epochs) * width));
    marks[at] = '┬';
    for (const [i, char] of String(epoch).split('').entries()) labels[at + i] = char;
  }
  return [`${' '.repeat(gutter)}└${marks.join('')}`, `${'epoch'.padStart(gutter)} ${labels.join('').trimEnd()}`];
}
