import { afterEach, describe, expect, it } from 'vitest';
import { engine, folderOf } from '../../testing.js';

let folder: ReturnType<typeof folderOf> | undefined;
afterEach(() => folder?.remove());

const files = {
  'a.yaml': 'train_cfg: { maxEpochs: 3 }\nlr: 0.1\n',
  'b.json': '{ "trainCfg": { "maxEpochs": 5 }, "lr": 0.1 }',
};

describe('engine config diff', () => {
  it('compares across formats and spellings, with places', async () => {
    folder = folderOf(files);
    const { out, code } = await engine(['config', 'diff', 'a.yaml', 'b.json'], folder.path);
    expect(out).toBe('- train_cfg.maxEpochs = 3   a.yaml:1:14\n+ train_cfg.maxEpochs = 5   b.json:1:17\n');
    expect(code).toBe(1);
  });

  it('prints JSON, and nothing for equal configs', async () => {
    folder = folderOf(files);
    const { out } = await engine(['config', 'diff', 'a.yaml', 'b.json', '--json'], folder.path);
    expect(JSON.parse(out)).toMatchObject([{ path: 'train_cfg.maxEpochs', kind: 'changed', before: 3, after: 5 }]);
    expect(await engine(['config', 'diff', 'a.yaml', 'a.yaml'], folder.path)).toEqual({ code: 0, out: '', err: '' });
  });
});
