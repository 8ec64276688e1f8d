import { Config, type EngineConfig, engineOptions } from '@engine/config';
import { isPlainObject } from '@engine/core';
import { PrepareTTAHook } from '@engine/hooks';
import { runnerErrors } from './errors.js';
import { Runner } from './runner.js';
import type { RunnerRuntime } from './runtime.js';

/**
 * A runner that tests with test-time augmentation, from a config with two variables of its own: `ttaModel`, the config of a
 * `BaseTTAModel` (which gets the model as `module`), and `ttaPipeline`, which takes the place of the test dataset's pipeline and
 * usually holds a `TestTimeAug`.
 * @throws `ENGINE_RUNNER_INCOMPLETE` without one of them, and what `Runner.fromConfig` throws
 */
export async function buildRunnerWithTta(config: Config | EngineConfig, runtime: RunnerRuntime = {}): Promise<Runner> {
  const given = config instanceof Config ? config : Config.fromData(config);
  const { variables, options, pathOf } = engineOptions(given);
  const model = needed(variables, ['ttaModel', 'tta_model']);
  const pipeline = needed(variables, ['ttaPipeline', 'tta_pipeline']);
  if (!isPlainObject(options.testDataloader))
    throw missing(pathOf('testDataloader'), 'a config of the test data loader');
  const customHooks = Array.isArray(options.customHooks) ? (options.customHooks as unknown[]) : [];
  const complete = given.mergeFromDict(
    {
      [pathOf('testDataloader')]: { dataset: { pipeline } },
      [pathOf('customHooks')]: [...customHooks, { type: PrepareTTAHook, ttaCfg: model }],
    },
    { ...(runtime.registry !== undefined && { registry: runtime.registry }), from: 'test-time augmentation' },
  );
  return Runner.fromConfig(complete, runtime);
}

function needed(variables: Readonly<Record<string, unknown>>, names: readonly string[]): unknown {
  const name = names.find((each) => variables[each] !== undefined && variables[each] !== null);
  if (name !== undefined) return variables[name];
  throw missing(names[0] ?? '', 'ttaModel and ttaPipeline in the config');
}

function missing(subject: string, expected: string): Error {
  return runnerErrors.INCOMPLETE({
    subject,
    expected,
    received: `no ${subject}`,
    action: 'give ttaModel: { type: ... }, ttaPipeline: [...] and testDataloader, or test without augmentation',
  });
}
