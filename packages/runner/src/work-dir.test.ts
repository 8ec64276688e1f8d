import { cpu } from '@engine/backend-cpu';
import { silentLogger, singleProcess } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import { describe, expect, it } from 'vitest';
import { type BoringRun, boringRuns } from './testing/index.js';
import { formatTimestamp, TIMESTAMP } from './timestamp.js';
import { WorkDir } from './work-dir.js';

const boring = boringRuns(cpu);
const make = (storage: MemoryStorage, options: object = {}): BoringRun =>
  boring({ trainCfg: { byEpoch: true, maxEpochs: 1 }, ...options }, { storage });

const open = (storage: MemoryStorage, exclusive = false): Promise<WorkDir> =>
  WorkDir.open({ storage, path: '/w', timestamp: '20260101_000000', exclusive, communicator: singleProcess });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = async (storage: MemoryStorage, path: string): Promise<string> =>
  new TextDecoder().decode(await storage.get(path));

describe('a work dir', () => {
  it('has a folder for every run, also for those of one second', async () => {
    const storage = new MemoryStorage();
    const dirs = [await open(storage), await open(storage), await open(storage)];
    expect(dirs.map(({ timestamp }) => timestamp)).toEqual([
      '20260101_000000',
      '20260101_000000_2',
      '20260101_000000_3',
    ]);
    expect(dirs[1]?.logFile).toBe('/w/20260101_000000_2/20260101_000000_2.log');
  });

  it('is locked by one run only, until that gives it back', async () => {
    const storage = new MemoryStorage();
    const dir = await open(storage, true);
    await dir.lock();
    await expect(open(storage, true)).rejects.toMatchObject({ code: 'ENGINE_RUNNER_WORK_DIR_LOCKED' });
    const other = await open(storage);
    await expect(other.lock()).rejects.toMatchObject({ code: 'ENGINE_RUNNER_WORK_DIR_LOCKED' });
    await dir.unlock();
    await dir.unlock();
    await other.lock();
  });

  it('remembers the last checkpoint by its name, so that the folder may move, and paths elsewhere as they are', async () => {
    const storage = new MemoryStorage();
    const dir = await open(storage);
    await dir.markLast('/w/epoch_1.safetensors');
    expect(await text(storage, '/w/last_checkpoint')).toBe('epoch_1.safetensors');
    expect([dir.show('/w/a'), dir.show('/w2/a')]).toEqual(['/w/a', '/w2/a']);
    await dir.markLast('/w2/epoch_1.safetensors');
    expect(await text(storage, '/w/last_checkpoint')).toBe('/w2/epoch_1.safetensors');
    await dir.markLast('/elsewhere/epoch_1.safetensors');
    expect(await text(storage, '/w/last_checkpoint')).toBe('/elsewhere/epoch_1.safetensors');
    expect(await dir.findLast(silentLogger)).toBeUndefined();
  });

  it('may be moved between a run and its resumption', async () => {
    const storage = new MemoryStorage();
    await make(storage).runner.train();
    await storage.rename('/runs/boring', '/runs/moved');
    const { runner, lines } = make(storage, {
      workDir: '/runs/moved',
      resume: true,
      trainCfg: { byEpoch: true, maxEpochs: 2 },
    });
    await runner.train();
    expect(lines.find((line) => line.includes('resumed'))).toBe(
      'INFO resumed epoch: 1, iter: 4, from /runs/moved/epoch_1.safetensors',
    );
  });

  it('takes checkpoints that CheckpointHook puts elsewhere', async () => {
    const storage = new MemoryStorage();
    const elsewhere = { defaultHooks: { checkpoint: { interval: 1, outDir: '/far' } } };
    await make(storage, elsewhere).runner.train();
    const { runner, lines } = make(storage, { ...elsewhere, resume: true, trainCfg: { byEpoch: true, maxEpochs: 2 } });
    await runner.train();
    expect(lines.find((line) => line.includes('resumed'))).toContain('from /far/boring/epoch_1.safetensors');
  });
});

describe('a fresh run in a used work dir', () => {
  it("moves the old checkpoints to their run's folder and says so", async () => {
    const storage = new MemoryStorage();
    const first = make(storage, { defaultHooks: { checkpoint: { interval: 1, saveBest: 'acc' } } });
    await first.runner.train();
    const stamp = (await storage.list('/runs/boring')).find((name) => TIMESTAMP.test(name)) ?? '';
    const second = make(storage);
    await second.runner.train();
    expect(second.lines[0]).toBe(
      `INFO The work dir had checkpoints of an earlier run: they are in /runs/boring/${stamp} now.`,
    );
    expect(await storage.list(`/runs/boring/${stamp}`)).toEqual([
      `${stamp}.log`,
      'best_acc_epoch_1.safetensors',
      'epoch_1.safetensors',
      'last_checkpoint',
      'vis_data',
    ]);
    expect((await storage.list('/runs/boring')).filter((name) => name.endsWith('.safetensors'))).toEqual([
      'epoch_1.safetensors',
    ]);
    const third = make(storage, { resume: `/runs/boring/${stamp}/epoch_1.safetensors`, workDir: '/runs/other' });
    await third.runner.train();
    expect(third.lines.some((line) => line.includes('resumed epoch: 1'))).toBe(true);
  });

  it('finds a place for files that tell nothing', async () => {
    const storage = new MemoryStorage();
    await storage.put('/w/epoch_1.safetensors', bytes('junk'));
    expect(await (await open(storage)).moveOldCheckpoints(silentLogger)).toBe('/w/20260101_000000_old');
    await storage.put('/w/epoch_1.safetensors', bytes('junk'));
    expect(await (await open(storage)).moveOldCheckpoints(silentLogger)).toBe('/w/20260101_000000');
  });

  it('moves nothing where there is nothing', async () => {
    const storage = new MemoryStorage();
    await storage.put('/w/last_checkpoint', bytes('epoch_1.safetensors'));
    expect(await (await open(storage)).moveOldCheckpoints(silentLogger)).toBeUndefined();
    expect(await storage.exists('/w/last_checkpoint')).toBe(false);
  });
});

it('a timestamp is local time', () => {
  expect(formatTimestamp(new Date(2026, 0, 2, 3, 4, 5).getTime())).toBe('20260102_030405');
});
