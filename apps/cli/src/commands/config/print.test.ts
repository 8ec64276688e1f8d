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
