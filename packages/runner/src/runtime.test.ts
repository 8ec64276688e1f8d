import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from '@engine/backend-cpu';
import { Config } from '@engine/config';
import { nodePlatform } from '@engine/fileio';
import type { ProgressState } from '@engine/logging';
import { Registry } from '@engine/registry';
import { describe, expect, it, vi } from 'vitest';
import { Runner } from './runner.js';
import { resolveRuntime } from './runtime.js';
import { BoringDataset, BoringMetric, BoringModel, makeBoringRun } from './testing/index.js';

const evaluation = (model: BoringModel, workDir: string) => ({
  backend: cpu(),
  model,
  workDir,
  valDataloader: { dataset: new BoringDataset(4), batchSize: 2 },
  valCfg: {},
  valEvaluator: new BoringMetric(),
});

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-runner-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('a run in Node', () => {
  it('needs nothing but its options: files, clock, signals and terminal are at hand', () =>
    inFolder(async (folder) => {
      const written: string[] = [];
      const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
      const model = new BoringModel();
      const runner = new Runner(evaluation(model, folder));
      await runner.val().finally(() => spy.mockRestore());
      model.dispose();
      expect(written.join('')).toMatch(
        /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d - engine - INFO - engine 0\.0\.0 · backend cpu/,
      );
      expect(await readdir(folder)).toHaveLength(2);
      expect(runner.logDir?.startsWith(folder)).toBe(true);
      expect(process.listenerCount('SIGTERM')).toBe(0);
    }));

  it('imports what customImports names, from where the config lies', () =>
    inFolder(async (folder) => {
      await writeFile(
        join(folder, 'plugin.mjs'),
        `export const OwnHook = {
          kind: 'hook', name: 'OwnHook', export: 'OwnHook', module: undefined, doc: 'Mine.',
          options: { '~standard': { version: 1, vendor: 'own', validate: (value) => Object.keys(value).length ? { issues: [{ message: 'unknown key ' + Object.keys(value)[0], path: [Object.keys(value)[0]] }] } : { value } } },
          create: () => ({ name: 'OwnHook', beforeVal: (ctx) => ctx.messageHub.updateInfo('own', true) }),
        };`,
      );
      const model = new BoringModel();
      const registry = new Registry();
      const logged: string[] = [];
      const data = {
        ...evaluation(model, folder),
        customImports: { imports: ['./plugin.mjs', './gone.mjs'], allowFailedImports: true },
        customHooks: [{ type: 'OwnHook' }],
      };
      const runner = await Runner.fromConfig(Config.fromData(data, join(folder, 'config.json')), {
        registry,
        sinks: [
          {
            level: 'WARNING',
            write: ({ message }) => void logged.push(message),
            flush: () => Promise.resolve(),
            close: () => Promise.resolve(),
          },
        ],
      });
      expect(registry.has('hook', 'OwnHook')).toBe(true);
      await runner.val();
      expect(logged.join('\n')).toContain('./gone.mjs could not be imported: ENGINE_FILEIO_MODULE_NOT_FOUND');
      model.dispose();
    }));
});

describe('a runtime', () => {
  it('is filled in, and what is given stays', async () => {
    const progress = { update() {}, clear() {} };
    const runtime = await resolveRuntime({ sinks: [], progress });
    expect(runtime).toMatchObject({ platform: nodePlatform, sinks: [], progress, communicator: { rank: 0, size: 1 } });
    expect(runtime.storage.name).toBe('local, http');
  });

  it('gets a live progress line', async () => {
    const states: ProgressState[] = [];
    let cleared = 0;
    const progress = { update: (state: ProgressState) => void states.push(state), clear: () => void (cleared += 1) };
    const { runner, model } = makeBoringRun(cpu(), {}, { progress });
    await runner.train();
    expect(states.filter(({ label }) => label === 'epoch 3/3').at(-1)).toMatchObject({
      done: 4,
      total: 4,
      values: { loss: expect.any(Number) },
    });
    expect(states.some(({ label }) => label === 'val 3/3')).toBe(true);
    expect(cleared).toBeGreaterThanOrEqual(1);
    await runner.dispose();
    model.dispose();
  });

  it('with a rank of its own writes nothing but its log unless it is the first', async () => {
    const filesOf = async (rank: number): Promise<{ files: string[]; shown: string[]; progressed: number }> => {
      let progressed = 0;
      const shown: string[] = [];
      const communicator = {
        rank,
        size: 2,
        allReduce: <A>(data: A) => Promise.resolve(data),
        allGather: <A extends Float32Array>(data: A) => Promise.resolve([data, data]),
        broadcast: <A>(data: A) => Promise.resolve(data),
        barrier: () => Promise.resolve(),
      };
      const { runner, model, storage } = makeBoringRun(
        cpu(),
        { valDataloader: undefined, valCfg: undefined, valEvaluator: undefined } as never,
        {
          communicator: communicator as never,
          progress: { update: () => void (progressed += 1), clear: () => {} },
          sinks: [
            {
              level: 'INFO',
              write: ({ level }) => void shown.push(level),
              flush: () => Promise.resolve(),
              close: () => Promise.resolve(),
            },
          ],
        },
      );
      await runner.train();
      await runner.dispose();
      model.dispose();
      const [folder = ''] = (await storage.list('/runs/boring')).filter((name) => /^\d{8}_\d{6}$/.test(name));
      const files = [...(await storage.list('/runs/boring')), ...(await storage.list(`/runs/boring/${folder}`))];
      return { files: files.filter((name) => /safetensors|json|last|log/.test(name)), shown, progressed };
    };
    const [first, second] = [await filesOf(0), await filesOf(1)];
    expect(second).toEqual({ files: [expect.stringMatching(/^\d+_\d+_rank1\.log$/)], shown: [], progressed: 0 });
    expect(first.files).toHaveLength(6);
    expect(first.files).toContainEqual(expect.stringMatching(/^\d+_\d+\.log$/));
    expect(first.shown).toContain('INFO');
    expect(first.progressed).toBeGreaterThan(0);
  });
});
