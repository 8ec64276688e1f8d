import { afterEach, describe, expect, it } from 'vitest';
import { engine, folderOf } from '../../testing.js';

let folder: ReturnType<typeof folderOf> | undefined;
afterEach(() => folder?.remove());

const files = {
  'base.yaml': 'optimWrapper:\n  optimizer: { type: SGD, lr: 0.1, momentum: 0.9 }\n',
  'middle.toml': '_base_ = "base.yaml"\n[optimWrapper.optimizer]\nlr = 0.001\n',
  'config.json': '{\n  "_base_": "middle.toml",\n  "workDir": "a",\n  "hook": { "_delete_": true }\n}\n',
};

describe('engine config explain', () => {
  it('tells where a value comes from and what it overrode', async () => {
    folder = folderOf(files);
    const { out, code } = await engine(
      [
        'config',
        'explain',
        'config.json',
        'optimWrapper.optimizer.lr',
        '--cfg-options',
        'optimWrapper.optimizer.lr=5e-4',
      ],
      folder.path,
    );
    expect(out.split('\n')).toEqual([
      'optimWrapper.optimizer.lr = 0.0005',
      '  0.0005   --cfg-options',
      '  0.001    middle.toml:3:1    overrode',
      '  0.1      base.yaml:2:27',
      '',
    ]);
    expect(code).toBe(0);
  });

  it('maps the bases of a TypeScript config to their files', async () => {
    folder = folderOf({
      'base/net.ts': 'export default {\n  model: { depth: 50 },\n};\n',
      'config.ts': "import net from './base/net.ts';\nexport default { ...net, lr: Math.sqrt(4) };\n",
    });
    const { out } = await engine(['config', 'explain', 'config.ts'], folder.path);
    expect(out.split('\n')).toEqual([
      'model.depth = 50',
      '  50   base/net.ts:2:12',
      'lr = 2',
      '  2   config.ts:2:26    computed',
      '',
    ]);
  });

  it('takes either spelling, whole sections, and prints JSON', async () => {
    folder = folderOf(files);
    const { out } = await engine(['config', 'explain', 'config.json', 'optim_wrapper', '--json'], folder.path);
    const found = JSON.parse(out) as { path: string; value: unknown; history: { value: unknown; line: number }[] }[];
    expect(found.map(({ path, value }) => [path, value])).toEqual([
      ['optimWrapper.optimizer.type', 'SGD'],
      ['optimWrapper.optimizer.lr', 0.001],
      ['optimWrapper.optimizer.momentum', 0.9],
    ]);
    expect(found[1]?.history.map(({ value, line }) => [value, line])).toEqual([
      [0.001, 3],
      [0.1, 2],
    ]);
  });

  it('knows what was removed', async () => {
    folder = folderOf({
      'base.yaml': 'optimizer: { type: SGD, momentum: 0.9 }\n',
      'config.yaml': '_base_: base.yaml\noptimizer: { _delete_: true, type: Adam }\n',
    });
    const { out } = await engine(['config', 'explain', 'config.yaml', 'optimizer.momentum'], folder.path);
    expect(out).toBe('optimizer.momentum is not set\n  0.9   base.yaml:1:25    removed by _delete_\n');
  });

  it('explains Python configs', async () => {
    folder = folderOf({
      'base.py': "model = dict(type='Net', depth=50)\n",
      'config.py': "_base_ = './base.py'\nmodel = dict(depth=18)\n",
    });
    const { out } = await engine(['config', 'explain', 'config.py', 'model.depth'], folder.path);
    expect(out).toMatch(/^model\.depth = 18\n {2}18 {3}config\.py:2:\d+\n? *.*\n {2}50 {3}base\.py:1:\d+ +overrode\n$/);
  });

  it('names the nearest key', async () => {
    folder = folderOf(files);
    const { err, code } = await engine(['config', 'explain', 'config.json', 'optimWrapper.optimiser'], folder.path);
    expect(code).toBe(2);
    expect(err).toMatch(/ENGINE_CLI_UNKNOWN_CONFIG_KEY[\s\S]*write optimWrapper\.optimizer\n/);
  });
});
