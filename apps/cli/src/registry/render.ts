import type { EntryInfo } from '@engine/registry';
import pc from 'picocolors';
import { type OptionRow, optionRows } from './option-rows.js';
import type { Selection } from './select.js';

export interface RenderOptions {
  readonly colour: boolean;
  readonly columns: number;
}

/** The selection as text: one entry with its options, or entries in aligned lines, a block a kind. */
export function renderSelection({ name, entries }: Selection, options: RenderOptions): string {
  const blocks = name === undefined ? listings(entries, options) : entries.map((entry) => details(entry, options));
  return `${blocks.join('\n\n')}\n`;
}

function listings(entries: readonly EntryInfo[], options: RenderOptions): string[] {
  const { bold, dim } = pc.createColors(options.colour);
  const widths = widthsOf(entries.map(({ name, module }) => [name, module ?? '']));
  return [...new Set(entries.map(({ kind }) => kind))].map((kind) => {
    const own = entries.filter((entry) => entry.kind === kind);
    const lines = own.map(({ name, module, doc }) =>
      fit([`  ${name.padEnd(widths[0] ?? 0)}`, dim((module ?? '').padEnd(widths[1] ?? 0)), doc], options, [
        widths[0] ?? 0,
        widths[1] ?? 0,
      ]),
    );
    return [`${bold(kind)} ${dim(`(${own.length})`)}`, ...lines].join('\n');
  });
}

/** A line whose last column is cut at the width of the terminal; `widths` are those of the columns before. */
function fit(columns: readonly string[], { columns: width }: RenderOptions, widths: readonly number[]): string {
  const used = 2 + widths.reduce((sum, each) => sum + each + 2, 0);
  const last = columns.at(-1) ?? '';
  const room = Math.max(20, width - used);
  const cut = last.length > room ? `${last.slice(0, room - 1)}…` : last;
  return [...columns.slice(0, -1), cut].join('  ').trimEnd();
}

function details(entry: EntryInfo, options: RenderOptions): string {
  const { bold, dim } = pc.createColors(options.colour);
  const from = entry.module === undefined ? '' : `  ${dim(`from ${entry.module}`)}`;
  const head = [`${bold(entry.name)}  ${dim(entry.kind)}${from}`, ...(entry.doc === '' ? [] : [entry.doc])];
  if (entry.options === undefined) return [...head, '', 'its schema does not describe its options'].join('\n');
  const rows = optionRows(entry.options);
  if (rows.length === 0) return [...head, '', 'no options'].join('\n');
  const cells = rows.map(cellsOf);
  const widths = widthsOf([['option', 'type', 'default'], ...cells]);
  const line = (row: readonly string[]): string =>
    `  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd();
  return [...head, '', dim(line(['option', 'type', 'default'])), ...cells.map(line)].join('\n');
}

function cellsOf(row: OptionRow): string[] {
  const value = row.default === undefined ? (row.required ? 'required' : '') : JSON.stringify(row.default);
  return [row.name, row.type, value, row.doc];
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: count }, (_, i) => Math.max(0, ...rows.map((row) => row[i]?.length ?? 0)));
}
