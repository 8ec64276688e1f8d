/** Every row of the tables of MMEngine's guide for migrating from MMCV, and what has no counterpart. */
import { describe, expect, it } from 'vitest';
import { migrateConfig } from '../index.js';

/** The new config on one line, without imports. */
async function migrated(python: string, files: Readonly<Record<string, string>> = {}) {
  const { text, style, warnings } = await migrateConfig(python, '/cfg/a.py', { read: async (path) => files[path] });
  return {
    text: text
      .replace(/^import .*\n/gm, '')
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/,( [}\])])/g, '$1')
      .trim(),
    style,
    warnings,
  };
}

const optimizer = "optimizer = dict(type='SGD', lr=0.02)\n";
const runner = "runner = dict(type='EpochBasedRunner', max_epochs=12)\n";

const rows: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'checkpoint_config',
    'checkpoint_config = dict(interval=1, max_keep_ckpts=3)',
    ["checkpoint: { type: 'CheckpointHook', interval: 1, maxKeepCkpts: 3 }"],
  ],
  [
    'log_config',
    "log_config = dict(interval=50, hooks=[dict(type='TextLoggerHook'), dict(type='TensorboardLoggerHook')])",
    [
      "logger: { type: 'LoggerHook', interval: 50 }",
      "logProcessor: { type: 'LogProcessor', windowSize: 50, byEpoch: true }",
      "visBackends: [{ type: 'LocalVisBackend' }, { type: 'TensorboardVisBackend' }]",
    ],
  ],
  [
    'custom_hooks',
    "custom_hooks = [dict(type='NumClassCheckHook'), dict(type='ExpMomentumEMAHook', momentum=0.1)]\nworkflow = []",
    ["{ type: 'NumClassCheckHook' }", "{ type: 'EMAHook', momentum: 0.1 }"],
  ],
  ['dist_params', "dist_params = dict(backend='nccl')", ["distCfg: { backend: 'nccl' }"]],
  [
    'launcher',
    "launcher = 'pytorch'\ndist_params = dict(backend='nccl')",
    ["launcher: 'pytorch'", "envCfg: { distCfg: { backend: 'nccl' } }"],
  ],
  [
    'opencv_num_threads and mp_start_method',
    "opencv_num_threads = 0\nmp_start_method = 'fork'\nworkflow = [('train', 1)]",
    ["mpCfg: { mp_start_method: 'fork', opencv_num_threads: 0 }"],
  ],
  ['log_level', "log_level = 'INFO'\nworkflow = [('train', 1)]", ["logLevel: 'INFO'"]],
  [
    'auto_scale_lr',
    `${optimizer}auto_scale_lr = dict(enable=False, base_batch_size=16)`,
    ['autoScaleLr: { enable: false, baseBatchSize: 16 }'],
  ],
  ['load_from', "load_from = 'path/to/ckpt'\nresume_from = None", ["loadFrom: 'path/to/ckpt'", 'resume: false']],
  ['resume_from', "load_from = None\nresume_from = 'path/to/ckpt'", ["loadFrom: 'path/to/ckpt'", 'resume: true']],
  [
    'seed, deterministic, diff_seed',
    `${optimizer}seed = 1\ndeterministic = False\ndiff_seed = False`,
    ['randomness: { seed: 1, deterministic: false, diffRankSeed: false }'],
  ],
  [
    'optimizer and optimizer_config',
    `${optimizer}optimizer_config = dict(grad_clip=None)`,
    ["optimWrapper: { type: 'OptimWrapper', optimizer: { type: 'SGD', lr: 0.02 } }"],
  ],
  [
    'grad_clip',
    'optimizer_config = dict(grad_clip=dict(max_norm=35, norm_type=2))',
    ['clipGrad: { maxNorm: 35, normType: 2 }'],
  ],
  [
    'cumulative_iters',
    "optimizer_config = dict(type='GradientCumulativeOptimizerHook', cumulative_iters=4)",
    ['accumulativeCounts: 4'],
  ],
  [
    'constructor and paramwise_cfg',
    "optimizer = dict(constructor='CustomConstructor', type='AdamW', lr=0.0001, betas=(0.9, 0.999), paramwise_cfg={'decay_rate': 0.95, 'num_layers': 6})\noptimizer_config = dict(grad_clip=None)",
    [
      "optimizer: { type: 'AdamW', lr: 0.0001, betas: [0.9, 0.999] }",
      "constructor: 'CustomConstructor'",
      'paramwiseCfg: { decay_rate: 0.95, num_layers: 6 }',
    ],
  ],
  [
    'custom_keys',
    "optimizer = dict(type='SGD', lr=1, paramwise_cfg=dict(norm_decay_mult=0, custom_keys={'back_bone': dict(lr_mult=0.1)}))",
    ['paramwiseCfg: { normDecayMult: 0, customKeys: { back_bone: { lrMult: 0.1 } } }'],
  ],
  ['fp16', `${optimizer}fp16 = dict(loss_scale=512.)`, ["type: 'AmpOptimWrapper'", 'lossScale: 512']],
  ['runner by epoch', runner, ['trainCfg: { byEpoch: true, maxEpochs: 12 }', 'valCfg: {}', 'testCfg: {}']],
  [
    'runner by iteration',
    "runner = dict(type='IterBasedRunner', max_iters=100)",
    ['trainCfg: { byEpoch: false, maxIters: 100 }'],
  ],
  ['total_epochs', 'total_epochs = 3', ['trainCfg: { byEpoch: true, maxEpochs: 3 }']],
  ['workflow', `${runner}workflow = [('train', 1)]`, ['trainCfg']],
  [
    'lr_config: step with a linear warm-up',
    `${runner}lr_config = dict(policy='step', warmup='linear', warmup_iters=500, warmup_ratio=0.001, step=[8, 11])`,
    [
      "{ type: 'LinearLR', startFactor: 0.001, byEpoch: false, begin: 0, end: 500 }",
      "{ type: 'MultiStepLR', milestones: [8, 11], gamma: 0.1, byEpoch: true, begin: 0, end: 12 }",
    ],
  ],
  [
    'lr_config: every n epochs',
    "lr_config = dict(policy='step', step=2)",
    ["{ type: 'StepLR', stepSize: 2, gamma: 0.1, byEpoch: true, begin: 0 }"],
  ],
  [
    'lr_config: constant warm-up',
    "lr_config = dict(policy='exp', gamma=0.9, warmup='constant', warmup_iters=5, warmup_ratio=0.5, warmup_by_epoch=True)",
    [
      "{ type: 'ConstantLR', factor: 0.5, byEpoch: true, begin: 0, end: 5 }",
      "{ type: 'ExponentialLR', gamma: 0.9, byEpoch: true, begin: 0 }",
    ],
  ],
  [
    'lr_config: poly',
    "lr_config = dict(policy='poly', power=0.9, min_lr=1e-4, by_epoch=False)\nrunner = dict(type='IterBasedRunner', max_iters=100)",
    ["{ type: 'PolyLR', power: 0.9, etaMin: 1e-4, byEpoch: false, begin: 0, end: 100 }"],
  ],
  [
    'lr_config: cosine',
    `${runner}lr_config = dict(policy='CosineAnnealing', min_lr_ratio=1e-5)`,
    ["{ type: 'CosineAnnealingLR', etaMinRatio: 1e-5, byEpoch: true, begin: 0, end: 12 }"],
  ],
  [
    'lr_config: restarts',
    "lr_config = dict(policy='CosineRestart', periods=[1, 2], restart_weights=[1, 0.5], min_lr=0)",
    ["type: 'CosineRestartLR', periods: [1, 2], restartWeights: [1, 0.5], etaMin: 0"],
  ],
  [
    'lr_config: one cycle',
    "lr_config = dict(policy='OneCycle', max_lr=0.01, total_steps=10)",
    ["type: 'OneCycleLR', etaMax: 0.01, totalSteps: 10"],
  ],
  ['lr_config: fixed', `${runner}lr_config = dict(policy='fixed')`, ['trainCfg']],
  [
    'momentum_config',
    `${runner}momentum_config = dict(policy='CosineAnnealing', min_momentum=0.8)`,
    ["{ type: 'CosineAnnealingMomentum', etaMin: 0.8, byEpoch: true, begin: 0, end: 12 }"],
  ],
  [
    'data',
    "data = dict(samples_per_gpu=2, workers_per_gpu=3, train=dict(type='CocoDataset', ann_file='a.json', img_prefix='train/'), val=dict(type='CocoDataset', ann_file='v.json', img_prefix='val/'))",
    [
      "trainDataloader: { batchSize: 2, numWorkers: 3, sampler: { type: 'DefaultSampler', shuffle: true }, dataset: { type: 'CocoDataset', ann_file: 'a.json', data_prefix: { img: 'train/' } } }",
      "valDataloader: { batchSize: 1, numWorkers: 3, sampler: { type: 'DefaultSampler', shuffle: false }",
      "data_prefix: { img: 'val/' }, test_mode: true",
    ],
  ],
  [
    'data with a loader of its own',
    "data = dict(samples_per_gpu=2, val_dataloader=dict(samples_per_gpu=4), val=dict(type='X'))",
    ['valDataloader: { batchSize: 4'],
  ],
  [
    'evaluation',
    `${runner}data = dict(val=dict(type='CocoDataset', ann_file='v.json'))\nevaluation = dict(interval=2, metric='bbox', save_best='bbox_mAP')`,
    [
      'valInterval: 2',
      "valEvaluator: { type: 'CocoMetric', ann_file: 'v.json', metric: 'bbox' }",
      "saveBest: 'bbox_mAP'",
    ],
  ],
  [
    'pipelines',
    "norm = dict(mean=[1.5], std=[2.5], to_rgb=True)\ntrain_pipeline = [dict(type='Resize', img_scale=(1333, 800)), dict(type='RandomFlip', flip_ratio=0.5), dict(type='Normalize', **norm), dict(type='Pad', size_divisor=32), dict(type='DefaultFormatBundle'), dict(type='Collect', keys=['img', 'gt_bboxes'])]\nworkflow = [('train', 1)]",
    [
      "{ type: 'Resize', scale: [1333, 800] }, { type: 'RandomFlip', prob: 0.5 }, { type: 'PackDetInputs' }",
      "dataPreprocessor: { type: 'ImgDataPreprocessor', mean: [1.5], std: [2.5], bgrToRgb: true, padSizeDivisor: 32 }",
    ],
  ],
  [
    'test-time pipeline of one scale',
    "test_pipeline = [dict(type='MultiScaleFlipAug', img_scale=(4, 3), flip=False, transforms=[dict(type='Resize', keep_ratio=True), dict(type='RandomFlip'), dict(type='ImageToTensor', keys=['img']), dict(type='Collect', keys=['img', 'gt_bboxes'])])]\nworkflow = [('train', 1)]",
    ["const test_pipeline = [{ type: 'Resize', scale: [4, 3], keep_ratio: true }, { type: 'PackDetInputs' }]"],
  ],
  [
    'train_cfg of the model',
    "model = dict(type='RPN')\ntrain_cfg = dict(rpn=1)\nworkflow = [('train', 1)]",
    ['train_cfg: { rpn: 1 }'],
  ],
];

describe('a config of MMCV 1.x', () => {
  it.each(rows)('%s', async (_, python, parts) => {
    const { text, style } = await migrated(python);
    expect(style).toBe('mmcv');
    for (const part of parts) expect(text).toContain(part);
  });

  it.each([
    ["runner = dict(type='PanopticRunner', max_epochs=1)", 'the runner PanopticRunner'],
    ["lr_config = dict(policy='cyclic')", 'the policy "cyclic"'],
    ["log_config = dict(interval=1, hooks=[dict(type='PaviLoggerHook')])", 'the logger PaviLoggerHook'],
    ["workflow = [('train', 1), ('val', 1)]", 'a workflow of several modes'],
    ['checkpoint_config = dict(interval=1, create_symlink=False)', 'checkpoint_config.create_symlink'],
    ["optimizer_config = dict(type='MyOptimizerHook')", 'the optimizer hook MyOptimizerHook'],
    ['workflow = []\nfind_unused_parameters = True', 'find_unused_parameters has no counterpart'],
  ])('warns, with the place: %s', async (python, message) => {
    const { warnings } = await migrated(python);
    expect(warnings.map((warning) => warning.message).join('\n')).toContain(message);
    expect(warnings[0]?.at).toMatchObject({ file: '/cfg/a.py', line: python.split('\n').length });
  });

  it('that extends another says only what it says itself, and knows the schedule that it changes', async () => {
    const base = `${optimizer}lr_config = dict(policy='step', step=[8, 11])\n${runner}`;
    const child = "_base_ = './b.py'\nlr_config = dict(step=[16, 22])\nrunner = dict(max_epochs=24)\n";
    const { text, style } = await migrated(child, { '/cfg/b.py': base });
    expect(style).toBe('mmcv');
    expect(text).toContain(
      "paramScheduler: [{ type: 'MultiStepLR', milestones: [16, 22], gamma: 0.1, byEpoch: true, begin: 0, end: 24 }]",
    );
    expect(text).toContain('trainCfg: { maxEpochs: 24 }');
    expect(text).not.toContain('optimWrapper');
  });

  it('is told from one of MMEngine', async () => {
    expect((await migrated("optim_wrapper = dict(optimizer=dict(type='SGD'))")).style).toBe('mmengine');
  });
});
