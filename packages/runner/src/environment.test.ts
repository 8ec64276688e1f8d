import { cpu } from '@engine/backend-cpu';
import type { Communicator } from '@engine/core';
import { singleProcess } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { boringRuns } from './testing/index.js';

const boring = boringRuns(cpu);
const warnings = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('WARNING'));

describe('what MMEngine says of processes', () => {
  it('is recorded, and told where it has no effect', async () => {
    const { runner, lines } = boring({
      compile: true,
      logLevel: 'DEBUG',
      launcher: 'pytorch',
      envCfg: { cudnnBenchmark: false, mpCfg: { mpStartMethod: 'fork' }, distCfg: { backend: 'nccl' } },
    });
    await runner.val();
    expect(warnings(lines)).toEqual([
      'WARNING compile: the backend cpu does not compile; the training step runs as it is.',
      'WARNING launcher = pytorch: the engine starts no processes; this run is one process.',
    ]);
    const environment = lines.find((line) => line.startsWith('DEBUG Environment: '));
    expect(JSON.parse(environment?.slice('DEBUG Environment: '.length) ?? '')).toMatchObject({
      worldSize: 1,
      launcher: 'pytorch',
      envCfg: { distCfg: { backend: 'nccl' } },
    });
  });

  it('needs no word where nothing was asked for, or others have been started', async () => {
    const plain = boring({ launcher: 'none', compile: false, envCfg: {} });
    await plain.runner.val();
    expect(warnings(plain.lines)).toEqual([]);
    const two: Communicator = { ...singleProcess, size: 2 };
    const started = boring({ launcher: 'mpi' }, { communicator: two });
    await started.runner.val();
    expect(warnings(started.lines)).toEqual([]);
  });

  it.each([
    [false, 9],
    [true, 10],
  ])('lets the noise of processes differ when diffRankSeed is %s', async (diffRankSeed, seed) => {
    const second: Communicator = { ...singleProcess, size: 2, rank: 1 };
    const randomness = { seed: 9, diffRankSeed, deterministic: true };
    const unvalidated = { valDataloader: undefined, valCfg: undefined, valEvaluator: undefined };
    const { runner, model } = boring({ randomness, ...(unvalidated as object) }, { communicator: second });
    await runner.train();
    expect(model.stepContext.position).toMatchObject({ seed });
  });

  it.each([
    [{ launcher: 'ssh' }, 'ENGINE_REGISTRY_BAD_OPTION_VALUE'],
    [{ envCfg: { cudnn: true } }, 'ENGINE_REGISTRY_UNKNOWN_OPTION'],
    [{ compile: 3 }, 'ENGINE_REGISTRY_BAD_OPTION'],
  ])('is checked: %j', (options, code) => {
    expect(() => boring(options as never)).toThrow(code);
  });
});
