// What needs a process of its own: the program as built, a TypeScript config with parts of the user's own, signals.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { readSafetensors } from '@engine/fileio';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  digitConfig,
  digitFiles,
  type EngineProcess,
  FIXTURES,
  folderOf,
  scalarRows,
  spawnEngine,
  stampsOf,
  type TestFolder,
} from './testing.js';

let folder: TestFolder;
const running: EngineProcess[] = [];
beforeEach(() => {
  folder = folderOf();
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  folder.remove();
});

function start(...args: string[]): EngineProcess {
  const program = spawnEngine(args, folder.path);
  running.push(program);
  return program;
}

/** 64 samples, 8 iterations an epoch, 2 epochs, in TypeScript with a dataset and a model of its own. */
const HALVES = join(FIXTURES, 'halves.ts');
/** The same, resting after its third iteration. */
const PAUSING = join(FIXTURES, 'pausing.ts');
const losses = (workDir: string): [number | undefined, number][] =>
  scalarRows(folder, workDir).flatMap(({ iter, loss }): [number | undefined, number][] =>
    loss === undefined ? [] : [[iter, loss]],
  );
const tensors = (path: string) => readSafetensors(readFileSync(folder.file(path))).tensors;

describe('the engine program', () => {
  it('trains a TypeScript config with parts that lie beside it, without colours in a pipe', async () => {
    const { code, out, err } = await start('train', HALVES, '--work-dir', 'runs').ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toMatch(/\u001b|\r|━/);
    // what users read are the names that they gave, whatever the bundler made of the classes
    expect(out).toMatch(
      / · backend wasm \(simd, 1 thread\) · Halves 64\/20 · HalvesNet 42 parameters · run runs\/\d{8}_\d{6}\n/,
    );
    expect(out).toMatch(/ done in .* · checkpoint runs\/epoch_2\.safetensors · log runs\/[\d_]+\/[\d_]+\.log\n$/);
    expect(folder.list()).toEqual(['runs']);
  });

  it('imports TypeScript that a JSON config names in customImports', async () => {
    for (const [name, bytes] of Object.entries(digitFiles())) folder.write(name, bytes);
    const customHooks = [{ type: 'PauseHook', at: 2 }];
    const customImports = [relative(join(folder.path, 'configs'), join(FIXTURES, 'parts.ts'))];
    folder.write('configs/a.json', JSON.stringify({ ...digitConfig(folder.path), customImports, customHooks }));
    const { code, out, err } = await start('train', 'configs/a.json').ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('pausing after iteration 2');
    expect(folder.list('work_dirs/a')).toContain('epoch_2.safetensors');

    const recorded = join('work_dirs/a', `${stampsOf(folder, 'work_dirs/a')[0]}.json`);
    const again = await start('train', recorded, '--work-dir', 'again').ended;
    expect({ code: again.code, err: again.err }).toEqual({ code: 0, err: '' });
    expect(losses('again')).toEqual(losses('work_dirs/a'));
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('saves inside the epoch at %s, exits with %i, and goes on bit for bit', async (signal, status) => {
    const first = start('train', PAUSING, '--work-dir', 'runs', '--cfg-options', 'customHooks.0.seconds=20');
    await first.shows(/pausing after iteration 3/);
    first.child.kill(signal);
    const { code, out } = await first.ended;
    expect(code).toBe(status);
    expect(out).toContain(`${signal} received: finishing the iteration. Send it again to exit at once.`);
    expect(out).toMatch(
      new RegExp(`stopped by ${signal} after saving runs/iter_3\\.safetensors; continue with --resume\n$`),
    );
    expect(folder.read('runs/last_checkpoint')).toBe('iter_3.safetensors');

    const whole = start('train', PAUSING, '--work-dir', 'whole');
    const second = await start('train', PAUSING, '--work-dir', 'runs', '--resume').ended;
    expect(second.code).toBe(0);
    expect(second.out).toContain('resumed epoch: 0, iter: 3, from runs/iter_3.safetensors');
    expect((await whole.ended).code).toBe(0);
    expect(losses('runs').map(([iter]) => iter)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(losses('runs')).toEqual(losses('whole').slice(3));
    expect(tensors('runs/epoch_2.safetensors')).toEqual(tensors('whole/epoch_2.safetensors'));
  });

  it('exits at once at the second signal, without saving', async () => {
    const args = [
      'train',
      PAUSING,
      '--work-dir',
      'runs',
      '--cfg-options',
      'customHooks.0.seconds=100',
      'customHooks.0.deaf=true',
    ];
    const { child, shows, ended } = start(...args);
    await shows(/pausing after iteration 3/);
    child.kill('SIGINT');
    await shows(/SIGINT received: finishing the iteration\. Send it again to exit at once\./);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, signal: null });
    expect(folder.list('runs').filter((name) => name.endsWith('.safetensors'))).toEqual([]);
  });

  it('refuses a work dir that another process trains in: ENGINE_RUNNER_WORK_DIR_LOCKED', async () => {
    const first = start('train', PAUSING, '--work-dir', 'runs', '--cfg-options', 'customHooks.0.seconds=100');
    await first.shows(/pausing after iteration 3/);
    const second = await start('train', HALVES, '--work-dir', 'runs').ended;
    expect(second.code).toBe(1);
    expect(second.err).toMatch(/^ENGINE_RUNNER_WORK_DIR_LOCKED {2}/);
    expect(second.err).toContain(`process ${first.child.pid}`);
    // a killed process leaves no lock behind that anyone has to remove
    first.child.kill('SIGKILL');
    await first.ended;
    expect((await start('train', HALVES, '--work-dir', 'runs').ended).code).toBe(0);
  });

  it('ends quietly when whoever reads its output goes away', async () => {
    const pause = ['--cfg-options', 'customHooks.0.seconds=0.5'];
    const { child, shows, ended } = start('train', PAUSING, '--work-dir', 'runs', ...pause);
    await shows(/pausing after iteration 3/);
    child.stdout?.destroy();
    const { code, err } = await ended;
    expect(err).not.toContain('EPIPE');
    expect(code).toBe(0);
    expect(folder.list('runs')).toContain('epoch_2.safetensors');
  });
});
