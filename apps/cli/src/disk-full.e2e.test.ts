// A disk that really is full: a small tmpfs, where the tests may mount one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statfsSync } from 'node:fs';
import { readSafetensors } from '@engine/fileio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digitFolder, engine, type TestFolder } from './testing.js';

const KIB = 1024;
/** Bytes of a checkpoint of LeNet-5 with its momentum, nearly. */
const CHECKPOINT = 490 * KIB;

/** Says why not, where a file system cannot be mounted. */
function mountSmallDisk(path: string): string | undefined {
  if (process.platform !== 'linux') return `tmpfs is Linux's, this is ${process.platform}`;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', path], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `mounting is not allowed: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  }
}

describe('a full disk while training', () => {
  let folder: TestFolder;
  let refused: string | undefined;
  beforeAll(() => {
    folder = digitFolder();
    mkdirSync(folder.file('disk'));
    refused = mountSmallDisk(folder.file('disk'));
  });
  afterAll(() => {
    if (refused === undefined) execFileSync('umount', [folder.file('disk')]);
    folder.remove();
  });

  const train = (workDir: string, ...args: string[]) =>
    engine(['train', 'config.json', '--work-dir', workDir, ...args], folder.path);
  const tensors = (path: string) => readSafetensors(readFileSync(folder.file(path))).tensors;

  it('fails with what to do, keeps the last good checkpoint, and goes on once there is room', async ({ skip }) => {
    if (refused !== undefined) return skip(refused);
    expect((await train('straight')).code).toBe(0);
    const failed: string[] = [];
    // room for nothing but the log, for half a checkpoint, for one, for one and a half, for nearly two
    for (const room of [8 * KIB, CHECKPOINT / 2, CHECKPOINT + 40 * KIB, 1.5 * CHECKPOINT, 2 * CHECKPOINT]) {
      const { bavail, bsize } = statfsSync(folder.file('disk'));
      folder.write('disk/filler', new Uint8Array(bavail * bsize - room));
      const { code, out, err } = await train('disk/runs');
      expect(code, err).toBe(1);
      expect(err).toMatch(
        /^ENGINE_(RUNNER_SAVE_FAILED|FILEIO_NO_SPACE|RUNNER_WORK_DIR_UNWRITABLE) {2}.*\n {2}expected {2}.+\n {2}received {2}.+\n {2}do {8}.+/,
      );
      failed.push(/^\w+/.exec(err)?.[0] ?? '');

      const good = folder.list('disk/runs').filter((name) => name.endsWith('.safetensors'));
      expect(good).toEqual(room > CHECKPOINT ? ['epoch_1.safetensors'] : []);
      for (const name of good) {
        expect(folder.read('disk/runs/last_checkpoint')).toBe(name);
        expect(err).toContain(name);
        expect(out).toMatch(/the last good checkpoint is .*epoch_1\.safetensors; continue with --resume/);
      }

      rmSync(folder.file('disk/filler'));
      const again = await train('disk/runs', '--resume');
      expect({ code: again.code, err: again.err }).toEqual({ code: 0, err: '' });
      expect(again.out).toMatch(room > CHECKPOINT ? /resumed epoch: 1, iter: 4, / : /nothing to resume/);
      expect(tensors('disk/runs/epoch_2.safetensors')).toEqual(tensors('straight/epoch_2.safetensors'));
      expect(folder.list('disk/runs').filter((name) => name.includes('tmp'))).toEqual([]);
      rmSync(folder.file('disk/runs'), { recursive: true });
    }
    expect(failed).toContain('ENGINE_RUNNER_SAVE_FAILED');
  });
});
