import { Config, type ConfigReader } from '@engine/config';
import { describe, expect, it } from 'vitest';
import { memoryFiles } from '../memory-files.js';
import { pythonFormat } from './format.js';
import { PythonConfig } from './python-config.js';

const texts = {
  'base.py': "model = dict(type='Tower', depth=18, scale=(1, 2))\nlr = 0.1\n",
  'main.py':
    "import math\n_base_ = 'base.py'\n\nmodel = dict(depth=50, head=dict(out=int(2.0)))\nlr = {{_base_.lr}}\nhooks = [dict(type='A'), {1: None}]\n",
  'lazy.py':
    'import torch.nn as nn\nfrom torch.optim import SGD\nfrom .mine import Net\nfrom mine.nets import Own\n' +
    'opt = dict(type=SGD, also=[SGD])\nnet = dict(type=Net)\nown = dict(type=Own)\nact = dict(type=nn.GELU)\n',
};
const files = memoryFiles(texts);
const reader: ConfigReader = {
  resolve: files.resolve,
  readText: async (file) => files.read(file, 1e6),
  env: () => undefined,
};
const load = (file: string) => Config.fromFile(file, { reader, formats: [pythonFormat({ files })] });

describe('pythonFormat', () => {
  it('gives the data of the engine: lists for tuples, numbers, no modules', async () => {
    expect((await load('main.py')).data).toEqual({
      model: { type: 'Tower', depth: 50, scale: [1, 2], head: { out: 2 } },
      lr: 0.1,
      hooks: [{ type: 'A' }, { 1: null }],
    });
  });

  it('keeps where each value was written, and what it overrode', async () => {
    const config = await load('main.py');
    expect(config.locate('model.depth')).toMatchObject({ file: '/c/main.py', line: 4, column: 14 });
    expect(config.locate('model.type')).toMatchObject({ file: '/c/base.py', line: 1, column: 14 });
    expect(config.history('model.depth')).toMatchObject([
      { value: 50, at: { file: '/c/main.py' } },
      { value: 18, at: { file: '/c/base.py', line: 1 } },
    ]);
    expect(config.files).toEqual(['/c/base.py', '/c/main.py']);
  });

  it('names imported classes: those of known packages by their path, those of your own modules by their name', async () => {
    expect((await load('lazy.py')).data).toEqual({
      opt: { type: 'torch.optim.SGD', also: ['torch.optim.SGD'] },
      net: { type: 'Net' },
      own: { type: 'Own' },
      act: { type: 'torch.nn.GELU' },
    });
  });
});

describe('PythonConfig', () => {
  it('is written down and read again', () => {
    const config = PythonConfig.fromFile('main.py', { files });
    const again = PythonConfig.fromString(config.prettyText, '.py', { files });
    expect(again.prettyText).toBe(config.prettyText);
    expect(config.dump('json')).toContain('"scale": [1, 2]');
    expect(config.dump('yaml')).toContain('scale: !!python/tuple\n  - 1\n  - 2\n');
    expect(PythonConfig.diff(config, again)).toBe('\n');
    expect(config.text).toContain('/c/base.py\nmodel');
  });

  it('is copied so that the copy goes its own way', () => {
    const config = PythonConfig.fromFile('main.py', { files });
    const copy = config.copy();
    copy.values.set('lr', 5);
    expect([config.values.get('lr'), copy.values.get('lr'), copy.text]).toEqual([0.1, 5, config.text]);
  });
});
