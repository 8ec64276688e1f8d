import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Progress } from './contract.js';
import { DownloadCache } from './download-cache.js';
import { requireSafe } from './http-reply.js';
import { HttpStorage, type HttpStorageInit } from './http-storage.js';
import { describeReadableStorage, FileServer } from './testing/index.js';

const quick = { backoff: 1, timeout: 60_000 } as const;
const content = Uint8Array.from({ length: 50_000 }, (_, index) => (index * 7) % 256);

let server: FileServer;
let folder: string;
beforeEach(async () => {
  server = await FileServer.start();
  folder = await mkdtemp(join(tmpdir(), 'engine-http-'));
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const storageOf = (options: HttpStorageInit = {}) => new HttpStorage({ ...quick, ...options });
/** Ends a stalled connection once the client has so many bytes. */
const cutAt =
  (bytes: number) =>
  ({ received }: Progress): void => {
    if (received === bytes) server.cut();
  };
const ranges = () => server.requests.map(({ headers }) => headers.range);

for (const withCache of [false, true]) {
  describeReadableStorage(withCache ? 'http with a cache' : 'http', async () => {
    const own = await FileServer.start();
    const cacheFolder = await mkdtemp(join(tmpdir(), 'engine-http-cache-'));
    return {
      storage: storageOf(withCache ? { cache: new DownloadCache({ folder: cacheFolder }) } : {}),
      root: own.url('/some/folder'),
      write: (name, bytes) => void own.put(`/some/folder/${name}`, bytes),
      cleanUp: async () => {
        await own.stop();
        await rm(cacheFolder, { recursive: true });
      },
    };
  });
}

describe('HttpStorage', () => {
  it('goes on where a connection broke, as often as there is progress', async () => {
    const cuts = [10_000, 5000, 20_000, 1].map((cutAfter) => ({ cutAfter }));
    const url = server.put('/a', content, cuts);
    const seen: Progress[] = [];
    expect(await storageOf({ retries: 1 }).get(url, { onProgress: (at) => seen.push(at) })).toEqual(content);
    expect(ranges()).toHaveLength(5);
    expect(ranges()[0]).toBeUndefined();
    expect(seen.at(-1)).toEqual({ received: content.length, total: content.length });
    expect(seen.every(({ received }, index) => index === 0 || received >= (seen[index - 1]?.received ?? 0))).toBe(true);
  });

  it('starts again where the server cannot say that the file is the same', async () => {
    server.tags = false;
    expect(await storageOf().get(server.put('/a', content, [{ cutAfter: 10_000 }]))).toEqual(content);
    expect(ranges()).toEqual([undefined, undefined]);
  });

  it('never glues two versions of a file together', async () => {
    const changed = content.map((byte) => byte ^ 255);
    const url = server.put('/a', content, [{ stallAfter: 10_000, becomes: changed }]);
    expect(await storageOf().get(url, { onProgress: cutAt(10_000) })).toEqual(changed);
    expect(ranges()).toEqual([undefined, 'bytes=10000-']);
  });

  it('does not believe an answer with another range, nor one that ignores it', async () => {
    const lies = [{ stallAfter: 10_000 }, { rangeFrom: 9000 }];
    const options = { onProgress: cutAt(10_000) };
    expect(await storageOf().get(server.put('/a', content, lies), options)).toEqual(content);
    expect(ranges()).toEqual([undefined, 'bytes=10000-', undefined]);
    const ignorant = server.put('/b', content, [{ stallAfter: 9 }, { ignoreRange: true }]);
    expect(await storageOf().get(ignorant, { onProgress: cutAt(9) })).toEqual(content);
  });

  it('says so when the lie is all that comes', async () => {
    const url = server.put('/a', content, [{ stallAfter: 10_000 }, { rangeFrom: 9000 }]);
    await expect(storageOf({ retries: 1 }).get(url, { onProgress: cutAt(10_000) })).rejects.toMatchObject({
      code: 'ENGINE_FILEIO_HTTP_RANGE',
      received: 'Content-Range: bytes 9000-49999/50000, asked for from byte 10000',
    });
  });

  it('goes on at exactly the byte where a connection broke', async () => {
    const url = server.put('/a', content, [{ stallAfter: 20_000 }]);
    expect(await storageOf().get(url, { onProgress: cutAt(20_000) })).toEqual(content);
    expect(ranges()).toEqual([undefined, 'bytes=20000-']);
  });

  it('gives up on a stalled connection in time, then goes on', async () => {
    const url = server.put('/a', content, [{ stallAfter: 20_000 }]);
    expect(await storageOf({ timeout: 200, retries: 99 }).get(url)).toEqual(content);
    expect(server.requests.length).toBeGreaterThan(1);
    const stalls = [{ stallAfter: 0 }, { stallAfter: 0 }];
    await expect(storageOf({ timeout: 50, retries: 1 }).get(server.put('/b', content, stalls))).rejects.toMatchObject({
      code: 'ENGINE_FILEIO_TIMED_OUT',
      received: 'nothing',
    });
  });

  it('tries again after what passes, and waits as long as it is asked to', async () => {
    const busy = [{ status: 503, headers: { 'Retry-After': '0' } }, { status: 429 }, { status: 500 }];
    expect(await storageOf().get(server.put('/a', content, busy))).toEqual(content);
    const always = Array.from({ length: 9 }, () => ({ status: 502 }));
    await expect(storageOf({ retries: 2 }).get(server.put('/b', content, always))).rejects.toMatchObject({
      code: 'ENGINE_FILEIO_HTTP_FAILED',
      received: '502 Bad Gateway',
    });
    expect(server.requests.filter(({ path }) => path === '/b')).toHaveLength(3);
    expect(await storageOf().stat(server.put('/c', content, [{ status: 503 }]))).toMatchObject({ type: 'file' });
  });

  it.each([
    [404, 'NOT_FOUND'],
    [410, 'NOT_FOUND'],
    [401, 'ACCESS_DENIED'],
    [403, 'ACCESS_DENIED'],
    [400, 'HTTP_FAILED'],
    [204, 'HTTP_FAILED'],
  ])('does not try again after %i: %s', async (status, code) => {
    const url = server.put('/a', content, [{ status }]);
    await expect(storageOf().get(url)).rejects.toMatchObject({ code: `ENGINE_FILEIO_${code}`, subject: url });
    expect(server.requests).toHaveLength(1);
  });

  it('follows redirects, though not for ever', async () => {
    server.put('/real', content);
    expect(await storageOf().get(server.put('/a', '', [{ redirect: '/real' }]))).toEqual(content);
    const round = server.put(
      '/round',
      '',
      Array.from({ length: 99 }, () => ({ redirect: '/round' })),
    );
    await expect(storageOf({ retries: 0 }).get(round)).rejects.toThrow(/HTTP_FAILED[^]*redirect/);
  });

  it('does not follow from an encrypted address to one that is not', () => {
    expect(() => requireSafe('https://host.example/a', 'http://host.example/a')).toThrow('ENGINE_FILEIO_HTTP_REDIRECT');
    requireSafe('https://host.example/a', 'https://other.example/a');
    requireSafe('http://host.example/a', 'https://host.example/a');
    requireSafe('https://host.example/a', ''); // of an answer that a service worker made
  });

  it('tells who cannot be reached', async () => {
    const url = server.url('/a');
    await server.stop();
    await expect(storageOf({ retries: 1 }).get(url)).rejects.toThrow(/ENGINE_FILEIO_HTTP_FAILED[^]*ECONNREFUSED/);
    server = await FileServer.start();
  });

  it('asks for the first byte of servers without HEAD', async () => {
    const url = server.put('/a', content, [{ status: 405 }]);
    expect(await storageOf().stat(url)).toEqual({ type: 'file', size: content.length });
    expect(await storageOf().stat(server.put('/b', '', [{ status: 405 }]))).toEqual({ type: 'file', size: 0 });
    await expect(storageOf().stat(server.put('/c', '', [{ status: 403 }]))).rejects.toThrow('ACCESS_DENIED');
  });

  it('sends the headers it is given', async () => {
    await storageOf({ headers: { Authorization: 'Bearer key' } }).get(server.put('/a', content));
    expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer key', 'accept-encoding': 'identity' });
  });

  it('lets go of every socket, whatever happens', async () => {
    const faults = [{ cutAfter: 9 }, { stallAfter: 9 }, { status: 500 }, { redirect: '/nowhere' }, { rangeFrom: 3 }];
    const [storage, hasty] = [storageOf({ retries: 0 }), storageOf({ retries: 0, timeout: 50 })];
    const calls = faults.flatMap((fault, kind) =>
      Array.from({ length: 10 }, (_, index) => server.put(`/${kind}-${index}`, content, [fault])),
    );
    for (const url of calls) await hasty.get(url).catch(() => undefined);
    for (let i = 0; i < 20; i += 1) await storage.stat(server.put(`/head-${i}`, content, [{ status: 404 }]));
    // At most the one that is kept for the next request.
    await expect.poll(() => server.connections(), { timeout: 60_000 }).toBeLessThanOrEqual(1);
  });

  it('cannot be written to, nor listed, and says so', async () => {
    const [storage, url] = [storageOf(), server.url('/a')];
    for (const call of [
      () => storage.put(url),
      () => storage.putAtomic(url),
      () => storage.append(url),
      () => storage.remove(url),
      () => storage.removeTree(url),
      () => storage.makeDir(url),
      () => storage.rename(url),
      () => storage.lock(url),
    ])
      await expect(call()).rejects.toThrow('ENGINE_FILEIO_READ_ONLY');
    await expect(storage.list(url)).rejects.toThrow('ENGINE_FILEIO_UNSUPPORTED');
    await expect(storage.localPath(url)).rejects.toThrow('ENGINE_FILEIO_UNSUPPORTED');
  });

  it('takes http and https addresses only', () => {
    for (const bad of ['', 'a/b', 'ftp://host/a', 'http://', 'file:///a'])
      expect(() => storageOf().resolve(bad)).toThrow('ENGINE_FILEIO_BAD_URI');
    expect(storageOf().resolve('HTTPS://Host.Example/a/../b c#part')).toBe('https://host.example/b%20c');
    expect(storageOf().join('https://host.example/a/?key=1', 'b', '/c')).toBe('https://host.example/a/b/c?key=1');
  });
});

describe('HttpStorage with a DownloadCache', () => {
  const cached = () => storageOf({ retries: 0, cache: new DownloadCache({ folder }) });
  const get = (url: string) => cached().get(url, { cached: true });

  it('does not ask again for a file whose name promises its content', async () => {
    const sha = 'e3b0c442'; // of nothing
    const url = server.put(`/net-${sha}.bin`, '');
    expect(await get(url)).toHaveLength(0);
    await get(url);
    expect(server.requests).toHaveLength(1);
  });

  it('refuses content that is not what the name promises, and keeps nothing of it', async () => {
    await expect(get(server.put('/net-01234567.bin', content))).rejects.toThrow('ENGINE_FILEIO_CHECKSUM');
    const left = await readdir(folder, { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => entry.isFile())).toEqual([]);
  });

  it('does not take a date for a checksum', async () => {
    expect(await get(server.put('/net-20231105.bin', content))).toEqual(content);
  });

  it('asks whether other files have changed, and serves them while the server is away', async () => {
    const url = server.put('/net.bin', content);
    await get(url);
    await get(url);
    expect(server.requests.map(({ method }) => method)).toEqual(['GET', 'HEAD']);
    server.put('/net.bin', 'new');
    expect(new TextDecoder().decode(await get(url))).toBe('new');
    server.put('/net.bin', 'newer', [{ status: 503 }]);
    expect(new TextDecoder().decode(await get(url))).toBe('new');
  });

  it('does not serve a file that was cut off behind its back', async () => {
    const url = server.put('/net.bin', content);
    const { path } = await cached().localPath(url);
    await truncate(path, 10);
    expect(await get(url)).toEqual(content);
    expect(new Uint8Array(await readFile(path))).toEqual(content);
  });

  it('downloads once for all who ask at the same time', async () => {
    const url = server.put('/net.bin', content);
    const all = await Promise.all(Array.from({ length: 8 }, () => get(url)));
    for (const bytes of all) expect(bytes).toEqual(content);
    expect(server.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });
});
