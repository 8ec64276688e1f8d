import { afterEach, describe, expect, it } from 'vitest';
import { engine, folderOf } from '../../testing.js';

let folder: ReturnType<typeof folderOf> | undefined;
afterEach(() => folder?.remove());

const files = {
  'base.yaml': 'optimWrapper:\n  optimizer: { type: SGD, lr: 0.1 }\nworkDir: runs/a\n',
  'child.json':
    '{\n  // a comment\n  "_base_": "base.yaml",\n  "optimWrapper": { "optimizer": { "momentum": 0.9 } }\n}\n',
};

describe('engine config print', () => {
  it('merges bases and overrides', async () => {
    folder = folderOf(files);
    const { code, out } = await engine(
      ['config', 'print', 'child.json', '--json', '--cfg-options', 'optimWrapper.optimizer.lr=5e-4', 'workDir=b'],
      folder.path,
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      optimWrapper: { optimizer: { type: 'SGD', lr: 5e-4, momentum: 0.9 } },
      workDir: 'b',
    });
  });

  it('prints YAML unless told otherwise', async () => {
    folder = folderOf(files);
    const { out } = await engine(['config', 'print', 'base.yaml'], folder.path);
    expect(out).toBe('optimWrapper:\n  optimizer:\n    type: SGD\n    lr: 0.1\nworkDir: runs/a\n');
  });

  it('points to the place of a syntax error', async () => {
    folder = folderOf({ 'broken.yaml': 'a: 1\nb: [1, 2\n' });
    const { code, err } = await engine(['config', 'print', 'broken.yaml'], folder.path);
    expect(code).toBe(2);
    expect(err).toMatch(/ENGINE_CONFIG_SYNTAX[\s\S]*broken\.yaml:\d+/);
  });

  it('refuses an override that is none', async () => {
    folder = folderOf(files);
    const { code, err } = await engine(['config', 'print', 'base.yaml', '--cfg-options', 'justakey'], folder.path);
    expect(code).toBe(2);
    expect(err).toContain('ENGINE_CONFIG_BAD_OPTION');
  });
});

const python = {
  'base.py': "model = dict(type='Tower', scale=(1, 2.0))\n",
  'main.py': "_base_ = 'base.py'\nmodel = dict(depth=50)\n",
  'broken.py': 'a = b\n',
};

describe('engine config print of Python configs', () => {
  it('keeps tuples and floats in JSON', async () => {
    folder = folderOf(python);
    const { code, out } = await engine(
      ['config', 'print', 'main.py', '--json', '--cfg-options', 'model.depth=(3,4.0)'],
      folder.path,
    );
    expect(code).toBe(0);
    expect(out.replace(/\s/g, '')).toBe(
      '{"model":{"type":"Tower","scale":{"__tuple__":[1,2.0]},"depth":{"__tuple__":[3,4.0]}}}',
    );
  });

  it('prints YAML and Python', async () => {
    folder = folderOf(python);
    expect((await engine(['config', 'print', 'main.py'], folder.path)).out).toBe(
      'model:\n  type: Tower\n  scale:\n    - 1\n    - 2\n  depth: 50\n',
    );
    expect((await engine(['config', 'print', 'main.py', '--py'], folder.path)).out).toBe(
      "model = dict(\n    depth=50, scale=(\n        1,\n        2.0,\n    ), type='Tower')\n",
    );
    expect((await engine(['config', 'print', 'main.py', '--ts'], folder.path)).out).toContain("type: 'Tower'");
  });

  it('prints TypeScript and TOML, of TOML and of Python', async () => {
    folder = folderOf({ ...python, 'cfg.toml': 'workDir = "a"\n[optimWrapper.optimizer]\ntype = "SGD"\nlr = 0.1\n' });
    const printed = async (...args: string[]) => (await engine(['config', 'print', ...args], folder?.path ?? '')).out;
    expect(await printed('cfg.toml', '--ts')).toMatch(
      /defineConfig\(\{\n {2}workDir: 'a',\n {2}optimWrapper: \{ optimizer: \{ type: 'SGD', lr: 0\.1 \} \},\n\}\)/,
    );
    folder.write('again.toml', await printed('cfg.toml', '--toml'));
    expect(JSON.parse(await printed('again.toml', '--json'))).toEqual({
      workDir: 'a',
      optimWrapper: { optimizer: { type: 'SGD', lr: 0.1 } },
    });
    expect(await printed('main.py', '--toml')).toBe('[model]\ntype = "Tower"\nscale = [ 1, 2 ]\ndepth = 50\n');
    expect(await printed('main.py', '--ts')).toContain("model: { type: 'Tower', scale: [1, 2], depth: 50 }");
    folder.write('none.py', 'a = None\n');
    const none = await engine(['config', 'print', 'none.py', '--toml'], folder.path);
    expect([none.code, none.err]).toEqual([2, expect.stringContaining('ENGINE_CONFIG_NOT_IN_TOML')]);
  });

  it('finds the packages of bases for every format', async () => {
    folder = folderOf({
      'sites/mmdet/.mim/model-index.yml': 'Import: []\n',
      'sites/mmdet/.mim/configs/a/base.py': "model = dict(type='Net')\n",
      'main.py': "_base_ = 'mmdet::a/base.py'\n",
    });
    for (const format of ['--json', '--yaml', '--py', '--ts', '--toml']) {
      const { code, out } = await engine(
        ['config', 'print', 'main.py', format, '--package-path', 'sites'],
        folder.path,
      );
      expect([code, out], format).toEqual([0, expect.stringContaining('mmdet')]);
    }
  });

  it('prints a line for each of several, and goes on after one that is wrong', async () => {
    folder = folderOf({ ...python, 'a.yaml': 'x: 1\n' });
    const { code, out } = await engine(['config', 'print', 'base.py', 'broken.py', 'a.yaml'], folder.path);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(code).toBe(2);
    expect(lines).toMatchObject([
      { path: 'base.py', config: { model: { type: 'Tower' } } },
      { path: 'broken.py', error: { type: 'NameError', code: 'ENGINE_MMCOMPAT_UNDEFINED_NAME' } },
      { path: 'a.yaml', config: { x: 1 } },
    ]);
  });

  it('wants a config', async () => {
    const { code, err } = await engine(['config', 'print'], '/');
    expect([code, err]).toEqual([2, expect.stringContaining('ENGINE_CLI_NO_CONFIG')]);
  });
});
