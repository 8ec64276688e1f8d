import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { digitFolder, engine, type TestFolder } from '../testing.js';

let folder: TestFolder | undefined;
afterEach(() => folder?.remove());

const plot = (...args: string[]) => engine(['lr-plot', 'config.json', ...args], folder?.path);

interface Plotted {
  field: string;
  epochLength: number;
  maxIters: number;
  curves: { label: string; parameters: string[]; values: number[] }[];
  followed: string[];
}

describe('engine lr-plot', () => {
  it('draws the schedule from the length of the dataset, and touches no work dir', async () => {
    folder = digitFolder();
    const { code, out } = await plot();
    expect(code).toBe(0);
    expect(out).toMatch(/^lr of config\.json {2}2 epochs of 4 iterations\n/);
    expect(out).toMatch(/┤[\s\S]*└┬[\s\S]*epoch 0 +1 +2\n/);
    expect(out).toContain('lr  0.05 → 0.1\n');
    expect(folder.list().sort()).toEqual(['config.json', 'data']);
  });

  it('gives the values that training logs', async () => {
    folder = digitFolder();
    const { out } = await plot('--json');
    const { curves, ...rest } = JSON.parse(out) as Plotted;
    expect(rest).toEqual({ field: 'lr', epochLength: 4, maxEpochs: 2, maxIters: 8, followed: [] });
    expect(curves).toHaveLength(1);
    expect(curves[0]?.values).toEqual(
      [0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.1, 0.1].map((value) => expect.closeTo(value, 12)),
    );
  });

  it('needs no data when it is told how long an epoch is', async () => {
    folder = digitFolder({
      trainDataloader: { dataset: { type: 'MNIST', root: '/nowhere', train: true }, batchSize: 8 },
    });
    const missing = await plot();
    expect(missing.code).toBe(1);
    expect(missing.err).toContain('ENGINE_RUNNER_EPOCH_LENGTH_UNKNOWN');
    expect(missing.err).toContain('--epoch-length');
    const { code, out } = await plot('--epoch-length', '50', '--cfg-options', 'trainCfg.maxEpochs=7');
    expect(code).toBe(0);
    expect(out).toContain('7 epochs of 50 iterations');
  });

  it.each(['svg', 'png'])('writes a picture: %s', async (extension) => {
    folder = digitFolder();
    const { code, err } = await plot('--out', `plots/lr.${extension}`);
    expect({ code, err }).toEqual({ code: 0, err: `written to plots/lr.${extension}\n` });
    expect(existsSync(folder.file(`plots/lr.${extension}`))).toBe(true);
  });

  it('draws other fields, and says what cannot be foreseen', async () => {
    folder = digitFolder({
      paramScheduler: [
        { type: 'StepMomentum', stepSize: 1, gamma: 0.5 },
        { type: 'ReduceOnPlateauLR', monitor: 'accuracy/top1', rule: 'greater' },
      ],
    });
    const { out } = await plot('--field', 'momentum');
    expect(out).toContain('momentum  0.9 → 0.45\n');
    expect(out).toContain('a schedule waits for accuracy/top1 to stop improving: not in the chart\n');
  });

  it('colours its lines on a terminal only', async () => {
    folder = digitFolder();
    const colour = String.fromCharCode(27);
    expect((await plot()).out).not.toContain(colour);
    expect((await engine(['lr-plot', 'config.json'], folder.path, { tty: true })).out).toContain(colour);
  });

  it.each([
    [['--out', 'lr.gif'], 'ENGINE_CLI_BAD_PICTURE'],
    [['--field', 'nope'], 'ENGINE_SCHEDULER_NO_FIELD'],
    [['--epoch-length', '0'], 'whole number above 0'],
    [['--cfg-options', 'paramScheduler.0.end=0'], 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    [['--cfg-options', 'paramScheduler.0.begin=9'], 'ENGINE_SCHEDULER_BAD_WINDOW'],
  ])('refuses %j with %s', async (args, text) => {
    folder = digitFolder();
    const { code, err } = await plot(...args);
    expect(code).toBe(2);
    expect(err).toContain(text);
  });
});
