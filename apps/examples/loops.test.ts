// docs/loop.md shows the examples as they are, and the examples run.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wasm } from '@engine/backend-wasm';
import { Config } from '@engine/config';
import type { Hook } from '@engine/hooks';
import { describeHook } from '@engine/hooks/testing';
import { Registry } from '@engine/registry';
import { Runner } from '@engine/runner';
import { BoringDataset, BoringMetric, describeTrainLoop, makeBoringRun } from '@engine/runner/testing';
import { beforeAll, expect, it } from 'vitest';
import { CarefulRunner, careful } from './loops/careful-runner.js';
import { trainSparse } from './loops/own-steps.js';
import { SlowestBatchHook } from './loops/slowest-batch.js';
import { TwiceLoop } from './loops/twice.js';
import { TwoSetsValLoop } from './loops/two-sets.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/loop.md');
const backend = () => wasm({ threads: 1 });

it.each(['slowest-batch.ts', 'twice.ts', 'two-sets.ts', 'careful-runner.ts', 'own-steps.ts'])(
  'the page shows %s as it is',
  (name) => {
    const [, ...code] = read(`apps/examples/loops/${name}`).split('\n'); // the first line is a remark
    expect(page).toContain(code.join('\n').trim());
  },
);

beforeAll(() => backend().init());
describeHook(SlowestBatchHook, { atLeast: 0 });
describeTrainLoop(TwiceLoop, { options: { maxEpochs: 2 }, backend });

it('the hook tells the slowest batch of each epoch', async () => {
  const { runner, model, lines } = makeBoringRun(backend(), { customHooks: [{ type: SlowestBatchHook }] });
  await runner.train();
  const told = lines.filter((line) => /^INFO epoch [123]: batch [0-3] took \d+\.\d{3} s$/.test(line));
  expect(told).toHaveLength(3);
  await runner.dispose();
  model.dispose();
});

it('the validation loop gives the metrics of both sets and calls its own hook point', async () => {
  const seen: number[] = [];
  const hook: Hook = { name: 'Seen', afterSecondSetIter: (_ctx, { batchIdx }) => void seen.push(batchIdx) };
  const second = { dataset: new BoringDataset(5), batchSize: 2 };
  const { runner, model } = makeBoringRun(backend(), { valCfg: { type: TwoSetsValLoop, second }, customHooks: [hook] });
  const { metrics } = await runner.train();
  expect(Object.keys(metrics ?? {})).toEqual(['acc', 'second/acc']);
  expect(seen).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  await runner.dispose();
  model.dispose();
});

it('the runner is made by configs that name it', async () => {
  const registry = new Registry();
  registry.register(careful);
  const { runner: plain, model, storage, platform } = makeBoringRun(backend());
  await plain.dispose();
  const runner = await Runner.fromConfig(
    Config.fromData({
      runnerType: 'CarefulRunner',
      backend: backend(),
      model,
      workDir: '/runs',
      valDataloader: { dataset: new BoringDataset(4), batchSize: 2 },
      valCfg: {},
      valEvaluator: new BoringMetric(),
    }),
    { registry, storage, platform, sinks: [] },
  );
  expect(runner).toBeInstanceOf(CarefulRunner);
  expect(await runner.val()).toHaveProperty('acc');
  expect((runner as CarefulRunner).processors).toBe(platform.cpuCount());
  await runner.dispose();
  model.dispose();
});

it('steps of your own train with a loss of your own', async () => {
  const { runner, model, lines } = makeBoringRun(backend(), { defaultHooks: { logger: { interval: 4 } } });
  expect(await trainSparse(runner, model, 1e-3)).toBe(12);
  expect(
    lines.filter((line) => /^INFO Epoch\(train\) \[[123]\]\[4\/4\] .*loss: \d+\.\d{4} {2}size: \d+\.\d{4}$/.test(line)),
  ).toHaveLength(3);
  await runner.dispose();
  model.dispose();
});
