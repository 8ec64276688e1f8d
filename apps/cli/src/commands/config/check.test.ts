import { afterEach, describe, expect, it } from 'vitest';
import { digitConfig, engine, folderOf } from '../../testing.js';

let folder: ReturnType<typeof folderOf> | undefined;
afterEach(() => folder?.remove());

const bad = `backend: { type: wasm }
model: { type: LeNet5, numClasses: ten }
optim_wrapper:
  optimizer: { type: SGD, lr: 0.1, momentm: 0.9, weigth_decay: 1 }
train_dataloader:
  batch_size: 0
  dataset: { type: MNITS, root: x, train: true }
trainCfg: { byEpoch: true, maxEpochs: 1 }
customHooks:
  - { type: CheckpointHook, intervall: 2, priority: HIGH }
logLevel: LOUD
`;

describe('engine config check', () => {
  it('finds every problem at once, each with its place', async () => {
    folder = folderOf({ 'bad.yaml': bad });
    const { out, code } = await engine(['config', 'check', 'bad.yaml'], folder.path);
    const heads = out.split('\n').filter((line) => line.includes('ENGINE_'));
    expect(heads).toEqual([
      'bad.yaml:2:24  ENGINE_REGISTRY_BAD_OPTION_TYPE  model.numClasses',
      'bad.yaml:4:36  ENGINE_REGISTRY_UNKNOWN_OPTION  optim_wrapper.optimizer.momentm',
      'bad.yaml:4:50  ENGINE_REGISTRY_UNKNOWN_OPTION  optim_wrapper.optimizer.weigth_decay',
      'bad.yaml:6:3  ENGINE_REGISTRY_BAD_OPTION_VALUE  train_dataloader.batch_size',
      'bad.yaml:7:14  ENGINE_REGISTRY_UNKNOWN_NAME  train_dataloader.dataset.type',
      'bad.yaml:10:29  ENGINE_REGISTRY_UNKNOWN_OPTION  customHooks.0.intervall',
      'bad.yaml:11:1  ENGINE_REGISTRY_BAD_OPTION_VALUE  logLevel',
    ]);
    expect(out).toMatch(/rename it to momentum\n/);
    expect(out).toMatch(/1 config checked, 7 problems\.\n$/);
    expect(code).toBe(2);
  });

  it('finds nothing in a good config, reads no data, and checks several files', async () => {
    folder = folderOf({ 'good.json': JSON.stringify(digitConfig('/nowhere')), 'broken.yaml': 'a: [1\n' });
    expect(await engine(['config', 'check', 'good.json'], folder.path)).toEqual({
      code: 0,
      out: '1 config checked, no problems.\n',
      err: '',
    });
    const { out, code } = await engine(
      ['config', 'check', 'good.json', 'broken.yaml', 'gone.yaml', '--json'],
      folder.path,
    );
    expect(JSON.parse(out)).toMatchObject([
      { code: 'ENGINE_CONFIG_SYNTAX', line: 2 },
      { code: 'ENGINE_CLI_FILE_NOT_FOUND' },
    ]);
    expect(code).toBe(2);
  });

  it('tells the two training loops apart by by_epoch', async () => {
    folder = folderOf({
      'good.yaml': 'train_cfg: { by_epoch: false, max_iters: 5, val_interval: 2 }\n',
      'bad.yaml': 'train_cfg: { by_epoch: false, max_epochs: 5 }\n',
      'worse.yaml': 'trainCfg: { byEpoch: true, max_iters: 5 }\n',
    });
    const { out } = await engine(['config', 'check', 'good.yaml', 'bad.yaml', 'worse.yaml'], folder.path);
    const heads = out.split('\n').filter((line) => line.includes('_OPTION') || line.includes('_MISSING'));
    expect(heads).toEqual([
      'bad.yaml:1:31  ENGINE_REGISTRY_UNKNOWN_OPTION  train_cfg.max_epochs',
      'bad.yaml:1:1  ENGINE_REGISTRY_MISSING_OPTION  train_cfg.maxIters',
      'worse.yaml:1:28  ENGINE_REGISTRY_UNKNOWN_OPTION  trainCfg.max_iters',
      'worse.yaml:1:1  ENGINE_REGISTRY_MISSING_OPTION  trainCfg.maxEpochs',
    ]);
  });

  it('knows the options of paramwiseCfg by the constructor beside it', async () => {
    const wrapper = 'optim_wrapper:\n  optimizer: { type: SGD, lr: 1, weight_decay: 1 }\n';
    folder = folderOf({
      'good.yaml': `${wrapper}  constructor: LearningRateDecayOptimWrapperConstructor\n  paramwise_cfg: { decay_rate: 0.9, custom_keys: { back_bone: { lr_mult: 2, momentum: 0.5 } } }\n`,
      'bad.yaml': `${wrapper}  paramwise_cfg: { decay_rate: 0.9, norm_decay_mult: -1 }\n`,
      'worse.yaml': `${wrapper}  constructor: LearningRateDecay\n`,
    });
    const { out } = await engine(['config', 'check', 'good.yaml', 'bad.yaml', 'worse.yaml'], folder.path);
    const heads = out.split('\n').filter((line) => line.includes('ENGINE_') && !line.endsWith('INCOMPLETE  backend'));
    expect(heads).toEqual([
      'bad.yaml:3:20  ENGINE_REGISTRY_UNKNOWN_OPTION  optim_wrapper.paramwise_cfg.decay_rate',
      'bad.yaml:3:37  ENGINE_REGISTRY_BAD_OPTION_VALUE  optim_wrapper.paramwise_cfg.norm_decay_mult',
      'worse.yaml:3:3  ENGINE_REGISTRY_UNKNOWN_NAME  optim_wrapper.constructor',
    ]);
  });

  it('finds misspelt keys at the top, and what cannot be imported', async () => {
    folder = folderOf({ 'a.yaml': 'modle: {}\ntrain_dataloadr: {}\ncustomImports: [./gone.ts]\n' });
    const { out } = await engine(['config', 'check', 'a.yaml'], folder.path);
    expect(out.split('\n').filter((line) => line.includes('ENGINE_'))).toEqual([
      'a.yaml:1:1  ENGINE_CONFIG_UNKNOWN_KEY  modle',
      'a.yaml:2:1  ENGINE_CONFIG_UNKNOWN_KEY  train_dataloadr',
    ]);
  });
});
