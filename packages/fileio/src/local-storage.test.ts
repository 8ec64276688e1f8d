import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LocalStorage } from './local-storage.js';
import { ownTag, type ProcessTag, startOf } from './process-tag.js';
import { systemError } from './system-error.js';
import { isTemporary, temporaryName } from './temporary-files.js';

let root: string;
const storage = new LocalStorage();
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'engine-local-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A process that lives until `end` resolves. */
async function otherProcess(): Promise<{ tag: ProcessTag; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
  await new Promise((resolve) => child.once('spawn', resolve));
  const pid = child.pid ?? 0;
  return {
    tag: { host: ownTag().host, pid, started: startOf(pid) },
    end: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

describe('LocalStorage: lock', () => {
  const lockFile = () => join(root, 'run.lock');
  const hold = (tag: ProcessTag) => writeFile(lockFile(), JSON.stringify({ ...tag, token: 'x' }));
  const take = () => storage.lock(join(root, 'run'));

  it('names its holder and is gone when released', async () => {
    const release = await take();
    expect(JSON.parse(await readFile(lockFile(), 'utf8'))).toMatchObject({ pid: process.pid });
    await expect(take()).rejects.toThrow(`process ${process.pid}`);
    await release();
    expect(await readdir(root)).toEqual([]);
  });

  it('never stands there without its holder, so that a kill leaves none that is respected for ever', async () => {
    const state = { seen: 0, isOver: false };
    const watch = async (): Promise<void> => {
      while (!state.isOver) {
        if (existsSync(lockFile())) {
          const text = readIfThere(lockFile());
          if (text !== undefined) {
            state.seen++;
            expect(JSON.parse(text)).toMatchObject({ pid: process.pid });
          }
        }
        await nextTurn();
      }
    };
    const watching = watch();
    for (let i = 0; i < 100; i++) {
      const release = await take();
      await nextTurn();
      await release();
    }
    state.isOver = true;
    await watching;
    expect(state.seen).toBeGreaterThan(10);
    expect(await readdir(root)).toEqual([]);
  });

  it('dies with its process', async () => {
    const other = await otherProcess();
    await hold(other.tag);
    await expect(take()).rejects.toThrow('ENGINE_FILEIO_LOCKED');
    await other.end();
    await (await take())();
    expect(await readdir(root)).toEqual([]);
  });

  it.runIf(startOf(process.pid) !== undefined)(
    'is not fooled by a process that got the number of a dead one',
    async () => {
      const other = await otherProcess();
      await hold({ ...other.tag, started: 'long ago' });
      await (await take())();
      expect(await readdir(root)).toEqual([]);
      await other.end();
    },
  );

  it('respects what it cannot judge: another machine, a foreign file', async () => {
    await hold({ host: 'elsewhere', pid: 1, started: undefined });
    await expect(take()).rejects.toThrow('process 1 on elsewhere');
    for (const content of ['', 'not json', '{}', '3']) {
      await writeFile(lockFile(), content);
      await expect(take()).rejects.toThrow('ENGINE_FILEIO_LOCKED');
      expect(await readFile(lockFile(), 'utf8')).toBe(content);
    }
  });

  it('lets only one of many take over a dead lock', async () => {
    for (let round = 0; round < 20; round += 1) {
      await hold({ ...ownTag(), started: 'long ago' });
      const tries = await Promise.allSettled(Array.from({ length: 6 }, take));
      const won = tries.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      expect(won).toHaveLength(1);
      for (const release of won) await release();
      await rm(lockFile(), { force: true });
    }
  });

  it('does not release a lock that somebody else has taken by force', async () => {
    const release = await take();
    await hold({ host: 'elsewhere', pid: 1, started: undefined });
    await release();
    expect(existsSync(lockFile())).toBe(true);
  });
});

describe('LocalStorage: half-written files', () => {
  const leftover = (tag: ProcessTag) => {
    // the name that this process would use, with another process in it
    const own = ownTag();
    const name = temporaryName(join(root, 'epoch_1.safetensors'));
    return name.replace(`-${own.pid}-`, `-${tag.pid}-`);
  };

  it('are invisible, and are removed by the next save once their process is dead', async () => {
    const other = await otherProcess();
    await writeFile(leftover(other.tag), 'half');
    expect((await readdir(root)).every(isTemporary)).toBe(true);
    expect(await storage.list(root)).toEqual([]);
    await other.end();
    await storage.putAtomic(join(root, 'epoch_2.safetensors'), new Uint8Array(3));
    expect(await readdir(root)).toEqual(['epoch_2.safetensors']);
  });

  it('of this very process are left alone while it lives', async () => {
    const name = temporaryName(join(root, 'a'));
    await writeFile(name, 'half');
    await storage.putAtomic(join(root, 'b'), new Uint8Array(1));
    expect(existsSync(name)).toBe(true);
  });

  it('keep their names short enough for long file names', async () => {
    const path = join(root, 'ä'.repeat(120));
    await storage.putAtomic(path, new Uint8Array(1));
    expect(await storage.exists(path)).toBe(true);
  });

  it('do not appear when two saves of one file overlap', async () => {
    const path = join(root, 'file');
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        storage.putAtomic(path, [new Uint8Array(1000).fill(i), new Uint8Array(1000).fill(i)]),
      ),
    );
    const bytes = await storage.get(path);
    expect(bytes.length).toBe(2000);
    expect(new Set(bytes).size).toBe(1);
    expect(await readdir(root)).toEqual(['file']);
  });
});

describe('LocalStorage: what the system reports', () => {
  it('is coded where it happens', async () => {
    await expect(storage.get(join(root, 'x'.repeat(300)))).rejects.toThrow('ENGINE_FILEIO_BAD_PATH');
    await expect(storage.get(join(root, 'a\0b'))).rejects.toThrow('ENGINE_FILEIO_BAD_PATH');
    await symlink('loop', join(root, 'loop'));
    await expect(storage.get(join(root, 'loop'))).rejects.toThrow('ENGINE_FILEIO_IO_FAILED');
  });

  it.runIf(existsSync('/dev/full'))('says so when the disk is full', async () => {
    await expect(storage.put('/dev/full', new Uint8Array(10))).rejects.toMatchObject({
      code: 'ENGINE_FILEIO_NO_SPACE',
      exitCode: 1,
    });
    await expect(storage.append('/dev/full', 'x')).rejects.toThrow('ENGINE_FILEIO_NO_SPACE');
  });

  it.runIf(process.getuid?.() !== 0 && process.platform !== 'win32')('says so when it may not write', async () => {
    await chmod(root, 0o500);
    await expect(storage.putAtomic(join(root, 'file'), new Uint8Array(1))).rejects.toThrow(
      'ENGINE_FILEIO_ACCESS_DENIED',
    );
    await chmod(root, 0o700);
  });

  it.each([
    ['EACCES', 'ENGINE_FILEIO_ACCESS_DENIED', 2],
    ['EPERM', 'ENGINE_FILEIO_ACCESS_DENIED', 2],
    ['EROFS', 'ENGINE_FILEIO_READ_ONLY', 2],
    ['ENOSPC', 'ENGINE_FILEIO_NO_SPACE', 1],
    ['EDQUOT', 'ENGINE_FILEIO_NO_SPACE', 1],
    ['EMFILE', 'ENGINE_FILEIO_TOO_MANY_FILES', 1],
    ['ENFILE', 'ENGINE_FILEIO_TOO_MANY_FILES', 1],
    ['EIO', 'ENGINE_FILEIO_IO_FAILED', 1],
  ])('%s is %s', (code, expected, exitCode) => {
    const cause = Object.assign(new Error('from the system'), { code });
    const error = systemError(cause, 'writing', '/runs/a');
    expect(error).toMatchObject({ code: expected, exitCode, cause });
    expect(error.message).toContain(`${code} while writing /runs/a`);
  });

  it('passes coded errors on, and explains what has no code', () => {
    const coded = systemError(new Error('odd'), 'reading', '/a');
    expect(coded.message).toContain('odd while reading /a');
    expect(systemError(coded, 'writing', '/b')).toBe(coded);
  });
});

describe('LocalStorage: the rest', () => {
  it('gives local paths as they are', async () => {
    const { path, release } = await storage.localPath('runs/a');
    expect(path).toBe(join(process.cwd(), 'runs/a'));
    await release();
  });

  it('reads large files in pieces and keeps every byte', async () => {
    const bytes = Uint8Array.from({ length: 3_000_001 }, (_, i) => (i * 7) & 255);
    await storage.putAtomic(join(root, 'big'), [bytes.subarray(0, 1_000_000), bytes.subarray(1_000_000)]);
    expect(Buffer.compare(await storage.get(join(root, 'big')), bytes)).toBe(0);
  });
});
