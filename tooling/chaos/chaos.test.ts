import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostArray } from '@engine/core';
import { writeSafetensors } from '@engine/fileio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Phase, phases, signalReader } from './beacon.ts';
import { chaos } from './chaos.ts';
import { differences } from './compare.ts';
import { jobs } from './jobs.ts';
import { halfWritten, leftBehind } from './leftovers.ts';
import { drawing, drawMoments, spansOf } from './plan.ts';
import { readRun } from './read-run.ts';
import { landingTable } from './table.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-chaos-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const spans = { startup: 100, training: 4, validation: 3, saving: 9, closing: 1 };

describe('drawing', () => {
  it('is the same for the same seed and lies in [0, 1)', () => {
    const [a, b] = [drawing(7), drawing(7)];
    const values = Array.from({ length: 100 }, () => a());
    expect(values).toEqual(Array.from({ length: 100 }, () => b()));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(new Set(values).size).toBe(100);
  });

  it.each([4, 50, 100])('spreads %i kills evenly over the run, two in five inside a save', (kills) => {
    const iterations = kills * 10;
    const moments = drawMoments(drawing(1), { kills, iterations, spans });
    expect(moments).toHaveLength(kills);
    for (const [i, { from, phase, delay }] of moments.entries()) {
      expect(Math.abs(from - i * 10)).toBeLessThanOrEqual(10 + 0.04 * iterations);
      expect(delay).toBeLessThan(spans[phase]);
    }
    const counts = phases.map((each) => moments.filter(({ phase }) => phase === each).length);
    const [startup = 0, training = 0, validation = 0, saving = 0] = counts;
    expect([saving, validation, startup]).toEqual([0.4, 0.15, 0.15].map((share) => Math.round(share * kills)));
    expect(startup + training + validation + saving).toBe(kills);
  });

  it('takes a short length of a stretch from the signals', () => {
    const signals = [0, 90, 94, 98, 110, 111].map((time, i) => ({
      phase: (['startup', 'training', 'training', 'saving', 'training', 'training'] as const)[i] as Phase,
      time,
    }));
    expect(spansOf(signals)).toEqual({ startup: 90, training: 1, validation: 0, saving: 12, closing: 0 });
  });
});

describe('signals', () => {
  it('are read in pieces, and one that a kill cut short is left out', () => {
    const read = signalReader();
    expect(read('training 3\nsav')).toEqual([{ phase: 'training', iter: 3 }]);
    expect(read('ing 6\ntrain')).toEqual([{ phase: 'saving', iter: 6 }]);
  });
});

/** A work dir with rows, a log and one checkpoint. */
function writeRun(
  name: string,
  { rows = '', log = '', weight = 1, header = {} }: { rows?: string; log?: string; weight?: number; header?: object },
): string {
  const workDir = join(folder, name);
  mkdirSync(join(workDir, 'stamp', 'vis_data'), { recursive: true });
  writeFileSync(join(workDir, 'stamp', 'vis_data', 'scalars.json'), rows);
  writeFileSync(join(workDir, 'stamp', 'stamp.log'), log);
  const weights = hostArray('float32', [2], Float32Array.of(1, weight));
  const chunks = writeSafetensors([['w', weights]], { engine: JSON.stringify(header) });
  writeFileSync(join(workDir, 'iter_2.safetensors'), Buffer.concat([...chunks]));
  writeFileSync(join(workDir, 'last_checkpoint'), 'iter_2.safetensors');
  return workDir;
}

const row = (step: number, loss: number, time = 1): string =>
  `${JSON.stringify({ lr: 0.1, loss, time, 'accuracy/top1': 3, step })}\n`;
const compare = (a: Parameters<typeof writeRun>[1], b: Parameters<typeof writeRun>[1]): string[] =>
  differences(readRun(writeRun('a', a)), readRun(writeRun('b', b)));

describe('differences', () => {
  it('are none for the same bits, whenever they were written, and when iterations are logged twice or cut short', () => {
    const header = (seconds: number): object => ({
      meta: { iter: 2, time: String(seconds) },
      messageHub: { scalars: { 'train/time': [seconds], 'train/loss': [1] }, infos: { eta: seconds } },
    });
    const rows = row(1, 0.5) + row(2, 0.25);
    const again = `${row(1, 0.5, 7)}${rows}{"lr": 0.1, "lo`;
    expect(compare({ rows, header: header(1) }, { rows: again, header: header(2) })).toEqual([]);
  });

  it('notice a row that differs or is missing, and a weight that differs by a bit', () => {
    const found = compare(
      { rows: row(1, 0.5) + row(2, 0.25) + '{"accuracy/top1":1,"step":2}\n' },
      { rows: row(1, 0.5) + row(1, 0.5000000001), weight: 1 + 2 ** -23 },
    );
    expect(found).toEqual([
      expect.stringMatching(/^train 1: .*0\.5000000001.* instead of .*0\.5,/),
      'train 2: nothing was logged',
      'val 2: nothing was logged',
      expect.stringMatching(/^iter_2\.safetensors: tensor w is float32 \(2\) \w+ instead of float32/),
    ]);
  });

  it('name the state, and the choice of the best checkpoint', () => {
    const header = (wait: number, bestScore: number): object => ({
      hooks: { EarlyStoppingHook: { wait } },
      messageHub: { infos: { bestScore } },
    });
    expect(compare({ header: header(1, 2) }, { header: header(2, 3) })).toEqual([
      'iter_2.safetensors: hooks.EarlyStoppingHook.wait is 2 instead of 1',
      'iter_2.safetensors: messageHub.infos.bestScore is 3 instead of 2',
    ]);
  });

  it('are a checkpoint too many, another last one, and a warning that the undisturbed run did not give', () => {
    const line = '2026/01/02 03:04:05 - engine - WARNING - It leaks.\n';
    const [a, b] = [writeRun('a', {}), writeRun('b', { log: line })];
    writeFileSync(join(b, 'best_iter_1.safetensors'), Buffer.concat([...writeSafetensors([])]));
    writeFileSync(join(b, 'last_checkpoint'), 'iter_1.safetensors');
    expect(differences(readRun(a), readRun(b))).toEqual([
      'the checkpoints kept are best_iter_1.safetensors, iter_2.safetensors instead of iter_2.safetensors',
      'last_checkpoint says iter_1.safetensors instead of iter_2.safetensors',
      'logged only there: WARNING - It leaks.',
    ]);
    expect(differences(readRun(b), readRun(b))).toEqual([]);
  });
});

describe('what a kill left', () => {
  const write = (name: string, text = ''): void => writeFileSync(join(folder, name), text);

  it('is told from what lies there between two saves', () => {
    const look = (before = new Set<string>()) => leftBehind(folder, { before, kept: 2 });
    write('last_checkpoint', 'iter_6.safetensors');
    for (const name of ['iter_6', 'best_acc_iter_9']) write(`${name}.safetensors`);
    expect(look()).toBeUndefined();
    write('iter_4.safetensors');
    expect(look()).toBe('surplus');
    write('iter_12.safetensors');
    expect(look()).toBe('unnamed');
    write('.iter_18.safetensors.0-1-2-3.engine-tmp');
    expect(look()).toBe('half');
    expect(look(halfWritten(folder))).toBe('unnamed');
    expect(halfWritten(join(folder, 'nowhere')).size).toBe(0);
  });

  it('is counted by phase, by kind and along the run', () => {
    const landings = [
      { phase: 'training', iter: 12, left: undefined },
      { phase: 'startup', iter: 0, left: undefined },
      { phase: 'saving', iter: 95, left: 'half' },
    ] as const;
    const table = landingTable(new Map([['epochs', { landings, iterations: 100, differences: [] }]]));
    expect(table.map((line) => line.trim().replace(/ {2,}/g, ' | '))).toEqual([
      'kills | epochs | all',
      'start-up | 1 | 1',
      'training | 1 | 1',
      'validation | 0 | 0',
      'inside a save | 1 | 1',
      'closing | 0 | 0',
      'half a checkpoint left | 1 | 1',
      'a whole one, not named yet | 0 | 0',
      'an old one not removed yet | 0 | 0',
      'by tenth of epochs | 0 2 0 0 0 0 0 0 0 1',
    ]);
  });
});

describe('chaos', () => {
  it('finds nothing that differs after kills of both jobs, some inside a save', { timeout: 240_000 }, async () => {
    await Promise.all(
      jobs.map(async (job) => {
        const lines: string[] = [];
        const result = await chaos({ kills: 2, seed: 20261127, job, report: (line) => lines.push(line) });
        expect(result.differences, lines.join('\n')).toEqual([]);
        expect(result.landings, lines.join('\n')).toHaveLength(2);
        expect(result.iterations).toBeGreaterThan(50);
      }),
    );
  });
});
