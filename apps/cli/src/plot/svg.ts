import { epochTicks, type Figure, formatValue, type Line, stretches, type Ticks, valueTicks } from './figure.js';

const [WIDTH, PLOT_HEIGHT] = [900, 340] as const;
const margin = { left: 86, right: 28, top: 78, bottom: 64 } as const;
const PLOT_WIDTH = WIDTH - margin.left - margin.right;
const LEGEND_ROW = 20;
/** Told apart by people with any colour vision (Okabe and Ito, 2008). */
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'] as const;
const dashes = ['', '7 4', '2 3'] as const;

/** The chart as a standalone SVG document. */
export function drawSvg(figure: Figure): string {
  const total = figure.lines[0]?.values.length ?? 1;
  const ticks = valueTicks(figure, 6);
  const x = (iteration: number): number => margin.left + (iteration / total) * PLOT_WIDTH;
  const y = (value: number): number => margin.top + (1 - (value - ticks.min) / (ticks.max - ticks.min)) * PLOT_HEIGHT;
  const legend = figure.lines.length > 1 ? figure.lines : [];
  const height = margin.top + PLOT_HEIGHT + margin.bottom + legend.length * LEGEND_ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif" font-size="13" fill="#333">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="30" font-size="18" font-weight="bold" fill="#111">${escaped(figure.title)}</text>`,
    `<text x="${margin.left}" y="51" fill="#666">${escaped(figure.subtitle)}</text>`,
    ...epochAxis(figure, total, x),
    ...valueAxis(ticks, figure.yLabel, y),
    ...iterationAxis(total, x),
    ...figure.lines.map((line, i) => path(line, { x, y, style: styleOf(i) })),
    ...legend.map((line, i) => legendRow(line, i)),
    '</svg>',
    '',
  ].join('\n');
}

function epochAxis({ epochLength }: Figure, total: number, x: (iteration: number) => number): string[] {
  const bottom = margin.top + PLOT_HEIGHT;
  const epochs = total / epochLength;
  const marks = epochTicks(epochs, 20).flatMap((epoch) => {
    const at = round(x(epoch * epochLength));
    return [
      `<line x1="${at}" y1="${margin.top}" x2="${at}" y2="${bottom + 5}" stroke="#ddd"/>`,
      `<text x="${at}" y="${bottom + 20}" text-anchor="middle">${epoch}</text>`,
    ];
  });
  return [...marks, `<text x="${margin.left - 12}" y="${bottom + 20}" text-anchor="end" fill="#666">epoch</text>`];
}

function iterationAxis(total: number, x: (iteration: number) => number): string[] {
  const y = margin.top + PLOT_HEIGHT + 42;
  const step = [1, 2, 2.5, 5, 10].map((f) => f * 10 ** Math.floor(Math.log10(total / 5))).find((s) => total / s <= 8);
  const marks = Array.from({ length: Math.floor(total / (step ?? total)) + 1 }, (_, i) => i * (step ?? total))
    .filter(Number.isInteger)
    .map((at) => `<text x="${round(x(at))}" y="${y}" text-anchor="middle" fill="#999" font-size="11">${at}</text>`);
  return [
    `<text x="${margin.left - 12}" y="${y}" text-anchor="end" fill="#999" font-size="11">iteration</text>`,
    ...marks,
  ];
}

function valueAxis(ticks: Ticks, label: string, y: (value: number) => number): string[] {
  const right = margin.left + PLOT_WIDTH;
  const marks = ticks.values.flatMap((value) => [
    `<line x1="${margin.left}" y1="${round(y(value))}" x2="${right}" y2="${round(y(value))}" stroke="#eee"/>`,
    `<text x="${margin.left - 12}" y="${round(y(value) + 4.5)}" text-anchor="end">${formatValue(value)}</text>`,
  ]);
  const [middle, bottom] = [margin.top + PLOT_HEIGHT / 2, margin.top + PLOT_HEIGHT];
  return [
    ...marks,
    `<line x1="${margin.left}" y1="${margin.top}" x2="${margin.left}" y2="${bottom}" stroke="#888"/>`,
    `<line x1="${margin.left}" y1="${bottom}" x2="${right}" y2="${bottom}" stroke="#888"/>`,
    `<text transform="translate(24 ${middle}) rotate(-90)" text-anchor="middle" font-weight="bold">${escaped(label)}</text>`,
  ];
}

interface Style {
  readonly colour: string;
  readonly dash: string;
}

function styleOf(index: number): Style {
  return {
    colour: colours[index % colours.length] as string,
    dash: dashes[Math.floor(index / colours.length) % dashes.length] as string,
  };
}

function stroke({ colour, dash }: Style): string {
  return `fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"${dash === '' ? '' : ` stroke-dasharray="${dash}"`}`;
}

/** Fewer values than this are drawn as the steps that they are. */
const STEPS = 150;

function path(
  { values }: Line,
  { x, y, style }: { x: (iteration: number) => number; y: (value: number) => number; style: Style },
): string {
  const to = values.length < STEPS ? (at: number) => `H${at}V` : (at: number) => `L${at} `;
  const parts = stretches(values, PLOT_WIDTH).map(({ from, first, low, high, last }, i) => {
    const at = round(x(from));
    const isPlain = low >= Math.min(first, last) && high <= Math.max(first, last);
    const extremes = isPlain ? [] : [low, high, last];
    const start = i === 0 ? `M${at} ` : to(at);
    return `${start}${round(y(first))}${extremes.map((value) => `V${round(y(value))}`).join('')}`;
  });
  return `<path d="${parts.join('')}H${round(x(values.length))}" ${stroke(style)}/>`;
}

function legendRow({ label }: Line, index: number): string {
  const y = margin.top + PLOT_HEIGHT + margin.bottom + index * LEGEND_ROW;
  return `<path d="M${margin.left} ${y - 4}h28" ${stroke(styleOf(index))}/><text x="${margin.left + 38}" y="${y}">${escaped(label)}</text>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
