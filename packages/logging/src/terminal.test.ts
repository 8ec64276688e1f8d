import { describe, expect, it } from 'vitest';
import type { LogRecord } from './contract.js';
import { createTerminal } from './terminal.js';
import { describeLogSink } from './testing/index.js';

const escape = String.fromCharCode(27);
const colorCodes = new RegExp(`${escape}\\[\\d+m`, 'g');

class Screen {
  text = '';
  constructor(
    readonly isTTY: boolean,
    readonly columns = 80,
  ) {}
  write(text: string): void {
    this.text += text;
  }
  /** What a person sees, line by line. */
  get lines(): string[] {
    const rows = [''];
    for (const part of this.text.replace(colorCodes, '').split(/(\n|\r)/)) {
      if (part === '\n') rows.push('');
      else if (part.startsWith(`${escape}[K`)) rows[rows.length - 1] = part.slice(3);
      else if (part !== '\r') rows[rows.length - 1] += part;
    }
    return rows;
  }
}

const record = (message: string, level: LogRecord['level'] = 'INFO'): LogRecord => ({
  level,
  message,
  time: 0,
  loggerName: 'engine',
});

for (const isTTY of [true, false]) {
  describeLogSink(`terminal, isTTY ${isTTY}`, () => {
    const output = new Screen(isTTY);
    return { sink: createTerminal({ output }).sink, read: () => output.text };
  });
}

describe('terminal', () => {
  const progress = { label: 'epoch 1/3', done: 612, total: 938, rate: 66.2, eta: 36.4, values: { loss: 0.2113 } };

  it('draws the line of the manual', () => {
    const output = new Screen(true, 100);
    createTerminal({ output }).progress.update(progress);
    expect(output.lines).toEqual([
      `epoch 1/3 ${'━'.repeat(19)}╸${'─'.repeat(10)}  612/938  66 it/s  loss 0.211  eta 0:00:36`,
    ]);
  });

  it.each([0, -1, Number.NaN])('takes 80 columns when the terminal says %s', (columns) => {
    const output = new Screen(true, columns);
    createTerminal({ output }).progress.update(progress);
    expect(output.lines[0]?.length).toBeLessThan(80);
    expect(output.lines[0]).toContain('612/938');
  });

  it('says whether anybody sees the line', () => {
    const shown = (isTTY: boolean): boolean | undefined =>
      createTerminal({ output: new Screen(isTTY, 100) }).progress.isShown;
    expect([shown(true), shown(false)]).toEqual([true, false]);
  });

  it('redraws at most ten times a second', () => {
    const output = new Screen(true);
    let time = 0;
    const terminal = createTerminal({ output, now: () => time });
    for (; time < 1000; time += 5) terminal.progress.update({ ...progress, done: time });
    expect(output.text.split('\r').length - 1).toBe(10);
  });

  it('puts log lines above the live line', () => {
    const output = new Screen(true);
    const { sink, progress: line } = createTerminal({ output, now: () => 0 });
    sink.write(record('before'));
    line.update(progress);
    sink.write(record('during'));
    expect(output.lines.map((text) => text.split(' - ').at(-1))).toEqual([
      'before',
      'during',
      expect.stringMatching(/^epoch 1\/3 ━/),
    ]);
    line.clear();
    sink.write(record('after'));
    expect(output.lines.map((text) => text.split(' - ').at(-1))).toEqual(['before', 'during', 'after', '']);
  });

  it('removes the live line at the end', async () => {
    const output = new Screen(true);
    const { sink, progress: line } = createTerminal({ output });
    line.update(progress);
    await sink.close();
    expect(output.lines).toEqual(['']);
  });

  it.each([
    ['a pipe', new Screen(false), {}],
    ['a dumb terminal', new Screen(true), { TERM: 'dumb' }],
    ['continuous integration, also where that has a terminal', new Screen(true), { CI: 'true' }],
  ] as const)('shows neither colours nor a live line in %s', (_, output, env: Record<string, string>) => {
    const { sink, progress: line } = createTerminal({ output, env: (name) => env[name] });
    line.update(progress);
    sink.write(record('bad', 'ERROR'));
    line.clear();
    expect(output.text).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d - engine - ERROR - bad\n$/);
  });

  it('honours NO_COLOR, and keeps the live line then', () => {
    const [plain, colored] = [new Screen(true), new Screen(true)];
    for (const [output, value] of [
      [plain, '1'],
      [colored, undefined],
    ] as const) {
      const { sink, progress: line } = createTerminal({
        output,
        env: (name) => (name === 'NO_COLOR' ? value : undefined),
      });
      sink.write(record('careful', 'WARNING'));
      sink.write(record('plain'));
      line.update(progress);
    }
    expect(plain.text).not.toMatch(colorCodes);
    expect(plain.lines.at(-1)).toContain('612/938');
    const [warning = ''] = colored.text.split('\n');
    expect(warning.startsWith(`${escape}[33m`)).toBe(true);
    expect(warning.endsWith(`WARNING - careful${escape}[39m`)).toBe(true);
    expect(colored.text.split('\n')[1]).not.toMatch(colorCodes);
    expect(colored.lines).toEqual(plain.lines);
  });

  it.each([20, 25, 40, 60, 79, 200])('fits into %i columns', (columns) => {
    const output = new Screen(true, columns);
    createTerminal({ output }).progress.update({
      ...progress,
      values: { loss: 1.25e-7, 'metric/名前': Number.NaN, big: 12345.6, huge: Number.POSITIVE_INFINITY },
    });
    const [line = ''] = output.lines;
    const wide = [...line].filter((character) => /\p{Script=Han}/u.test(character)).length;
    expect([...line].length + wide).toBeLessThan(columns);
    expect(line).toContain('epoch 1/3');
    if (columns >= 200) expect(line).toContain('loss 1.25e-7  metric/名前 nan  big 12346  huge inf');
  });

  it('leaves out what is not known', () => {
    const output = new Screen(true);
    const unknown = { rate: Number.NaN, eta: Number.POSITIVE_INFINITY };
    createTerminal({ output }).progress.update({ label: 'test', done: 1, total: 2, ...unknown });
    expect(output.lines[0]).toMatch(/ {2}1\/2$/);
  });

  it('survives totals of zero, slow rates and labels with control characters', () => {
    const output = new Screen(true);
    createTerminal({ output }).progress.update({ label: 'val\n1', done: 0, total: 0, rate: 0.25 });
    expect(output.lines).toEqual([`val 1 ${'─'.repeat(30)}  0/0  0.25 it/s`]);
  });
});
