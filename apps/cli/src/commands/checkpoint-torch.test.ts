/** `engine checkpoint` and `engine test` on files that `tooling/golden/record_torch_files.py` wrote with PyTorch. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import type { HostArray } from '@engine/core';
import { readSafetensors, writeSafetensors } from '@engine/fileio';
import { LeNet5 } from '@engine/vision';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digitFolder, engine, type TestFolder } from '../testing.js';

const GOLDEN = new URL('../../../../tooling/golden/torch/', import.meta.url);
const { lenet, runner } = JSON.parse(readFileSync(new URL('expected.json', GOLDEN), 'utf8')) as {
  lenet: { logits: number[] };
  runner: { meta: { experiment_name: string } };
};

let folder: TestFolder;
const run = (...args: readonly string[]) => engine(['checkpoint', ...args], folder.path);
const LIKE = ['--from', 'torch', '--like', 'work/epoch_1.safetensors'];

beforeAll(async () => {
  folder = digitFolder();
  for (const name of ['lenet.pth', 'runner.pth', 'dtypes.pth', 'module.pth', 'torchscript.pt'])
    copyFileSync(new URL(name, GOLDEN), folder.file(name));
  const train = ['train', 'config.json', '--work-dir', 'work', '--cfg-options', 'trainCfg.maxEpochs=1'];
  const { code, err } = await engine(train, folder.path);
  if (code !== 0) throw new Error(err);
}, 120_000);
afterAll(() => folder.remove());

describe('engine checkpoint show', () => {
  it('lists what MMEngine has saved', async () => {
    const { code, out } = await run('show', 'runner.pth');
    expect(code).toBe(0);
    expect(out).toMatch(/^runner\.pth: [\d.]+ kB, \d+ tensors\nwritten by PyTorch\n/);
    expect(out).toContain(`  epoch: 2\n  iter: 4\n`);
    expect(out).toContain(`  experiment_name: "${runner.meta.experiment_name}"\n`);
    expect(out).toContain('\nstate_dict: 9 tensors, ');
    expect(out).toMatch(/\n {2}state_dict\/conv\.weight +float32 \(2, 2, 2, 2\)\n/);
    expect(out).toMatch(/\n {2}optimizer\/state\/0\/exp_avg +float32 \(2, 2, 2, 2\)\n/);
    expect((await run('show', 'runner.pth', '--config')).out).toBe("lr = 0.01\nname = 'tiny'\n");
  });

  it('prints JSON with the types and sizes that the file has', async () => {
    const { tensors, torch } = JSON.parse((await run('show', 'dtypes.pth', '--json')).out) as {
      tensors: object[];
      torch: boolean;
    };
    expect(torch).toBe(true);
    expect(tensors).toContainEqual({ name: 'bfloat16', dtype: 'bfloat16', shape: [4], bytes: 8 });
    const { out } = await run('show', 'module.pth');
    expect(out).toMatch(/\n_parameters: 1 tensors, 8 bytes\n {2}_parameters\/weight +float32 \(2\)\n/);
    expect((await run('show', 'torchscript.pt')).err).toContain('ENGINE_FILEIO_TORCH_KIND');
  });
});

describe('engine checkpoint convert --from torch', () => {
  it('makes a checkpoint of a .pth that computes what PyTorch does, and can be tested', async () => {
    expect(await run('convert', 'lenet.pth', ...LIKE, '--out', 'lenet.safetensors')).toMatchObject({ code: 0 });
    const { tensors } = readSafetensors(readFileSync(folder.file('lenet.safetensors')));
    await cpu().init();
    const model = new LeNet5();
    model.loadStateDict(new Map([...tensors].map(([name, array]) => [name.slice('model/'.length), array])));
    const values = Float32Array.from({ length: 2 * 28 * 28 }, (_, i) => (i % 97) / 97);
    const logits = tf.tidy(() => {
      const images = tf.tensor4d(values, [2, 28, 28, 1]);
      return (model.forward(images, tf.tensor1d([0, 0], 'int32'), 'tensor') as tf.Tensor).dataSync();
    });
    model.dispose();
    expect(logits).toHaveLength(lenet.logits.length);
    for (const [i, logit] of lenet.logits.entries())
      expect(Math.abs((logits[i] ?? Number.NaN) - logit)).toBeLessThan(5e-5);

    const [converted, direct] = [
      await engine(['test', 'config.json', 'lenet.safetensors', '--work-dir', 'a'], folder.path),
      await engine(['test', 'config.json', 'lenet.pth', '--work-dir', 'b'], folder.path),
    ];
    expect([converted.code, direct.code]).toEqual([0, 0]);
    const result = /accuracy\/top1: [\d.]+/;
    expect(result.exec(direct.out)?.[0]).toBe(result.exec(converted.out)?.[0] ?? 'none');
  }, 120_000);

  it('gives back what it took', async () => {
    await run('convert', 'lenet.pth', ...LIKE, '--out', 'there.safetensors');
    await run('convert', 'there.safetensors', '--to', 'torch', '--out', 'back.safetensors');
    expect(await run('diff', 'lenet.pth', 'back.safetensors')).toMatchObject({ code: 0, out: '' });
    expect(await run('diff', 'lenet.pth', 'runner.pth')).toMatchObject({ code: 1 });
  });

  it('names what does not fit, and with --partial takes the rest', async () => {
    const { code, err } = await run('convert', 'dtypes.pth', ...LIKE, '--out', 'x.safetensors');
    expect(code).toBe(2);
    expect(err).toContain('ENGINE_CLI_BAD_CONVERSION  dtypes.pth');
    expect(err).toMatch(/missing: features\.0\.weight, .* and 2 more; unexpected: float32, .* and 4 more\n/);
    const { tensors } = readSafetensors(readFileSync(folder.file('work/epoch_1.safetensors')));
    const bias = tensors.get('model/classifier.5.bias') as HostArray<'float32'>;
    const some = [
      ['classifier.5.bias', { ...bias, data: bias.data.map(() => 7) }],
      ['extra', bias],
    ] as const;
    writeFileSync(folder.file('some.safetensors'), Buffer.concat(writeSafetensors(some)));
    const partial = await run('convert', 'some.safetensors', ...LIKE, '--partial', '--out', 'some-of.safetensors');
    expect(partial.out).toMatch(
      /^kept from work\/epoch_1\.safetensors: features\.0\.weight, .*\nleft out: extra\nsome-of/,
    );
    const { out } = await run('diff', 'work/epoch_1.safetensors', 'some-of.safetensors', '--part', 'model');
    expect(out).toMatch(/^~ model\/classifier\.5\.bias {2}10 of 10 values differ, .*\n$/);
    const nothing = await run('convert', 'dtypes.pth', ...LIKE, '--partial', '--out', 'x.safetensors');
    expect(nothing.err).toContain('ENGINE_CLI_BAD_CONVERSION');
    expect((await run('convert', 'module.pth', ...LIKE, '--out', 'x')).err).toContain(
      'unexpected: weight, count, inner.',
    );
  });
});
