import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder } from './cache-folder.js';
import { checksum, checksumInName } from './checksum.js';
import type { Progress } from './contract.js';
import { type DownloadOptions, download } from './download.js';
import { FileServer } from './testing/index.js';

const content = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 13) % 256);
const sha256 = createHash('sha256').update(content).digest('hex');
const md5 = createHash('md5').update(content).digest('hex');

let server: FileServer;
let folder: string;
beforeEach(async () => {
  server = await FileServer.start();
  folder = await mkdtemp(join(tmpdir(), 'engine-download-'));
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const bring = (url: string, options: Partial<DownloadOptions> = {}) =>
  download(url, { to: `${folder}/`, http: { backoff: 1, retries: 1, timeout: 60_000 }, ...options });
/** Gets 50000 bytes of a file that stalls there, then loses the connection and gives up. */
const half = (url: string) =>
  bring(url, { http: { retries: 0 }, onProgress: ({ received }) => received === 50_000 && server.cut() });
const bytesOf = async (file: string) => new Uint8Array(await readFile(file));

describe('download', () => {
  it('puts the file where it is wanted, under its own name in a folder, and leaves nothing else', async () => {
    const url = server.put('/data/train.bin', content);
    expect(await bring(`${url}?key=1`)).toBe(join(folder, 'train.bin'));
    expect(await bring(url, { to: join(folder, 'new', 'own.bin'), sha256, md5 })).toBe(join(folder, 'new', 'own.bin'));
    expect(await bytesOf(join(folder, 'new', 'own.bin'))).toEqual(content);
    expect((await readdir(folder, { recursive: true })).sort()).toEqual(['new', join('new', 'own.bin'), 'train.bin']);
  });

  it('takes a file that is there and right, and replaces one that is not', async () => {
    const url = server.put('/a.bin', content);
    await bring(url, { sha256 });
    await bring(url, { sha256: sha256.slice(0, 8).toUpperCase() });
    await bring(url);
    expect(server.requests).toHaveLength(1);
    await writeFile(join(folder, 'a.bin'), 'damaged');
    await bring(url, { md5 });
    expect(await bytesOf(join(folder, 'a.bin'))).toEqual(content);
    expect(server.requests).toHaveLength(2);
  });

  it('refuses wrong content, by argument or by name, and leaves what was there', async () => {
    await writeFile(join(folder, 'a.bin'), 'mine');
    const refused = bring(server.put('/a.bin', content), { sha256: '0'.repeat(64) });
    await expect(refused).rejects.toMatchObject({ code: 'ENGINE_FILEIO_CHECKSUM', received: `sha256 ${sha256}` });
    await expect(bring(server.put('/b-0123abcd.bin', content))).rejects.toThrow('ENGINE_FILEIO_CHECKSUM');
    expect(await readFile(join(folder, 'a.bin'), 'utf8')).toBe('mine');
    expect(await readdir(folder)).toEqual(['a.bin']);
  });

  it('completes what was left half-done, even in another process', async () => {
    const url = server.put('/a.bin', content, [{ stallAfter: 50_000 }]);
    await expect(half(url)).rejects.toThrow('ENGINE_FILEIO_HTTP_FAILED');
    expect(await stat(join(folder, 'a.bin')).catch(() => 'absent')).toBe('absent');
    server.put('/a.bin', content);
    const seen: Progress[] = [];
    await bring(url, { sha256, onProgress: (at) => seen.push(at) });
    expect(server.requests.at(-1)?.headers.range).toBe('bytes=50000-');
    expect(seen[0]).toEqual({ received: 50_000, total: content.length });
    expect(await readdir(folder)).toEqual(['a.bin']);
  });

  it('starts again where the half was damaged, or is of another file', async () => {
    const url = server.put('/a.bin', content, [{ stallAfter: 50_000 }]);
    await expect(half(url)).rejects.toThrow('ENGINE_FILEIO_HTTP_FAILED');
    const part = (await readdir(folder)).find((name) => name.endsWith('.part')) as string;
    await writeFile(join(folder, part), new Uint8Array(50_000));
    expect(await bytesOf(await bring(url, { sha256 }))).toEqual(content);
    const other = server.put('/b.bin', content, [{ stallAfter: 50_000 }]);
    await expect(half(other)).rejects.toThrow('ENGINE_FILEIO_HTTP_FAILED');
    const changed = content.map((byte) => byte ^ 1);
    server.put('/b.bin', changed);
    expect(await bytesOf(await bring(other))).toEqual(changed);
  });

  it('is not confused by notes that are broken', async () => {
    const url = server.put('/a.bin', content, [{ stallAfter: 50_000 }]);
    await expect(half(url)).rejects.toThrow('ENGINE_FILEIO_HTTP_FAILED');
    for (const name of await readdir(folder)) if (name.endsWith('.json')) await writeFile(join(folder, name), '{"va');
    expect(await bytesOf(await bring(url))).toEqual(content);
  });

  it('survives being killed: the next process goes on', async () => {
    const url = server.put('/big.bin', content, [{ stallAfter: 120_000 }]);
    const child = spawnDownload(url, join(folder, 'big.bin'));
    await expect.poll(async () => (await sizeOfPart()) >= 100_000, { timeout: 60_000 }).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(folder)).not.toContain('big.bin');
    await bring(url, { to: join(folder, 'big.bin'), sha256 });
    expect(server.requests).toHaveLength(2);
    expect(Number(/\d+/.exec(server.requests[1]?.headers.range ?? '')?.[0])).toBeGreaterThanOrEqual(100_000);
    expect(await readdir(folder)).toEqual(['big.bin']);
  });

  it('leaves nothing of a file that never came', async () => {
    await expect(bring(server.url('/absent.bin'))).rejects.toThrow('ENGINE_FILEIO_NOT_FOUND');
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses checksums that are none', async () => {
    const url = server.put('/a.bin', content);
    for (const bad of ['', 'xyz', 'abc', 'g'.repeat(64), 'a'.repeat(65)])
      await expect(bring(url, { sha256: bad })).rejects.toThrow('ENGINE_FILEIO_BAD_CHECKSUM');
    await expect(bring(url, { md5: 'abcdef01' })).rejects.toThrow('ENGINE_FILEIO_BAD_CHECKSUM');
    expect(server.requests).toHaveLength(0);
  });

  it('puts files on this machine alone', async () => {
    await expect(bring(server.url('/a'), { to: 's3://bucket/' })).rejects.toThrow('ENGINE_FILEIO_BAD_URI');
  });

  it('says where it may not write', async () => {
    await writeFile(join(folder, 'file'), '');
    const below = bring(server.put('/a.bin', content), { to: join(folder, 'file', 'a.bin') });
    await expect(below).rejects.toThrow('ENGINE_FILEIO_NOT_A_FOLDER');
  });

  it.skipIf(process.getuid?.() === 0)('says which folder is not writable', async () => {
    await mkdir(join(folder, 'locked'));
    await chmod(join(folder, 'locked'), 0o500);
    const url = server.put('/a.bin', content);
    await expect(bring(url, { to: join(folder, 'locked', 'a.bin') })).rejects.toThrow('ENGINE_FILEIO_ACCESS_DENIED');
  });
});

describe('checksums', () => {
  it('are found in the names of published weights', () => {
    expect(checksumInName('resnet18-f37072fd.safetensors')).toEqual({ algorithm: 'sha256', digest: 'f37072fd' });
    expect(checksumInName('faster_rcnn_r50_fpn_1x_coco_20200130-047c8118.pth')?.digest).toBe('047c8118');
    for (const name of ['net-20231105.bin', 'net-abc.bin', 'net.bin', 'f37072fd.bin', 'net-F37072FD.bin'])
      expect(checksumInName(name)).toBeUndefined();
    expect(checksum('sha256', 'F37072FD').digest).toBe('f37072fd');
  });
});

describe('cacheFolder', () => {
  it('is where the user says, or the system', () => {
    expect(cacheFolder({ ENGINE_CACHE: '/c', XDG_CACHE_HOME: '/x' }, 'linux')).toBe('/c');
    expect(cacheFolder({ ENGINE_CACHE: '', XDG_CACHE_HOME: '/x' }, 'linux')).toBe(join('/x', 'engine'));
    expect(cacheFolder({ LOCALAPPDATA: 'L' }, 'win32')).toBe(join('L', 'engine', 'Cache'));
    expect(cacheFolder({}, 'linux')).toMatch(/\.cache.engine$/);
  });
});

async function sizeOfPart(): Promise<number> {
  const part = (await readdir(folder)).find((name) => name.endsWith('.part'));
  return part === undefined ? 0 : (await stat(join(folder, part))).size;
}

function spawnDownload(url: string, to: string): ChildProcess {
  const module = fileURLToPath(new URL('../dist/index.js', import.meta.url));
  const code = `import(${JSON.stringify(module)}).then(({ download }) => download(${JSON.stringify(url)}, { to: ${JSON.stringify(to)} }))`;
  return spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
}
