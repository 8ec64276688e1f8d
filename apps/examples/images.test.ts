// The training of docs/transforms.md learns from files, with a damaged one among them, and the page shows its config as it is.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { imageFile } from '@engine/vision/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'engine-images-'));
  for (const [split, count] of [
    ['train', 16],
    ['val', 6],
  ] as const)
    for (const [name, isLying] of [
      ['lying', true],
      ['standing', false],
    ] as const) {
      mkdirSync(join(folder, 'photos', split, name), { recursive: true });
      for (let i = 0; i < count; i++) {
        const stripe = (x: number, y: number) => (((isLying ? y : x) + 3 * i) % 16 < 8 ? 230 : 20);
        const pixel = (x: number, y: number) => [stripe(x, y), stripe(x, y), 100];
        const bytes = await imageFile({ width: 48, height: 40 + i, format: i % 2 === 0 ? 'png' : 'jpeg', pixel });
        writeFileSync(join(folder, 'photos', split, name, `${i}.${i % 2 === 0 ? 'png' : 'jpg'}`), bytes);
      }
    }
  writeFileSync(join(folder, 'photos/train/lying/broken.jpg'), new Uint8Array(50));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('the page shows the config as it is', () => {
  const [, ...code] = read('apps/examples/images/config.ts').split('\n'); // the first line is a remark
  expect(read('docs/transforms.md')).toContain(code.join('\n').trim());
});

it('learns to tell lying stripes from standing ones, in worker threads, and names the damaged file', async () => {
  const args = [
    join(root, 'apps/cli/bin/engine.mjs'),
    'train',
    join(root, 'apps/examples/images/config.ts'),
    '--cfg-options',
    'trainCfg.maxEpochs=12',
    'randomness.seed=1',
  ];
  const env = { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
  const accuracy = [...stdout.matchAll(/Epoch\(val\).* accuracy\/top1: ([\d.]+)/g)].at(-1)?.[1];
  expect(Number(accuracy)).toBeGreaterThan(80);
  expect(stdout.match(/1 sample is damaged/g)).toHaveLength(1);
  expect(stdout).toMatch(/\[\d+\] photos\/train\/lying\/broken\.jpg: 50 bytes/);
});
