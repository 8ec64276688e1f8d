import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileServer } from '@engine/fileio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Config } from '../config.js';
import { nodeReader } from './node-reader.js';

let server: FileServer;
let folder: string;
beforeEach(async () => {
  server = await FileServer.start();
  folder = await mkdtemp(join(tmpdir(), 'engine.remote-'));
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

const load = (file: string) => Config.fromFile(file, { reader: nodeReader({ cwd: folder }) });

describe('configs by URL', () => {
  it('are read with the bases beside them, and tell where values come from', async () => {
    server.put('/configs/base/net.yaml', 'model: { type: Net, depth: 50 }\n');
    const url = server.put('/configs/run.json', '{ "_base_": "./base/net.yaml", "model": { "depth": 18 } }');
    const config = await load(url);
    expect(config.data).toEqual({ model: { type: 'Net', depth: 18 } });
    expect(config.locate('model.type')).toMatchObject({ file: server.url('/configs/base/net.yaml'), line: 1 });
    expect(config.files).toEqual([server.url('/configs/base/net.yaml'), url]);
  });

  it('serve as bases of files of this machine', async () => {
    const url = server.put('/net.toml', '[model]\ndepth = 50\n');
    await writeFile(join(folder, 'run.yaml'), `_base_: ${url}\nworkDir: runs\n`);
    expect((await load('run.yaml')).data).toEqual({ model: { depth: 50 }, workDir: 'runs' });
  });

  it('cannot reach into this machine', async () => {
    await writeFile(join(folder, 'secret.yaml'), 'key: secret\n');
    for (const base of [`file://${folder}/secret.yaml`, 'ftp://host.example/a.yaml'])
      await expect(load(server.put('/run.yaml', `_base_: ${base}\n`))).rejects.toThrow('ENGINE_CONFIG_BAD_BASE');
    await expect(load(server.put('/run.yaml', `_base_: ${folder}/secret.yaml\n`))).rejects.toThrow(
      'ENGINE_CONFIG_FILE_NOT_FOUND',
    );
    expect(server.requests.at(-1)?.path).toBe(`${folder}/secret.yaml`);
  });

  it('are no programs', async () => {
    await expect(load(server.put('/run.ts', 'export default {};'))).rejects.toThrow('ENGINE_CONFIG_REMOTE_CODE');
  });

  it('that are not there, broken, no text or no end say so', async () => {
    await expect(load(server.url('/absent.yaml'))).rejects.toThrow(/ENGINE_CONFIG_FILE_NOT_FOUND[^]*absent/);
    await expect(load(server.put('/a.json', '{ "a": '))).rejects.toThrow(/ENGINE_CONFIG_SYNTAX[^]*\/a\.json:1/);
    await expect(load(server.put('/a.yaml', new Uint8Array([255, 254, 0])))).rejects.toThrow('ENGINE_CONFIG_NOT_UTF8');
    await expect(load(server.put('/big.yaml', new Uint8Array(5 * 2 ** 20)))).rejects.toThrow('ENGINE_CONFIG_TOO_LARGE');
    await expect(load(server.put('/b.yaml', '', [{ status: 403 }]))).rejects.toThrow('ENGINE_FILEIO_ACCESS_DENIED');
  });
});
