import { readFileSync } from 'node:fs';
import { readSafetensors } from '@engine/fileio';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { digitFiles, digitFolder, engine, scalarRows, stampsOf, type TestFolder } from './testing.js';

let folder: TestFolder;
afterEach(() => {
  folder.remove();
  vi.unstubAllEnvs();
});

const train = (...args: string[]) => engine(['train', 'config.json', '--work-dir', 'runs', ...args], folder.path);
const losses = (workDir = 'runs'): [number, number][] =>
  scalarRows(folder, workDir).flatMap(({ iter, loss, lr }) =>
    iter === undefined || loss === undefined || lr === undefined ? [] : [[iter, loss]],
  );

const TIME = String.raw`\d{4}/\d\d/\d\d \d\d:\d\d:\d\d`;

describe('engine train', () => {
  it('trains, validates, saves, and leaves what ARCHITECTURE 5.11 lists', async () => {
    folder = digitFolder({ defaultHooks: { logger: { interval: 2 }, checkpoint: { interval: 1, saveBest: 'auto' } } });
    const { code, out, err } = await train();
    expect({ code, err }).toEqual({ code: 0, err: '' });

    const [stamp = ''] = stampsOf(folder, 'runs');
    expect(folder.list('runs').filter((name) => !name.startsWith('best_'))).toEqual([
      stamp,
      `${stamp}.json`,
      'epoch_1.safetensors',
      'epoch_2.safetensors',
      'last_checkpoint',
    ]);
    expect(folder.list('runs').filter((name) => name.startsWith('best_'))).toEqual([
      expect.stringMatching(/^best_accuracy_top1_epoch_[12]\.safetensors$/),
    ]);
    expect(folder.list(`runs/${stamp}`)).toEqual([`${stamp}.log`, 'vis_data']);
    expect(folder.read('runs/last_checkpoint')).toBe('epoch_2.safetensors');

    const log = folder.read(`runs/${stamp}/${stamp}.log`);
    expect(log).toMatch(
      new RegExp(
        `^${TIME} - engine - INFO - Epoch\\(train\\) \\[1\\]\\[2/4\\]  lr: \\d\\.\\d{4}e-\\d\\d  eta: 0:00:\\d\\d  time: \\d+\\.\\d{4}  data_time: \\d+\\.\\d{4}  memory: \\d+  loss: \\d+\\.\\d{4}$`,
        'm',
      ),
    );
    expect(log).toMatch(
      new RegExp(`^${TIME} - engine - INFO - Epoch\\(val\\) \\[2\\]\\[2/2\\]    accuracy/top1: \\d+`, 'm'),
    );
    expect(log).not.toMatch(/\u001b|\r|━/);
    expect(log).toContain(`Exp name: config_${stamp}\n`);
    // what a pipe gets is what the log has, debug lines aside
    expect(out).not.toMatch(/\u001b|\r|━/);
    for (const line of out.trimEnd().split('\n')) expect(log).toContain(`${line}\n`);

    const rows = scalarRows(folder, 'runs');
    expect(rows.map(({ iter }) => iter)).toEqual([2, 4, 4, 6, 8, 8]);
    for (const row of rows) expect(row).toMatchObject({ epoch: expect.any(Number), step: row.iter });
    expect(rows.at(-1)).toMatchObject({ epoch: 2, 'accuracy/top1': expect.any(Number) });
  });

  it('says first what runs where, and last what came of it and where it lies', async () => {
    folder = digitFolder();
    const { out } = await train();
    const lines = out.trimEnd().split('\n');
    const stamp = `${folder.file('runs')}/${stampsOf(folder, 'runs')[0]}`;
    expect(lines[0]).toMatch(
      / engine \d+\.\d+\.\d+ · backend wasm \(simd, 1 thread\) · MNIST 40\/20 · LeNet5 61706 parameters · run /,
    );
    expect(lines[0]?.endsWith(`run ${stamp}`)).toBe(true);
    expect(lines.at(-1)).toMatch(/ done in \d+ s · accuracy\/top1 [\d.]+ · checkpoint .*epoch_2\.safetensors · log /);
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(lines[0]).toContain(`engine ${version} `);
  });

  it('shows a live line on a terminal, never in the file', async () => {
    folder = digitFolder();
    for (const name of ['CI', 'TERM', 'NO_COLOR']) vi.stubEnv(name, undefined);
    const { code, out } = await engine(['train', 'config.json', '--work-dir', 'runs'], folder.path, { tty: true });
    expect(code).toBe(0);
    expect(out).toMatch(/epoch 1\/2 .*━.* 1\/4 .*loss \d/);
    expect(out).toContain('\r\u001b[K');
    // what stays on the screen is what the log has: no live line, no colour
    const screen = out.replace(/[^\n]*\r\u001b\[K/g, '').replace(/\u001b\[\d+m/g, '');
    const piped = (await engine(['train', 'config.json', '--work-dir', 'piped'], folder.path)).out;
    const shape = (text: string): string[] => text.split('\n').map((line) => line.replace(/\d+/g, '0'));
    expect(shape(screen.replaceAll('/runs', '/piped'))).toEqual(shape(piped));
    const [stamp = ''] = stampsOf(folder, 'runs');
    expect(folder.read(`runs/${stamp}/${stamp}.log`)).not.toMatch(/━|\u001b/);
  });

  it('writes a STAMP.json that runs again, to the same losses', async () => {
    folder = digitFolder();
    await train();
    const first = losses();
    const again = await engine(
      ['train', `runs/${stampsOf(folder, 'runs')[0]}.json`, '--work-dir', 'again'],
      folder.path,
    );
    expect(again.code).toBe(0);
    expect(losses('again')).toEqual(first);
  });

  it('moves the checkpoints of an earlier run to that run’s folder, and says so', async () => {
    folder = digitFolder({ trainCfg: { byEpoch: true, maxEpochs: 1 } });
    await train();
    const [first = ''] = stampsOf(folder, 'runs');
    const { code, out } = await train();
    expect(code).toBe(0);
    expect(out).toMatch(
      new RegExp(`The work dir had checkpoints of an earlier run: they are in .*runs/${first} now\\.`),
    );
    expect(folder.list(`runs/${first}`)).toEqual(
      [`${first}.log`, 'epoch_1.safetensors', 'last_checkpoint', 'vis_data'].sort(),
    );
    expect(folder.list('runs')).toContain('epoch_1.safetensors');
    expect(stampsOf(folder, 'runs')).toHaveLength(2);
  });

  it('takes its work dir from the config, in either spelling, or from the config’s name', async () => {
    folder = digitFolder();
    const config = JSON.parse(folder.read('config.json')) as Record<string, unknown>;
    const once = ['--cfg-options', 'trainCfg.maxEpochs=1'];
    for (const key of ['workDir', 'work_dir']) {
      folder.write(`${key}.json`, JSON.stringify({ ...config, [key]: `by-${key}` }));
      expect((await engine(['train', `${key}.json`, ...once], folder.path)).code).toBe(0);
      expect(folder.list(`by-${key}`)).toContain('epoch_1.safetensors');
    }
    expect((await engine(['train', 'config.json', ...once], folder.path)).code).toBe(0);
    expect(folder.list('work_dirs/config')).toContain('epoch_1.safetensors');
  });

  it('lays --cfg-options over the config and writes them down', async () => {
    folder = digitFolder();
    const { code } = await train('--cfg-options', 'trainCfg.maxEpochs=1', 'optimWrapper.optimizer.lr=0.025');
    expect(code).toBe(0);
    const [stamp = ''] = stampsOf(folder, 'runs');
    expect(JSON.parse(folder.read(`runs/${stamp}.json`))).toMatchObject({
      trainCfg: { maxEpochs: 1 },
      optimWrapper: { optimizer: { type: 'SGD', lr: 0.025 } },
    });
    expect(scalarRows(folder, 'runs')[0]?.lr).toBeCloseTo(0.0125);
    expect(folder.list('runs')).not.toContain('epoch_2.safetensors');
  });

  it('trains in mixed precision with --amp, and with a scaled rate with --auto-scale-lr, as written down', async () => {
    folder = digitFolder({ autoScaleLr: { baseBatchSize: 5 } });
    const { code, out } = await train('--amp', '--auto-scale-lr', '--cfg-options', 'trainCfg.maxEpochs=1');
    expect(code).toBe(0);
    expect(out).toContain('LR is set based on batch size of 5 and the current batch size is 10.');
    const [stamp = ''] = stampsOf(folder, 'runs');
    expect(JSON.parse(folder.read(`runs/${stamp}.json`))).toMatchObject({
      optimWrapper: { type: 'AmpOptimWrapper', lossScale: 'dynamic', optimizer: { type: 'SGD' } },
      autoScaleLr: { enable: true, baseBatchSize: 5 },
    });
  });

  it('refuses --amp and --auto-scale-lr where they do not fit: ENGINE_CLI_BAD_FLAG', async () => {
    folder = digitFolder();
    const scale = await train('--auto-scale-lr');
    expect({ code: scale.code, out: scale.out }).toEqual({ code: 2, out: '' });
    expect(scale.err).toMatch(/ENGINE_CLI_BAD_FLAG {2}--auto-scale-lr[^]*autoScaleLr\.baseBatchSize=64/);
    folder.remove();
    folder = digitFolder({ optimWrapper: { type: 'MyWrapper', optimizer: { type: 'SGD', lr: 0.1 } } });
    expect((await train('--amp')).err).toMatch(/ENGINE_CLI_BAD_FLAG {2}--amp[^]*optimWrapper\.type = MyWrapper/);
  });

  it('trains on the backend that --backend names, also beside a config that has none installed', async () => {
    folder = digitFolder();
    for (const [name, bytes] of Object.entries(digitFiles({ train: 10, test: 10 }))) folder.write(name, bytes);
    const { code, out } = await train('--backend', 'cpu', '--cfg-options', 'trainCfg.maxEpochs=1');
    expect(code).toBe(0);
    expect(out).toContain('· backend cpu (javascript, 1 thread) ·');
  });

  it('does not know a backend that nobody installed: ENGINE_CLI_UNKNOWN_BACKEND', async () => {
    folder = digitFolder();
    const { code, err } = await train('--backend', 'cpuu');
    expect(code).toBe(2);
    expect(err).toMatch(/^ENGINE_CLI_UNKNOWN_BACKEND {2}--backend cpuu\n {2}expected {2}wasm, cpu, /);
    expect(err).toContain('npm i @engine/backend-cpuu');
    expect(folder.list()).not.toContain('runs');
  });
});

describe('engine train --resume', () => {
  const everyIteration = { defaultHooks: { logger: { interval: 1 }, checkpoint: { interval: 1 } } };

  it('starts fresh where there is nothing to resume, and says so', async () => {
    folder = digitFolder();
    const { code, out } = await train('--resume');
    expect(code).toBe(0);
    expect(out).toMatch(/There is nothing to resume in .*runs: starting a fresh run\./);
    expect(losses()).toHaveLength(8);
  });

  it('goes on to the same losses, bit for bit, as a run that was never interrupted', async () => {
    folder = digitFolder(everyIteration);
    await train();
    const straight = losses();
    expect(straight.map(([iter]) => iter)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);

    const half = ['--cfg-options', 'trainCfg.maxEpochs=1'];
    await engine(['train', 'config.json', '--work-dir', 'halves', ...half], folder.path);
    const { code, out } = await engine(['train', 'config.json', '--work-dir', 'halves', '--resume'], folder.path);
    expect(code).toBe(0);
    expect(out).toMatch(/resumed epoch: 1, iter: 4, from .*halves\/epoch_1\.safetensors/);
    expect(losses('halves')).toEqual(straight.slice(4));
    const tensors = (workDir: string) =>
      readSafetensors(readFileSync(folder.file(`${workDir}/epoch_2.safetensors`))).tensors;
    expect(tensors('runs').size).toBeGreaterThan(10);
    expect(tensors('halves')).toEqual(tensors('runs'));
  });

  it('takes the path of a checkpoint', async () => {
    folder = digitFolder(everyIteration);
    await train();
    const straight = losses();
    const { code } = await engine(
      ['train', 'config.json', '--work-dir', 'branch', '--resume', 'runs/epoch_1.safetensors'],
      folder.path,
    );
    expect(code).toBe(0);
    expect(losses('branch')).toEqual(straight.slice(4));

    const missing = await train('--resume', 'runs/epoch_9.safetensors');
    expect(missing.code).toBe(2);
    expect(missing.err).toMatch(/^ENGINE_CLI_FILE_NOT_FOUND {2}runs\/epoch_9\.safetensors\n/);
  });
});

describe('engine train --resume with another config', () => {
  const other = ['--resume', '--cfg-options', 'optimWrapper.optimizer.lr=0.02', 'randomness.seed=4'];
  const half = ['--cfg-options', 'trainCfg.maxEpochs=1'];
  const changed =
    /optimWrapper\.optimizer\.lr: 0\.1 → 0\.02 {3}at --cfg-options\n +randomness\.seed: 3 → 4 {3}at --cfg-options\n/;

  it('refuses what would be another run: ENGINE_RUNNER_CONFIG_CHANGED', async () => {
    folder = digitFolder();
    await train(...half);
    const { code, err } = await train(...other);
    expect(code).toBe(2);
    expect(err).toMatch(/^ENGINE_RUNNER_CONFIG_CHANGED {2}.*epoch_1\.safetensors\n/);
    expect(err).toMatch(changed);
    expect(err).toContain('--allow-changes');
    expect(folder.read('runs/last_checkpoint')).toBe('epoch_1.safetensors');
  });

  it('goes on with --allow-changes, from what the checkpoint holds, and tells the changes', async () => {
    folder = digitFolder();
    await train();
    const straight = losses();
    await engine(['train', 'config.json', '--work-dir', 'halves', ...half], folder.path);
    const args = ['train', 'config.json', '--work-dir', 'halves', '--allow-changes', ...other];
    const { code, out } = await engine(args, folder.path);
    expect(code).toBe(0);
    expect(out).toMatch(changed);
    expect(out).toMatch(/trainCfg\.maxEpochs: 1 → 2/);
    expect(losses('halves')).toEqual(straight.slice(4));
  });

  it('goes on with the config that a run has written down, and with other workers', async () => {
    folder = digitFolder();
    await train();
    const straight = losses();
    await engine(['train', 'config.json', '--work-dir', 'halves', ...half], folder.path);
    const again = ['train', `halves/${stampsOf(folder, 'halves')[0]}.json`, '--resume', '--cfg-options'];
    const { code, out, err } = await engine(
      [...again, 'trainCfg.maxEpochs=2', 'trainDataloader.prefetch=0', 'trainDataloader.num_workers=1'],
      folder.path,
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain('WARNING');
    expect(losses('halves')).toEqual(straight.slice(4));
  });
});

describe('engine test', () => {
  it('gives the accuracy that validation gave, on test data or, without any, on validation data', async () => {
    folder = digitFolder();
    await train();
    const validated = scalarRows(folder, 'runs').at(-1)?.['accuracy/top1'];
    const config = JSON.parse(folder.read('config.json')) as Record<string, unknown>;
    const { valDataloader: testDataloader, valCfg: testCfg, valEvaluator: testEvaluator } = config;
    folder.write('with-test.json', JSON.stringify({ ...config, testDataloader, testCfg, testEvaluator }));
    for (const name of ['config.json', 'with-test.json']) {
      const args = ['test', name, 'runs/epoch_2.safetensors', '--work-dir', 'tested'];
      const { code, out, err } = await engine(args, folder.path);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      const told = /Epoch\(test\) \[2\/2\] +accuracy\/top1: ([\d.]+)/.exec(out)?.[1];
      expect(Number(told)).toBe(validated);
    }
    expect(folder.list('tested')).not.toContain('last_checkpoint');
  });

  it('refuses what is no file', async () => {
    folder = digitFolder();
    const { code, err } = await engine(['test', 'config.json', 'runs/epoch_2.safetensors'], folder.path);
    expect(code).toBe(2);
    expect(err).toContain('ENGINE_CLI_FILE_NOT_FOUND  runs/epoch_2.safetensors');
  });

  it('refuses a config with nothing to measure on', async () => {
    folder = digitFolder({ valDataloader: undefined, valCfg: undefined, valEvaluator: undefined });
    await train('--cfg-options', 'trainCfg.maxEpochs=1');
    const { code, err } = await engine(['test', 'config.json', 'runs/epoch_1.safetensors'], folder.path);
    expect(code).toBe(1);
    expect(err).toMatch(/^ENGINE_RUNNER_NOTHING_TO_RUN/);
  });
});
