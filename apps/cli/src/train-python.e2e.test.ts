import { afterEach, expect, it } from 'vitest';
import { digitFiles, engine, folderOf, scalarRows } from './testing.js';

let folder: ReturnType<typeof folderOf> | undefined;
afterEach(() => folder?.remove());

/** As an OpenMMLab user writes it: snake case, a base, tuples, a scope. */
const files = {
  '_base_/runtime.py':
    "default_scope = 'mmengine'\nrandomness = dict(seed=3)\ndefault_hooks = dict(logger=dict(type='LoggerHook', interval=1))\n",
  'lenet5_mnist.py': `_base_ = './_base_/runtime.py'
data_root = '{{ fileDirname }}/data'
batch_size = 10
backend = dict(type='wasm', threads=1)
model = dict(type='LeNet5', num_classes=10)
data_preprocessor = dict(type='ImgDataPreprocessor', mean=(33.3184, ), std=[78.5675])
train_dataloader = dict(
    batch_size=batch_size,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='MNIST', root=data_root, train=True))
val_dataloader = dict(batch_size=batch_size, dataset=dict(type='MNIST', root=data_root, train=False))
val_cfg = dict()
val_evaluator = dict(type='Accuracy')
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=2)
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1, momentum=0.9))
param_scheduler = [dict(type='LinearLR', start_factor=0.5, by_epoch=False, end=6)]
`,
};

it('trains from an MMEngine config', async () => {
  folder = folderOf({ ...digitFiles(), ...files });
  const { code, err } = await engine(
    ['train', 'lenet5_mnist.py', '--work-dir', 'out', '--cfg-options', 'optim_wrapper.optimizer.lr=0.05'],
    folder.path,
  );
  expect([code, err]).toEqual([0, '']);
  const rows = scalarRows(folder, 'out').filter((row) => row.loss !== undefined);
  expect(rows.length).toBeGreaterThanOrEqual(8);
  expect(rows.every((row) => Number.isFinite(row.loss))).toBe(true);
}, 240_000);
