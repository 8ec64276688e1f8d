import { readFileSync } from 'node:fs';
import { FileServer } from '@engine/fileio/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { digitConfig, digitFiles, digitFolder, engine, folderOf, type TestFolder } from './testing.js';

let server: FileServer;
let folder: TestFolder;
beforeEach(async () => {
  server = await FileServer.start();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await server.stop();
  folder.remove();
});

describe('engine and web addresses', () => {
  it('trains from weights of a web server, and measures them, through the cache', async () => {
    folder = digitFolder();
    vi.stubEnv('ENGINE_CACHE', folder.file('cache'));
    await engine(['train', 'config.json', '--work-dir', 'first'], folder.path);
    const url = server.put('/net.safetensors', readFileSync(folder.file('first/epoch_2.safetensors')));

    const trained = await engine(['train', 'config.json', '--work-dir', 'second', '--load-from', url], folder.path);
    expect({ code: trained.code, err: trained.err }).toEqual({ code: 0, err: '' });
    expect(trained.out).toContain(`Downloading ${url}`);
    expect(trained.out).toContain(`Load checkpoint from ${url}`);

    const tested = await engine(['test', 'config.json', url], folder.path);
    expect(tested.code).toBe(0);
    expect(tested.out).not.toContain('Downloading');
    expect(server.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
    expect(folder.list('cache/downloads')).toHaveLength(1);
  });

  it('takes a config by its address', async () => {
    folder = folderOf(digitFiles());
    const url = server.put('/configs/digits.json', JSON.stringify(digitConfig(folder.path)));
    const { code, err } = await engine(['train', url], folder.path);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(folder.list('work_dirs/digits')).toContain('epoch_2.safetensors');
  });

  it('says what is wrong with an address, with exit code 2', async () => {
    folder = digitFolder();
    vi.stubEnv('ENGINE_CACHE', folder.file('cache'));
    const absent = await engine(['train', 'config.json', '--load-from', server.url('/absent')], folder.path);
    expect(absent).toMatchObject({ code: 2, err: expect.stringMatching(/CHECKPOINT_MISSING[^]*\/absent[^]*404/) });
    const foreign = await engine(['train', 'config.json', '--load-from', 's3://bucket/net'], folder.path);
    expect(foreign).toMatchObject({ code: 2, err: expect.stringContaining('ENGINE_FILEIO_UNKNOWN_PREFIX') });
    const missing = await engine(['train', 'config.json', '--load-from', 'none.safetensors'], folder.path);
    expect(missing).toMatchObject({ code: 2, err: expect.stringContaining('ENGINE_CLI_FILE_NOT_FOUND') });
    const config = await engine(['train', server.url('/absent.json')], folder.path);
    expect(config).toMatchObject({ code: 2, err: expect.stringContaining('ENGINE_CONFIG_FILE_NOT_FOUND') });
  });
});
