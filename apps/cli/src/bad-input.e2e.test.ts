// One test for each way in which a user's input can be bad: exit code, stable code, what was expected, what came, what to do.
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Config } from '@engine/config';
import { afterEach, describe, expect, it } from 'vitest';
import { type CliResult, digitConfig, digitFolder, engine, type TestFolder } from './testing.js';

let folder: TestFolder;
afterEach(() => folder.remove());

const train = (...args: string[]) => engine(['train', 'config.json', '--work-dir', 'runs', ...args], folder.path);
const MESSAGE =
  /^(ENGINE_[A-Z0-9_]+)(?: {2}(.+))?\n {2}expected {2}(.+)\n {2}received {2}(.+(?:\n {14}.+)*)\n {2}do {8}(.+)\n/;

/** The parts of the one message that is printed. */
function told({ err }: CliResult): {
  code: string;
  subject: string;
  expected: string;
  received: string;
  action: string;
} {
  const [, code = '', subject = '', expected = '', received = '', action = ''] = MESSAGE.exec(err) ?? [];
  expect(code, `no coded message in:\n${err}`).not.toBe('');
  expect(err.match(/^ENGINE_/gm), 'one message').toHaveLength(1);
  expect(err, 'no stack for what is the user’s own').not.toMatch(/^ {4}at /m);
  return { code, subject, expected, received, action };
}

const checkpoints = (workDir = 'runs'): string[] =>
  folder.list(workDir).filter((name) => name.endsWith('.safetensors'));

describe('a config with a typing error', () => {
  const misspelt = (path: string) => {
    const config = digitConfig(path);
    return { ...config, optimWrapper: { optimizer: { type: 'SGD', lr: 0.1, momentm: 0.9 } } };
  };

  it.each([
    ['cfg.yaml', (data: object) => Config.fromData(data).toYaml(), 'momentm'],
    ['cfg.json', (data: object) => JSON.stringify(data, null, 2), 'momentm'],
  ])('in %s is shown with file, line, column and the nearest name', async (name, write, key) => {
    folder = digitFolder();
    const text = await write(misspelt(folder.path));
    folder.write(name, text);
    const result = await engine(['train', name, '--work-dir', 'runs'], folder.path);
    const lines = text.split('\n');
    const line = lines.findIndex((row) => row.includes(key)) + 1;
    const column = (lines[line - 1] ?? '').search(/\S/) + 1;
    expect(result.code).toBe(2);
    expect(told(result)).toEqual({
      code: 'ENGINE_REGISTRY_UNKNOWN_OPTION',
      subject: 'optimWrapper.optimizer.momentm',
      expected: expect.stringMatching(/^one of the options of SGD \(@engine\/optim\): lr, momentum, dampening, /),
      received: `momentm = 0.9   at ${folder.file(name)}:${line}:${column}`,
      action: expect.stringMatching(/^rename it to momentum/),
    });
  });

  it.each([
    ['a key of the engine', { trainCgf: {} }, 'ENGINE_CONFIG_UNKNOWN_KEY', 'trainCfg'],
    ['a name', { model: { type: 'LeNet' } }, 'ENGINE_REGISTRY_UNKNOWN_NAME', 'LeNet5'],
    ['a type', { trainCfg: { byEpoch: true, maxEpochs: 'two' } }, 'ENGINE_REGISTRY_BAD_OPTION_TYPE', 'maxEpochs'],
    ['a value', { model: { type: 'LeNet5', dropout: 2 } }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE', 'dropout'],
    ['a missing half', { optimWrapper: undefined }, 'ENGINE_RUNNER_INCOMPLETE', 'optimWrapper'],
    ['a missing option', { trainCfg: { byEpoch: true } }, 'ENGINE_REGISTRY_MISSING_OPTION', 'maxEpochs'],
  ])('in %s is told the same way: %j', async (_, change, code, hint) => {
    folder = digitFolder(change);
    const result = await train();
    expect(result.code).toBe(2);
    expect(told(result).code).toBe(code);
    expect(result.err).toContain(hint);
  });

  it('in --cfg-options is blamed on the command line', async () => {
    folder = digitFolder();
    const result = await train('--cfg-options', 'optimWrapper.optimizer.momentm=0.5');
    expect(result.code).toBe(2);
    expect(told(result)).toMatchObject({
      code: 'ENGINE_REGISTRY_UNKNOWN_OPTION',
      subject: 'optimWrapper.optimizer.momentm',
    });
    expect(result.err).toContain('--cfg-options');
  });
});

describe('a TypeScript config with a typing error', () => {
  it.each([
    ['7', '@typescript/native/bin/tsc'],
    ['6', 'typescript/bin/tsc6'],
  ])(
    'does not compile, and TypeScript %s knows what was meant',
    async (_, compiler) => {
      folder = digitFolder();
      const root = fileURLToPath(new URL('../../..', import.meta.url));
      const flags =
        '--ignoreConfig --noEmit --pretty false --strict --exactOptionalPropertyTypes --skipLibCheck --target es2022 --lib es2023 --module nodenext --customConditions @engine/source --types node';
      const tsc = [`node_modules/${compiler}`, ...flags.split(' '), 'apps/cli/fixtures/misspelt.ts'];
      const said = await promisify(execFile)(process.execPath, tsc, { cwd: root }).then(
        ({ stdout }) => stdout,
        ({ stdout }: { stdout: string }) => stdout,
      );
      const at = (line: number) =>
        said.split('\n').find((row) => row.startsWith(`apps/cli/fixtures/misspelt.ts(${line},`));
      expect(at(5)).toMatch(
        /'numClases' does not exist in type .*LeNet5Options'\. Did you mean to write 'numClasses'\?$/,
      );
      expect(at(6)).toMatch(/'momentm' does not exist in type .*SGDOptions'\. Did you mean to write 'momentum'\?$/);
      expect(at(7)).toMatch(
        /'milestone' does not exist in type .*MultiStepLROptions'\. Did you mean to write 'milestones'\?$/,
      );
      expect(at(12)).toMatch(
        /'valDataloder' does not exist in type 'EngineConfig'\. Did you mean to write 'valDataloader'\?$/,
      );
      // TypeScript 6 puts the way there in front
      const [, byName = ''] = said.split(/^(?=apps\/cli\/fixtures\/misspelt\.ts\(16,56\))/m);
      expect(byName).toMatch(
        /'milestone' does not exist in type .*MultiStepLROptions'\. Did you mean to write 'milestones'\?$/m,
      );
    },
    240_000,
  );
});

describe('customImports', () => {
  it.each(['./gone.ts', './gone.mjs', '@nobody/parts'])('that lead nowhere: %s', async (name) => {
    folder = digitFolder({ customImports: [name] });
    const result = await train();
    expect(result.code).toBe(2);
    const { code, subject } = told(result);
    expect(code).toBe('ENGINE_FILEIO_MODULE_NOT_FOUND');
    expect(subject).toContain(name.replace('./', ''));
  });

  it('that throw are shown with the place where they do', async () => {
    folder = digitFolder({ customImports: ['./boom.ts'] });
    folder.write('boom.ts', 'export const a: number = 1;\nthrow new RangeError("no such machine");\n');
    const result = await train();
    expect(result.code).toBe(2);
    expect(result.err).toMatch(
      /^ENGINE_CLI_IMPORT_FAILED {2}.*boom\.ts\n.*\n {2}received {2}RangeError: no such machine\n.*\n {2}cause .*\n {4}at .*boom\.ts:\d+:\d+\)?\n$/,
    );
  });
});

describe('a dataset', () => {
  it('whose files are missing', async () => {
    folder = digitFolder();
    const result = await train('--cfg-options', 'trainDataloader.dataset.root=/nowhere/mnist');
    expect(result.code).toBe(2);
    expect(told(result)).toMatchObject({
      code: 'ENGINE_VISION_FILES_NOT_FOUND',
      expected: expect.stringContaining('/nowhere/mnist/train-images-idx3-ubyte'),
    });
  });

  it('with a file that ends early is not read at all, wherever it ends', async () => {
    folder = digitFolder();
    const name = 'data/train-images-idx3-ubyte';
    const whole = readFileSync(folder.file(name));
    for (const length of [0, 3, 4, 15, 16, 17, 1000, whole.length - 784, whole.length - 1]) {
      writeFileSync(folder.file(name), whole.subarray(0, length));
      const result = await train();
      expect(result.code).toBe(2);
      expect(told(result)).toMatchObject({
        code: 'ENGINE_VISION_IDX_TRUNCATED',
        subject: folder.file(name),
        received: `${length} bytes`,
      });
      expect(result.out).not.toContain('Epoch(train)');
    }
  });

  it('with a file that is something else', async () => {
    folder = digitFolder();
    folder.write('data/train-labels-idx1-ubyte', '<!doctype html><title>404</title>');
    const result = await train();
    expect(result.code).toBe(2);
    expect(told(result)).toMatchObject({ code: 'ENGINE_VISION_IDX_MAGIC', received: '3c 21 64 6f' });
  });

  it('with a label that is none of its classes', async () => {
    folder = digitFolder();
    const labels = readFileSync(folder.file('data/train-labels-idx1-ubyte'));
    labels[8 + 17] = 10;
    writeFileSync(folder.file('data/train-labels-idx1-ubyte'), labels);
    const result = await train();
    expect(result.code).toBe(2);
    expect(told(result)).toMatchObject({
      code: 'ENGINE_VISION_LABEL_RANGE',
      expected: 'labels from 0 to 9',
      received: 'label = 10 at index 17',
    });
  });

  it('with more classes than the model has', async () => {
    folder = digitFolder({ model: { type: 'LeNet5', numClasses: 5 } });
    const result = await train();
    expect(result.code).toBe(2);
    expect(told(result)).toMatchObject({
      code: 'ENGINE_MODEL_LABEL_OUT_OF_RANGE',
      expected: expect.stringContaining('[0, 5)'),
      received: expect.stringMatching(/[5-9]/),
    });
    expect(checkpoints()).toEqual([]);
  });
});

describe('layers that do not fit', () => {
  it('are named by their path, with the shape that was expected and the one that came', async () => {
    folder = digitFolder();
    const crop = 'trainDataloader.dataset.pipeline=[]';
    const config = JSON.parse(folder.read('config.json')) as { trainDataloader: { dataset: object } };
    Object.assign(config.trainDataloader.dataset, { pipeline: [{ type: 'RandomCrop', size: 24 }] });
    folder.write('config.json', JSON.stringify(config));
    const result = await train();
    expect(result.code).toBe(2);
    expect(told(result)).toMatchObject({
      code: 'ENGINE_MODEL_SHAPE_MISMATCH',
      subject: expect.stringContaining('classifier.0'),
      expected: expect.stringContaining('400'),
      received: expect.stringContaining('(10, 256)'),
    });
    expect((await train('--cfg-options', crop)).code).toBe(0);
  });
});

describe('a loss that is not finite', () => {
  it('stops the run, names the last good checkpoint, and is in no checkpoint', async () => {
    // after the first epoch the learning rate becomes absurd
    folder = digitFolder({ paramScheduler: [{ type: 'MultiStepLR', milestones: [1], gamma: 1e30 }] });
    const result = await train();
    expect(result.code).toBe(1);
    const { code, expected, received, action } = told(result);
    expect(code).toBe('ENGINE_RUNNER_NON_FINITE_LOSS');
    expect(expected).toContain('finite');
    expect(received).toMatch(/loss = (NaN|-?Infinity) in iteration [678]/);
    expect(action).toMatch(/the last good checkpoint is .*epoch_1\.safetensors/);
    expect(result.out).toMatch(
      /ERROR - The run failed .* the last good checkpoint is .*epoch_1\.safetensors; continue with --resume\.\n$/,
    );
    expect(checkpoints()).toEqual(['epoch_1.safetensors']);
    expect(folder.read('runs/last_checkpoint')).toBe('epoch_1.safetensors');
    const usable = ['runs/epoch_1.safetensors', '--work-dir', 'tested'];
    expect((await engine(['test', 'config.json', ...usable], folder.path)).code).toBe(0);
  });
});

describe('a checkpoint', () => {
  const trained = async (): Promise<Buffer> => {
    folder = digitFolder({ trainCfg: { byEpoch: true, maxEpochs: 1 } });
    expect((await train()).code).toBe(0);
    return readFileSync(folder.file('runs/epoch_1.safetensors'));
  };

  it('that is cut off is refused, wherever the cut is', async () => {
    const whole = await trained();
    for (const length of [0, 7, 8, 100, Math.floor(whole.length / 2), whole.length - 1]) {
      folder.write('cut.safetensors', whole.subarray(0, length));
      for (const args of [
        ['train', 'config.json', '--work-dir', 'more', '--resume', 'cut.safetensors'],
        ['test', 'config.json', 'cut.safetensors', '--work-dir', 'more'],
      ]) {
        const result = await engine(args, folder.path);
        expect(result.code).toBe(2);
        expect(told(result)).toMatchObject({
          code: 'ENGINE_RUNNER_CHECKPOINT_BROKEN',
          subject: folder.file('cut.safetensors'),
        });
      }
    }
  });

  it('with a flipped bit is refused', async () => {
    const whole = await trained();
    whole[whole.length - 1000] = (whole[whole.length - 1000] ?? 0) ^ 1;
    folder.write('flipped.safetensors', whole);
    const result = await engine(['test', 'config.json', 'flipped.safetensors', '--work-dir', 'more'], folder.path);
    expect(result.code).toBe(2);
    expect(told(result).code).toBe('ENGINE_RUNNER_CHECKPOINT_BROKEN');
  });

  it('of another model is refused with names and shapes', async () => {
    await trained();
    const five = ['--cfg-options', 'model.numClasses=5'];
    for (const args of [
      ['test', 'config.json', 'runs/epoch_1.safetensors', '--work-dir', 'more', ...five],
      ['train', 'config.json', '--work-dir', 'runs', '--resume', '--allow-changes', ...five],
    ]) {
      const result = await engine(args, folder.path);
      expect(result.code).toBe(2);
      expect(told(result)).toMatchObject({
        code: 'ENGINE_RUNNER_CHECKPOINT_MISMATCH',
        received: expect.stringMatching(/classifier\.\d\.weight \(10, 84\) instead of \(5, 84\)/),
      });
    }
    const unmeant = await engine(['train', 'config.json', '--work-dir', 'runs', '--resume', ...five], folder.path);
    expect(unmeant.code).toBe(2);
    expect(told(unmeant)).toMatchObject({
      code: 'ENGINE_RUNNER_CONFIG_CHANGED',
      received: expect.stringContaining('\n              model.numClasses: 10 → 5   at --cfg-options'),
    });
    // nothing was moved or overwritten by the refused resume
    expect(folder.read('runs/last_checkpoint')).toBe('epoch_1.safetensors');
  });

  it('that is none at all is refused', async () => {
    folder = digitFolder();
    folder.write('notes.safetensors', 'Dear diary, today I trained a model.');
    const result = await engine(['test', 'config.json', 'notes.safetensors', '--work-dir', 'more'], folder.path);
    expect(result.code).toBe(2);
    expect(told(result).code).toMatch(/^ENGINE_RUNNER_CHECKPOINT_(BROKEN|FOREIGN)$/);
  });

  it('that is broken is passed over by --resume, which says so and takes the one before', async () => {
    folder = digitFolder();
    expect((await train()).code).toBe(0);
    folder.write('runs/epoch_2.safetensors', readFileSync(folder.file('runs/epoch_2.safetensors')).subarray(0, 5000));
    const result = await train('--resume');
    expect(result.code).toBe(0);
    expect(result.out).toMatch(/WARNING - Skipping .*epoch_2\.safetensors: .*ENGINE_RUNNER_CHECKPOINT_BROKEN/);
    expect(result.out).toMatch(/resumed epoch: 1, iter: 4, from .*epoch_1\.safetensors/);
  });
});

describe('a work dir', () => {
  it.each([
    ['below a file', 'config.json/runs'],
    ['that is a file', 'config.json'],
    ['in a file system that takes none', '/proc/engine/runs'],
  ])('%s is refused before anything is loaded', async (_, workDir) => {
    folder = digitFolder({ trainDataloader: { dataset: { type: 'MNIST', root: '/nowhere' }, batchSize: 10 } });
    const result = await engine(['train', 'config.json', '--work-dir', workDir], folder.path);
    expect(result.code).toBe(2);
    expect(told(result)).toMatchObject({
      code: 'ENGINE_RUNNER_WORK_DIR_UNWRITABLE',
      action: expect.stringContaining('workDir'),
    });
    expect(result.out).toBe('');
  });

  it('where a checkpoint cannot be put fails the run, names the last good one, and keeps it', async () => {
    folder = digitFolder();
    await train('--cfg-options', 'trainCfg.maxEpochs=1');
    mkdirSync(folder.file('runs/epoch_2.safetensors'));
    const result = await train('--resume');
    expect(result.code).toBe(1);
    expect(told(result)).toMatchObject({
      code: 'ENGINE_RUNNER_SAVE_FAILED',
      subject: expect.stringContaining('epoch_2.safetensors'),
      action: expect.stringContaining('epoch_1.safetensors'),
    });
    expect(folder.read('runs/last_checkpoint')).toBe('epoch_1.safetensors');
    rmdirSync(folder.file('runs/epoch_2.safetensors'));
    expect((await train('--resume')).code).toBe(0);
  });
});
