import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTemporary, removeLeftovers, temporaryName } from './temporary-files.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engine-temporary-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe('temporary names', () => {
  it('stand in the same folder, are never given twice, and are known as such', () => {
    const path = join(root, 'epoch_1.safetensors');
    const names = Array.from({ length: 500 }, () => temporaryName(path));
    expect(new Set(names).size).toBe(500);
    for (const name of names) expect([dirname(name), isTemporary(basename(name))]).toEqual([root, true]);
  });

  it.each(['epoch_1.safetensors', '.hidden', 'x.engine-tmp', '.a.12345678-1-12345678-1.engine-tmp.txt', '.tmp', ''])(
    'do not include %s',
    (name) => {
      expect(isTemporary(name)).toBe(false);
    },
  );

  it('stay below the limit of file systems, whatever the name', () => {
    for (const name of ['a'.repeat(250), '訓'.repeat(80), '🚂'.repeat(60)])
      expect(Buffer.byteLength(basename(temporaryName(join(root, name))))).toBeLessThanOrEqual(255);
  });
});

describe('removeLeftovers', () => {
  const own = () => basename(temporaryName(join(root, 'a')));

  it('spares living processes, other machines and files that only look alike', async () => {
    const [host] = /[0-9a-f]{8}/.exec(own()) ?? [''];
    const spared = [
      own(),
      own().replace(host, '00000000'),
      'a',
      '.a.engine-tmp',
      'notes.12345678-1-12345678-x.engine-tmp',
    ];
    for (const name of spared) await writeFile(join(root, name), '');
    await removeLeftovers(root);
    expect((await readdir(root)).sort()).toEqual(spared.sort());
  });

  it('removes those of the dead, and of one that had our number before us', async () => {
    const dead = own().replace(`-${process.pid}-`, `-${2 ** 30}-`);
    const reborn = own().replace(/-[0-9a-f]{8}-(\d+)\.engine-tmp$/, '-00000000-$1.engine-tmp');
    for (const name of [dead, reborn]) await writeFile(join(root, name), 'half');
    await removeLeftovers(root);
    expect(await readdir(root)).toEqual([]);
  });
});
