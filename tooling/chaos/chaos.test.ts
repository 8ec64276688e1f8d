import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostArray } from '@engine/core';
import { writeSafetensors } from '@engine/fileio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chaos } from './chaos.js';
import { differences } from './compare.js';
import { drawing, drawMoment } from './draw.js';
import { readLosses } from './read-losses.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-chaos-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function writeRows(name: string, text: string): string {
  const workDir = join(folder, name);
  mkdirSync(join(workDir, 'stamp', 'vis_data'), { recursive: true });
  writeFileSync(join(workDir, 'stamp', 'vis_data', 'scalars.json'), text);
  return workDir;
}

function writeWeights(name: string, values: readonly number[], engine: object = {}): string {
  const path = join(folder, `${name}.safetensors`);
  const weights = hostArray('float32', [values.length], Float32Array.from(values));
  const chunks = writeSafetensors([['w', weights]], { engine: JSON.stringify(engine) });
  writeFileSync(path, Buffer.concat([...chunks]));
  return path;
}

const row = (iter: number, loss: number): string => `${JSON.stringify({ lr: 0.1, loss, iter })}\n`;

describe('drawing', () => {
  it('is the same for the same seed and lies in [0, 1)', () => {
    const [a, b] = [drawing(7), drawing(7)];
    const values = Array.from({ length: 100 }, () => a());
    expect(values).toEqual(Array.from({ length: 100 }, () => b()));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(new Set(values).size).toBe(100);
  });

  it('chooses moments of every kind', () => {
    const random = drawing(1);
    const kinds = Array.from({ length: 60 }, () => drawMoment(random, { startup: 100, between: 10 }, false).kind);
    expect(new Set(kinds)).toEqual(new Set(['saving', 'startup', 'training']));
    expect(drawMoment(random, { startup: 1, between: 1 }, true).kind).toBe('saving');
  });
});

describe('readLosses', () => {
  it('joins sessions and leaves out a line that a kill cut short', () => {
    const workDir = writeRows('a', `${row(1, 0.5)}${row(2, 0.25)}{"lr": 0.1, "lo`);
    expect([...readLosses(workDir).byIter]).toEqual([
      [1, ['0.5']],
      [2, ['0.25']],
    ]);
  });

  it('does not forgive a broken line in the middle', () => {
    expect(() => readLosses(writeRows('a', `{"lr": \n${row(1, 1)}`))).toThrow('JSON');
  });
});

describe('differences', () => {
  const reference = () => ({
    losses: readLosses(writeRows('ref', row(1, 0.5) + row(2, 0.25))),
    checkpoint: writeWeights('ref', [1, 2]),
  });

  it('are none for the same bits, also when iterations are logged twice', async () => {
    const killed = {
      losses: readLosses(writeRows('b', row(1, 0.5) + row(2, 0.25) + row(2, 0.25))),
      checkpoint: writeWeights('b', [1, 2]),
    };
    expect(await differences(reference(), killed)).toEqual([]);
  });

  it('notice another loss, a missing one, and a weight that differs by a bit', async () => {
    const killed = {
      losses: readLosses(writeRows('b', row(1, 0.5) + row(1, 0.5000000001))),
      checkpoint: writeWeights('b', [1, 2 + 2 ** -22]),
    };
    expect(await differences(reference(), killed)).toEqual([
      'iteration 1: loss 0.5000000001 instead of 0.5',
      'iteration 2: no loss was logged',
      'tensor w differs',
    ]);
  });
});

describe('differences of states', () => {
  const written = (name: string, wait: number, bestScore: number) => ({
    losses: readLosses(writeRows(name, row(1, 0.5))),
    checkpoint: writeWeights(name, [1], {
      hooks: { EarlyStoppingHook: { wait } },
      schedulers: [{ lastStep: 3 }],
      messageHub: { infos: { bestScore } },
    }),
  });

  it('are none for the same states', async () => {
    expect(await differences(written('a', 1, 2), written('b', 1, 2))).toEqual([]);
  });

  it('name the hook, and the choice of the best checkpoint', async () => {
    expect(await differences(written('a', 1, 2), written('b', 2, 3))).toEqual([
      'the state of hook EarlyStoppingHook is {"wait":2} instead of {"wait":1}',
      'bestScore is 3 instead of 2',
    ]);
  });
});

describe('chaos', () => {
  it('finds the same losses and weights after three kills, one inside a save', { timeout: 240_000 }, async () => {
    const lines: string[] = [];
    const result = await chaos({
      kills: 3,
      insideSave: 1,
      seed: 20261121,
      config: 'tooling/chaos/config.ts',
      report: (line) => lines.push(line),
    });
    expect(result.differences, lines.join('\n')).toEqual([]);
    expect(result.kills).toBeGreaterThanOrEqual(3);
    expect(result.insideSave).toBeGreaterThanOrEqual(1);
    expect(result.iterations).toBeGreaterThan(50);
  });
});
