import { cpu } from '@engine/backend-cpu';
import { Config } from '@engine/config';
import { MemoryStorage } from '@engine/fileio';
import { Registry } from '@engine/registry';
import { afterEach, describe, expect, it } from 'vitest';
import { defineRunner } from './define-runner.js';
import { Runner, type TrainResult } from './runner.js';
import type { Runtime } from './runtime.js';
import { BoringDataset, BoringMetric, BoringModel, ManualPlatform } from './testing/index.js';

class TwiceRunner extends Runner {
  readonly seen: string[] = [];

  protected override setUpEnv({ platform }: Runtime): void {
    this.seen.push(platform.name);
  }

  override async train(): Promise<TrainResult> {
    this.seen.push('train');
    return super.train();
  }
}
const Twice = defineRunner({
  name: 'TwiceRunner',
  create: ({ options, runtime }) => new TwiceRunner(options, runtime),
  doc: 'Writes down what it does.',
});

const made: Runner[] = [];
const models: BoringModel[] = [];
afterEach(async () => {
  for (const runner of made.splice(0)) await runner.dispose();
  for (const model of models.splice(0)) model.dispose();
});

async function fromConfig(runnerType: unknown, registry = new Registry()): Promise<Runner> {
  const model = new BoringModel();
  models.push(model);
  const runner = await Runner.fromConfig(
    Config.fromData({
      backend: cpu(),
      model,
      work_dir: '/runs',
      val_dataloader: { dataset: new BoringDataset(3), batch_size: 3 },
      val_cfg: {},
      val_evaluator: new BoringMetric(),
      runner_type: runnerType,
    }),
    { registry, storage: new MemoryStorage(), platform: new ManualPlatform(), sinks: [] },
  );
  made.push(runner);
  return runner;
}

describe('runnerType', () => {
  it('makes a runner of your own, by the entry or by its name', async () => {
    const registry = new Registry();
    registry.register(Twice);
    for (const runnerType of [Twice, 'TwiceRunner']) {
      const runner = await fromConfig(runnerType, registry);
      expect(runner).toBeInstanceOf(TwiceRunner);
      await runner.val();
      await runner.val();
      expect((runner as TwiceRunner).seen).toEqual(['manual']);
    }
    expect(await fromConfig(null)).not.toBeInstanceOf(TwiceRunner);
  });

  it('refuses a name that nothing has, and what makes no runner', async () => {
    await expect(fromConfig('ThriceRunner')).rejects.toMatchObject({
      code: 'ENGINE_REGISTRY_UNKNOWN_NAME',
      subject: expect.stringContaining('runner_type'),
    });
    const Wrong = defineRunner({ name: 'Wrong', create: () => ({}) as Runner });
    await expect(fromConfig(Wrong)).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_BAD_COMPONENT',
      subject: 'runner_type',
    });
  });
});
