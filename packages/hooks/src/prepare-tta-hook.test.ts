import { cpu } from '@engine/backend-cpu';
import { BaseTTAModel, defineModel, type TrainableModel } from '@engine/model';
import { Registry } from '@engine/registry';
import { afterEach, beforeAll, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { PrepareTTAHook } from './prepare-tta-hook.js';
import { makeTestRun } from './testing/index.js';
import type { TestRun } from './testing/test-run.js';

beforeAll(() => cpu().init());

let run: TestRun;
afterEach(() => run.close());

class First extends BaseTTAModel {
  mergePreds(predictions: readonly (readonly unknown[])[]): unknown {
    return predictions.map(([first]) => first);
  }
}
const FirstTTA = defineModel({
  name: 'FirstTTA',
  options: z.strictObject({ module: z.custom<TrainableModel>() }),
  create: ({ module }) => new First({ module }),
});

it('tests with the model around the trained one, each time a new one, and goes back', () => {
  run = makeTestRun();
  const registry = new Registry();
  registry.register(FirstTTA);
  const hook = registry.build(
    'hook',
    { type: PrepareTTAHook, ttaCfg: { type: 'FirstTTA' } },
    { path: 'customHooks.0' },
  );
  const trained = run.model;
  for (let tests = 0; tests < 2; tests += 1) {
    void hook.beforeTest?.(run);
    expect(run.model).toBeInstanceOf(First);
    expect((run.model as First).module).toBe(trained);
    void hook.afterTest?.(run);
    expect(run.model).toBe(trained);
  }
});

it('needs a config of a model', () => {
  run = makeTestRun();
  for (const ttaCfg of [undefined, 'FirstTTA', {}])
    expect(() => new Registry().build('hook', { type: PrepareTTAHook, ttaCfg }, { path: 'customHooks.0' })).toThrow(
      'ENGINE_REGISTRY_',
    );
});
