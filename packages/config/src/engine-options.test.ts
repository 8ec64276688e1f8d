import { describe, expect, it } from 'vitest';
import { Config } from './config.js';
import { engineOptions } from './engine-options.js';
import { engineKeys } from './structure.js';

describe('engineOptions', () => {
  it('sorts keys into options and variables, in either spelling', () => {
    const wrapper = { type: 'OptimWrapper', accumulative_counts: 2 };
    const config = Config.fromData({
      optim_wrapper: wrapper,
      workDir: 'w',
      randomness: { seed: 3 },
      data_root: 'd',
      _models: 1,
      train_pipeline: [],
    });
    const { options, variables, pathOf } = engineOptions(config);
    expect(options).toEqual({ optimWrapper: wrapper, workDir: 'w', randomness: { seed: 3 } });
    expect(options.optimWrapper).toBe(wrapper);
    expect(variables).toEqual({ data_root: 'd', _models: 1, train_pipeline: [] });
    expect([pathOf('optimWrapper'), pathOf('workDir')]).toEqual(['optim_wrapper', 'workDir']);
  });

  it.each([
    ['optimWraper', 'optimWrapper'],
    ['train_dataloadr', 'trainDataloader'],
    ['modle', 'model'],
    ['defaultHook', 'defaultHooks'],
    ['logLevle', 'logLevel'],
  ])('%s is ENGINE_CONFIG_UNKNOWN_KEY, for %s', async (key, meant) => {
    const config = await Config.fromString(`a: 1\n${key}: 2\n`, '.yaml', { file: 'cfg.yaml' });
    expect(() => engineOptions(config)).toThrow(
      expect.objectContaining({
        code: 'ENGINE_CONFIG_UNKNOWN_KEY',
        subject: key,
        received: `${key} = 2`,
        action: `rename it to ${meant}, or to _${key} if it is a variable of your own`,
        at: { file: 'cfg.yaml', line: 2, column: 1 },
      }),
    );
  });

  it('refuses a key in both spellings', () => {
    expect(() => engineOptions(Config.fromData({ work_dir: 'a', workDir: 'b' }))).toThrow(
      'ENGINE_REGISTRY_BOTH_SPELLINGS  work_dir',
    );
  });

  it('lets variables of well-known configs pass', () => {
    const names = [
      'dataset_type',
      'data_root',
      'train_pipeline',
      'test_pipeline',
      'num_classes',
      'max_epochs',
      'base_lr',
      'norm_cfg',
      'classes',
      'metainfo',
    ];
    const { variables } = engineOptions(Config.fromData(Object.fromEntries(names.map((name) => [name, 1]))));
    expect(Object.keys(variables)).toEqual(names);
    expect(engineKeys).toHaveLength(34);
  });
});
