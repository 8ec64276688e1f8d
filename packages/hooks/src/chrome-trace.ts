/** Spans and counters in the format that chrome://tracing, Perfetto and TensorBoard's profiler read. */

/** Rows of the picture. */
const ROWS = ['steps', 'hooks', 'kernels'] as const;
export type TraceRow = (typeof ROWS)[number];

export interface Span {
  readonly row: TraceRow;
  readonly name: string;
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly args?: Readonly<Record<string, unknown>>;
}

/** Collects what a profile is made of. */
export class ChromeTrace {
  readonly #spans: Span[] = [];
  readonly #counters: { readonly at: number; readonly bytes: number; readonly tensors: number }[] = [];

  add(span: Span): void {
    this.#spans.push(span);
  }

  addMemory(at: number, { numBytes, numTensors }: { readonly numBytes: number; readonly numTensors: number }): void {
    this.#counters.push({ at, bytes: numBytes, tensors: numTensors });
  }

  /** The file's text. Times are microseconds from the first span. */
  toJson(): string {
    const origin = Math.min(...this.#spans.map(({ start }) => start), ...this.#counters.map(({ at }) => at));
    const micros = (time: number): number => Math.round((time - origin) * 1e6) / 1e3;
    const named = ROWS.map((name, tid) => ({ name: 'thread_name', ph: 'M', pid: 0, tid, args: { name } }));
    const spans = this.#spans.map(({ row, name, start, end, args }) => ({
      name,
      cat: row,
      ph: 'X',
      ts: micros(start),
      dur: Math.round((end - start) * 1e6) / 1e3,
      pid: 0,
      tid: ROWS.indexOf(row),
      ...(args !== undefined && { args }),
    }));
    const counters = this.#counters.map(({ at, bytes, tensors }) => ({
      name: 'memory',
      ph: 'C',
      ts: micros(at),
      pid: 0,
      args: { bytes, tensors },
    }));
    return `${JSON.stringify({ displayTimeUnit: 'ms', traceEvents: [...named, ...spans, ...counters] })}\n`;
  }

  /** Kernels by the time they took in all: name, calls, total and mean milliseconds, share of all kernels. */
  table(rows: number): string {
    const sums = new Map<string, { calls: number; total: number }>();
    for (const { row, name, start, end } of this.#spans) {
      if (row !== 'kernels') continue;
      const sum = sums.get(name) ?? { calls: 0, total: 0 };
      sums.set(name, { calls: sum.calls + 1, total: sum.total + end - start });
    }
    const all = [...sums.values()].reduce((total, sum) => total + sum.total, 0);
    const lines = [...sums]
      .sort(([, a], [, b]) => b.total - a.total)
      .slice(0, rows)
      .map(([name, { calls, total }]) => [
        name,
        String(calls),
        total.toFixed(3),
        (total / calls).toFixed(4),
        all > 0 ? `${((100 * total) / all).toFixed(1)} %` : '-',
      ]);
    return columns([['kernel', 'calls', 'total ms', 'mean ms', 'share'], ...lines]);
  }
}

function columns(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  const cell = (text: string, i: number): string =>
    i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  return lines.map((line) => line.map(cell).join('  ')).join('\n');
}
