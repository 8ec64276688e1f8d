import type { ProgressState } from './contract.js';
import { formatDuration } from './format-number.js';

/** How to paint; picocolors' object is one. */
interface Painter {
  readonly cyan: (text: string) => string;
  readonly dim: (text: string) => string;
}

const BAR = 30;
const SMALLEST_BAR = 8;

/**
 * `epoch 1/3 ━━━━╸────  612/938  66 it/s  loss 0.211  eta 0:00:36  412 MB` in at most `columns` columns:
 * first the bar shrinks, then parts go from the right, last the text is cut.
 */
export function renderProgress(
  state: ProgressState,
  { columns, colors }: { readonly columns: number; readonly colors: Painter },
): string {
  const details = [
    `${String(state.done).padStart(String(state.total).length)}/${state.total}`,
    ...(isKnown(state.rate) ? [`${formatRate(state.rate)} it/s`] : []),
    ...Object.entries(state.values ?? {}).map(([name, value]) => `${name} ${formatShort(value)}`),
    ...(isKnown(state.eta) ? [`eta ${formatDuration(state.eta)}`] : []),
    ...(isKnown(state.memoryMB) ? [`${Math.round(state.memoryMB)} MB`] : []),
  ];
  const label = oneLine(state.label);
  for (;;) {
    const text = oneLine(details.join('  '));
    const free = columns - displayWidth(label) - displayWidth(text) - 3;
    if (free >= SMALLEST_BAR) return `${label} ${bar(state, Math.min(BAR, free), colors)}  ${text}`;
    if (details.length <= 1) return cut(`${label} ${text}`, columns);
    details.pop();
  }
}

/** Filled in half characters. */
function bar({ done, total }: ProgressState, width: number, colors: Painter): string {
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
  const halves = Math.floor(share * width * 2);
  const full = '━'.repeat(halves >> 1) + (halves % 2 === 1 ? '╸' : '');
  return colors.cyan(full) + colors.dim('─'.repeat(width - full.length));
}

function isKnown(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}

function formatRate(rate: number): string {
  return rate.toFixed(rate >= 10 ? 0 : rate >= 1 ? 1 : 2);
}

/** Three significant digits. */
function formatShort(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  return Math.abs(value) >= 1000 ? String(Math.round(value)) : value.toPrecision(3);
}

/** Control characters would tear the line. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

/** Columns that `text` takes: marks none, East Asian wide characters and emoji two. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{M}/u.test(character)) continue;
    const code = character.codePointAt(0) ?? 0;
    width +=
      (code >= 0x1100 && code <= 0x115f) ||
      (code >= 0x2e80 && code <= 0xd7a3) ||
      (code >= 0xf900 && code <= 0xfaff) ||
      (code >= 0xff00 && code <= 0xff60) ||
      code >= 0x1f300
        ? 2
        : 1;
  }
  return width;
}

function cut(text: string, columns: number): string {
  let kept = '';
  for (const character of text) {
    if (displayWidth(kept + character) > columns) break;
    kept += character;
  }
  return kept;
}
