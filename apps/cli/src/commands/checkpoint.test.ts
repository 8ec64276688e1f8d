import { readFileSync, writeFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { LocalStorage, readSafetensors } from '@engine/fileio';
import { pythonWith } from '@engine/fileio/testing';
import { readCheckpoint } from '@engine/runner';
import { LeNet5 } from '@engine/vision';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digitFolder, engine, type TestFolder } from '../testing.js';

let folder: TestFolder;
const run = (...args: readonly string[]) => engine(['checkpoint', ...args], folder.path);
const tensorsOf = (name: string) => readSafetensors(readFileSync(folder.file(name))).tensors;

beforeAll(async () => {
  folder = digitFolder();
  const { code, err } = await engine(['train', 'config.json', '--work-dir', 'work'], folder.path);
  if (code !== 0) throw new Error(err);
}, 120_000);
afterAll(() => folder.remove());

describe('engine checkpoint show', () => {
  it('lists parts and tensors, and what is known about the run', async () => {
    const { code, out } = await run('show', 'work/epoch_2.safetensors');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^work\/epoch_2\.safetensors: [\d.]+ kB, \d+ tensors, checksum right\nwritten by engine .* on wasm\n/,
    );
    expect(out).toContain('  epoch: 2\n  iter: 8\n');
    expect(out).toContain('\nmodel: 10 tensors, 246.8 kB\n');
    expect(out).toMatch(/\n {2}model\/features\.0\.weight +float32 \(5, 5, 1, 6\)\n/);
    expect(out).toContain('\noptim: ');
  });

  it('prints JSON, the config alone, and other safetensors files', async () => {
    const json = JSON.parse((await run('show', 'work/epoch_2.safetensors', '--json')).out) as Record<string, unknown>;
    expect(json).toMatchObject({
      verified: true,
      backend: 'wasm',
      meta: { epoch: 2 },
      config: { trainCfg: { maxEpochs: 2 } },
    });
    const config = JSON.parse((await run('show', 'work/epoch_2.safetensors', '--config')).out) as object;
    expect(config).toEqual(json.config);
    await run('convert', 'work/epoch_2.safetensors', '--to', 'torch', '--out', 'plain.safetensors');
    const { out } = await run('show', 'plain.safetensors');
    expect(out).toContain('\ntensors: 10 tensors, 246.8 kB\n');
    expect(out).not.toContain('written by');
    expect((await run('show', 'plain.safetensors', '--config')).out).toBe('{}\n');
  });

  it('says what is wrong with a file', async () => {
    writeFileSync(folder.file('broken.safetensors'), 'no tensors');
    expect(await run('show', 'broken.safetensors')).toMatchObject({ code: 2 });
    expect((await run('show', 'absent.safetensors')).err).toContain('ENGINE_FILEIO_NOT_FOUND');
  });
});

describe('engine checkpoint diff', () => {
  it('tells how far values are apart, and exits with 1', async () => {
    const args = ['work/epoch_1.safetensors', 'work/epoch_2.safetensors'];
    const { code, out } = await run('diff', ...args, '--part', 'model');
    expect(code).toBe(1);
    expect(out).toMatch(/^~ model\/features\.0\.weight {2}\d+ of 150 values differ, by [\d.e-]+ at most\n/m);
    expect(out).not.toContain('optim/');
    expect(await run('diff', ...args, '--part', 'model', '--tolerance', '1000')).toMatchObject({ code: 0, out: '' });
    expect(await run('diff', args[0] ?? '', args[0] ?? '')).toMatchObject({ code: 0, out: '' });
  });

  it('names what is missing and what has another shape', async () => {
    await run('convert', 'work/epoch_1.safetensors', '--to', 'torch', '--out', 'torch.safetensors');
    const { out } = await run('diff', 'work/epoch_1.safetensors', 'torch.safetensors', '--part', 'model', '--json');
    expect((JSON.parse(out) as { kind: string }[]).map(({ kind }) => kind)).toEqual(
      Array.from({ length: 10 }, () => 'removed'),
    );
    const both = await run('diff', 'work/epoch_1.safetensors', 'torch.safetensors');
    expect(both.out).toContain('- model/features.0.weight  float32 (5, 5, 1, 6)\n');
    expect(both.out).toContain('+ features.0.weight  float32 (6, 1, 5, 5)\n');
  });
});

describe('engine checkpoint publish', () => {
  it('keeps the weights alone, under a name that tells the content', async () => {
    const { code, out } = await run('publish', 'work/epoch_2.safetensors');
    expect(code).toBe(0);
    const path = out.trim();
    expect(path).toMatch(/^work\/epoch_2-[\da-f]{8}\.safetensors$/);
    expect([...tensorsOf(path).keys()].every((name) => name.startsWith('model/'))).toBe(true);
    expect((await run('diff', 'work/epoch_2.safetensors', path, '--part', 'model')).code).toBe(0);
    expect(await run('publish', 'work/epoch_2.safetensors', '--keep', 'models')).toMatchObject({ code: 2 });
    const whole = await run('publish', 'work/epoch_2.safetensors', '--keep', 'model', 'optim');
    expect([...tensorsOf(whole.out.trim()).keys()].some((name) => name.startsWith('optim/'))).toBe(true);
  });
});

describe('engine checkpoint average', () => {
  it('writes the mean, which can be tested', async () => {
    const files = ['work/epoch_1.safetensors', 'work/epoch_2.safetensors'];
    const { code } = await run('average', ...files, '--out', 'mean.safetensors');
    expect(code).toBe(0);
    const name = 'model/classifier.0.weight';
    const [a, b, mean] = [...files, 'mean.safetensors'].map((file) => tensorsOf(file).get(name)?.data ?? []);
    const expected = Float32Array.from(a as Float32Array, (value, i) => (value + Number(b?.[i])) / 2);
    expect(mean).toEqual(expected);
    expect(await run('average', files[0] ?? '', '--out', 'same.safetensors')).toMatchObject({ code: 0 });
    expect((await run('diff', files[0] ?? '', 'same.safetensors', '--part', 'model')).code).toBe(0);
  });

  it('refuses weights of another model', async () => {
    const other = folder.file('other.json');
    writeFileSync(other, folder.read('config.json').replaceAll('"numClasses": 10', '"numClasses": 11'));
    const trained = await engine(
      ['train', 'other.json', '--work-dir', 'other', '--cfg-options', 'trainCfg.maxEpochs=1'],
      folder.path,
    );
    expect(trained.code).toBe(0);
    const { code, err } = await run(
      'average',
      'work/epoch_1.safetensors',
      'other/epoch_1.safetensors',
      '--out',
      'x.safetensors',
    );
    expect(code).toBe(2);
    expect(err).toMatch(/ENGINE_CLI_CHECKPOINTS_DIFFER[\s\S]*classifier\.5\.weight/);
  }, 120_000);
});

describe('engine checkpoint convert', () => {
  it('goes to PyTorch and back without a change', async () => {
    await run('convert', 'work/epoch_2.safetensors', '--to', 'torch', '--out', 'torch.safetensors');
    expect(tensorsOf('torch.safetensors').get('features.3.weight')?.shape).toEqual([16, 6, 5, 5]);
    const like = ['--from', 'torch', '--like', 'work/epoch_1.safetensors'];
    expect(await run('convert', 'torch.safetensors', ...like, '--out', 'back.safetensors')).toMatchObject({ code: 0 });
    expect(await run('diff', 'work/epoch_2.safetensors', 'back.safetensors', '--part', 'model')).toMatchObject({
      code: 0,
      out: '',
    });
    const { meta } = await readCheckpoint(new LocalStorage(), folder.file('back.safetensors'));
    expect(meta.iter).toBe(0);
  });

  it('refuses what does not fit, and to guess', async () => {
    const code = 'ENGINE_CLI_BAD_CONVERSION';
    const like = ['--from', 'torch', '--like', 'work/epoch_1.safetensors', '--out', 'x.safetensors'];
    expect((await run('convert', 'work/epoch_2.safetensors', ...like)).err).toContain(code);
    expect((await run('convert', 'work/epoch_2.safetensors', '--out', 'x')).err).toContain(code);
    expect((await run('convert', 'work/epoch_2.safetensors', '--from', 'torch', '--out', 'x')).err).toContain(code);
  });
});

const python = pythonWith('torch', 'safetensors');

const LOAD = `
import json, sys, torch
from torch import nn
from safetensors.torch import load_file
from safetensors import safe_open
class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.classifier = nn.Sequential(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Dropout(0), nn.Linear(84, 10))
    def forward(self, x):
        return self.classifier(self.features(x))
model = LeNet5().eval()
model.load_state_dict(load_file(sys.argv[1]))
x = torch.arange(2 * 28 * 28).reshape(2, 1, 28, 28) % 97 / 97
own = load_file(sys.argv[2])
with safe_open(sys.argv[2], 'pt') as file:
    meta = json.loads(file.metadata()['engine'])['meta']
print(json.dumps({'logits': model(x).flatten().tolist(), 'tensors': len(own), 'epoch': meta['epoch']}))`;

describe.skipIf(python === undefined)('the safetensors package', () => {
  it('reads checkpoints, and PyTorch computes with the converted weights what we compute', async () => {
    await run('convert', 'work/epoch_2.safetensors', '--to', 'torch', '--out', 'torch.safetensors');
    const own = folder.file('work/epoch_2.safetensors');
    const said = JSON.parse(python?.(LOAD, folder.file('torch.safetensors'), own) ?? '') as Record<string, unknown>;
    expect(said).toMatchObject({ tensors: tensorsOf('work/epoch_2.safetensors').size, epoch: 2 });
    const weights = [...tensorsOf('work/epoch_2.safetensors')].filter(([name]) => name.startsWith('model/'));
    await cpu().init();
    const model = new LeNet5();
    model.loadStateDict(new Map(weights.map(([name, array]) => [name.slice('model/'.length), array])));
    const values = Float32Array.from({ length: 2 * 28 * 28 }, (_, i) => (i % 97) / 97);
    const logits = tf.tidy(() => {
      const images = tf.tensor4d(values, [2, 28, 28, 1]);
      return (model.forward(images, tf.tensor1d([0, 0], 'int32'), 'tensor') as tf.Tensor).dataSync();
    });
    model.dispose();
    for (const [i, logit] of (said.logits as number[]).entries()) expect(logits[i]).toBeCloseTo(logit, 4);
  }, 120_000);
});
