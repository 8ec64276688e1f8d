import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@engine/backend-cpu';
import { httpStorageEntry, LocalStorage, MemoryStorage, memoryStorageEntry, nodeStorage } from '@engine/fileio';
import { FileServer } from '@engine/fileio/testing';
import { PretrainedInit } from '@engine/model';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boringRuns } from './testing/make-runner.js';

const backend = cpu();
beforeAll(() => backend.init());
const make = boringRuns(() => backend);

let server: FileServer;
let folder: string;
beforeEach(async () => {
  server = await FileServer.start();
  folder = await mkdtemp(join(tmpdir(), 'engine-run-http-'));
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

const oneEpoch = { trainCfg: { byEpoch: true, maxEpochs: 1 } } as const;
const http = { retries: 1, backoff: 1, timeout: 60_000 };

/** A checkpoint of another run, on a web server. */
async function published(): Promise<{ url: string; weights: unknown }> {
  const storage = new MemoryStorage();
  const { runner, model } = make(oneEpoch, { storage });
  await runner.train();
  const url = server.put('/net.safetensors', await storage.get('/runs/boring/epoch_1.safetensors'));
  return { url, weights: await model.stateDict() };
}

describe('checkpoints by URL', () => {
  it('loadFrom downloads once, through the cache, and says so', async () => {
    const { url, weights } = await published();
    for (const workDir of ['/runs/a', '/runs/b'].map((name) => join(folder, name))) {
      const storage = nodeStorage({ http, cacheFolder: join(folder, 'cache') });
      const { runner, model, lines } = make({ workDir, loadFrom: url }, { storage });
      await runner.val();
      expect(await model.stateDict()).toEqual(weights);
      expect(lines.filter((line) => line.includes('Downloading'))).toHaveLength(workDir.endsWith('a') ? 1 : 0);
      expect(lines).toContain(`INFO Load checkpoint from ${url}`);
    }
    expect(server.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it('Pretrained takes them too, and resumes what an unsteady server gives', async () => {
    const { weights } = await published();
    const storage = new MemoryStorage();
    await make(oneEpoch, { storage }).runner.train();
    const url = server.put('/net.safetensors', await storage.get('/runs/boring/epoch_1.safetensors'), [
      { cutAfter: 900 },
      { status: 503 },
    ]);
    const { runner, model } = make(
      { workDir: join(folder, 'run') },
      { storage: nodeStorage({ http: { ...http, retries: 3 }, cacheFolder: folder }) },
    );
    model.initCfg = { type: PretrainedInit, checkpoint: url };
    await runner.val();
    expect(await model.stateDict()).toEqual(weights);
  });

  it('one that is not there, or not a checkpoint, is told with its address', async () => {
    const storage = nodeStorage({ http, cacheFolder: folder });
    const absent = make({ workDir: join(folder, 'a'), loadFrom: server.url('/absent') }, { storage });
    await expect(absent.runner.val()).rejects.toThrow(/ENGINE_RUNNER_CHECKPOINT_MISSING[^]*\/absent[^]*404/);
    const page = server.put('/page', '<!doctype html>');
    const wrong = make({ workDir: join(folder, 'b'), loadFrom: page }, { storage });
    await expect(wrong.runner.val()).rejects.toThrow(/ENGINE_RUNNER_CHECKPOINT_BROKEN[^]*\/page/);
    const other = make({ workDir: join(folder, 'c'), loadFrom: 's3://bucket/net' }, { storage });
    await expect(other.runner.val()).rejects.toThrow(/ENGINE_FILEIO_UNKNOWN_PREFIX[^]*storages: \{ s3/);
  });
});

describe('storages of a config', () => {
  it('serve their prefixes, also those that had another before', async () => {
    const { url, weights } = await published();
    const { runner, model, storage, lines } = make(
      {
        workDir: join(folder, 'run'),
        storages: {
          far: { type: memoryStorageEntry } as never,
          http: { type: httpStorageEntry, headers: { 'X-Key': 'k' }, cacheFolder: folder } as never,
        },
        loadFrom: url,
      } as never,
      { storage: new LocalStorage() },
    );
    await runner.val();
    expect(await model.stateDict()).toEqual(weights);
    expect(server.requests.at(-1)?.headers).toMatchObject({ 'x-key': 'k' });
    expect(storage.name).toBe('local');
    expect(lines.join('\n')).not.toContain('WARN');
  });

  it('keep what CheckpointHook saves by URI, below a folder named as the work dir, and resume from it', async () => {
    const far = new MemoryStorage();
    const options = {
      workDir: join(folder, 'boring'),
      storages: { memory: far as never },
      defaultHooks: { checkpoint: { interval: 1, maxKeepCkpts: 1, outDir: 'memory:///kept' } },
    } as const;
    const first = make({ ...options, trainCfg: { byEpoch: true, maxEpochs: 2 } } as never, { storage: nodeStorage() });
    await first.runner.train();
    expect(await far.list('/kept/boring')).toEqual(['epoch_2.safetensors']);
    expect(await new LocalStorage().list(options.workDir)).toContain('last_checkpoint');
    const next = make({ ...options, resume: true, trainCfg: { byEpoch: true, maxEpochs: 3 } } as never, {
      storage: nodeStorage(),
    });
    await next.runner.train();
    expect(next.lines.find((line) => line.includes('resumed'))).toContain('memory:///kept/boring/epoch_2.safetensors');
    expect(await far.list('/kept/boring')).toEqual(['epoch_3.safetensors']);
  });

  it('keep what LoggerHook copies when a run ends: its whole log and its scalars', async () => {
    const far = new MemoryStorage();
    const { runner } = make(
      {
        workDir: join(folder, 'boring'),
        storages: { memory: far as never },
        defaultHooks: { logger: { interval: 1, outDir: 'memory:///logs', keepLocal: false } },
        ...oneEpoch,
      } as never,
      { storage: nodeStorage() },
    );
    await runner.train();
    const [stamp = ''] = await far.list('/logs/boring');
    expect(await far.list(`/logs/boring/${stamp}`)).toEqual([`${stamp}.log`, 'vis_data']);
    const log = new TextDecoder().decode(await far.get(`/logs/boring/${stamp}/${stamp}.log`));
    expect(log.match(/Epoch\(train\)/g)).toHaveLength(4);
    expect(log).toContain(`Text logs will be saved to memory:///logs/boring/${stamp} after the run.`);
    expect(await far.exists(`/logs/boring/${stamp}/vis_data/scalars.json`)).toBe(true);
    const local = new LocalStorage();
    expect(await local.list(join(folder, 'boring', stamp, 'vis_data'))).toEqual([]);
  });

  it('are checked: a thing that is no storage, an option that is none, a folder nobody can write', async () => {
    const run = (storages: object) =>
      make({ workDir: join(folder, 'x'), storages } as never, { storage: nodeStorage() });
    await expect(run({ s3: { get: () => 1 } }).runner.val()).rejects.toThrow(/ENGINE_R\w+[^]*storages\.s3/);
    await expect(run({ s3: { type: httpStorageEntry, time: 1 } }).runner.val()).rejects.toThrow(
      /ENGINE_REGISTRY_UNKNOWN_OPTION[^]*storages\.s3\.time/,
    );
    const web = make(
      { defaultHooks: { checkpoint: { interval: 1, outDir: server.url('/') } }, workDir: join(folder, 'y') },
      { storage: nodeStorage() },
    );
    await expect(web.runner.train()).rejects.toThrow(/ENGINE_RUNNER_SAVE_FAILED/);
  });
});
