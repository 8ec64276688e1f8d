// docs/optimizers.md shows the example as it is, and what it teaches works.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wasm } from '@engine/backend-wasm';
import { Config, configProblems, engineOptions } from '@engine/config';
import { Linear, Sequential } from '@engine/model';
import { buildOptimWrapper, SGD } from '@engine/optim';
import { describeOptimizer, describeOptimWrapperConstructor } from '@engine/optim/testing';
import { makeBoringRun } from '@engine/runner/testing';
import { createRegistry } from '@engine/standard';
import { LeNet5 } from '@engine/vision';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BodyAndHead } from './optimizers/body-and-head.js';
import config from './optimizers/config.js';
import { SignSGD } from './optimizers/sign-sgd.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('docs/optimizers.md');
const backend = wasm({ threads: 1 });
const lenet = new LeNet5();
beforeAll(() => backend.init());
afterAll(() => lenet.dispose());

describeOptimizer(SignSGD);
describeOptimWrapperConstructor(BodyAndHead, { paramwiseCfg: { head: 'head.', bodyLr: 0.01 } });

it.each(['body-and-head.ts', 'sign-sgd.ts', 'config.ts'])('the page shows %s as it is', (name) => {
  const [, ...code] = read(`apps/examples/optimizers/${name}`).split('\n'); // the first line is a remark
  expect(page).toContain(code.join('\n').trim());
});

/** Name and rate of each group that a part of a config makes of a LeNet. */
function groupsOf(optimWrapper: unknown): Map<string, number> {
  const wrapper = buildOptimWrapper(lenet, optimWrapper, { registry: createRegistry() });
  const groups = wrapper.optimizer.paramGroups.flatMap(({ params, lr }) =>
    params.map(({ name }) => [name, lr] as const),
  );
  wrapper.dispose();
  return new Map(groups);
}

describe('the configs of the page', () => {
  const fences = [...page.matchAll(/```yaml\n([^]*?)```/g)].map(([, text = '']) => text);

  it.each(fences.map((text) => [text]))('are right, and make groups: %s', async (text) => {
    const part = await Config.fromString(text, '.yaml', { file: 'optimizers.yaml' });
    expect(configProblems(part, createRegistry())).toEqual([]);
    expect(groupsOf(engineOptions(part).options.optimWrapper).size).toBe(lenet.parameters().length);
  });

  it('do what it says of them', async () => {
    const [, byName, byLayer] = await Promise.all(
      fences.map(async (text) => groupsOf(engineOptions(await Config.fromString(text, '.yaml')).options.optimWrapper)),
    );
    const rates = (groups: Map<string, number> | undefined) =>
      ['features.0.weight', 'features.3.weight', 'classifier.0.weight'].map((name) => groups?.get(name));
    expect(rates(byName)).toEqual([expect.closeTo(0.001, 12), expect.closeTo(0.01, 12), 0.1]);
    expect(rates(byLayer)).toEqual([0.0005 * 0.75 ** 2, 0.0005 * 0.75, 0.0005]);
  });
});

it('the optimizers that the page names are there', () => {
  const [, table = ''] = /## Which one\n([^]*?)\n## /.exec(page) ?? [];
  const names = [...table.matchAll(/`([A-Z]\w+)`/g)].map(([, name = '']) => name);
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => !createRegistry().has('optimizer', name))).toEqual([]);
});

it('groups in code are what the page prints', () => {
  const model = new Sequential({ body: new Linear(8, 8), head: new Linear(8, 2) });
  const below = (part: string) => model.parameters().filter(({ name }) => name.startsWith(part));
  const optimizer = new SGD([{ params: below('body'), lr: 0.01 }, { params: below('head') }], {
    lr: 0.1,
    momentum: 0.9,
  });
  expect(page).toContain(
    `// ${JSON.stringify(optimizer.paramGroups.map(({ lr, momentum }) => [lr, momentum])).replaceAll(',', ', ')}`,
  );
  optimizer.dispose();
  model.dispose();
});

it('the example trains: a slow body, a head at the full rate', async () => {
  const { optimWrapper } = config;
  const optimizer = { type: SignSGD, lr: 1e-2 };
  const paramwiseCfg = { head: 'head.', bodyLr: 1e-3 };
  const { runner, model, lines } = makeBoringRun(backend, {
    optimWrapper: { ...optimWrapper, optimizer, paramwiseCfg } as never,
    paramScheduler: [],
  });
  const before = await model.stateDict();
  await runner.train();
  const moved = await model.stateDict();
  const change = (name: string) => Math.abs(Number(moved.get(name)?.data[0]) - Number(before.get(name)?.data[0]));
  expect(lines).toContain('INFO 2 parameters learn at 0.001, 2 at the full rate');
  expect(change('head.bias')).toBeGreaterThan(0);
  expect(change('bn.bias')).toBeLessThanOrEqual(12 * 1e-3 + 1e-6); // 12 iterations, none of them longer than the rate
  await runner.dispose();
  model.dispose();
});
