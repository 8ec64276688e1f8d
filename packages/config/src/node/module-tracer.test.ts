import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Config } from '../config.js';
import { moduleTracer } from './module-tracer.js';
import { nodeReader } from './node-reader.js';

const EXTEND = JSON.stringify(fileURLToPath(new URL('../extend.ts', import.meta.url)));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine.trace-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function load(files: Readonly<Record<string, string>>, main = 'config.ts'): Promise<Config> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text.replaceAll('EXTEND', EXTEND));
  }
  const reader = nodeReader({ cwd: folder });
  return Config.fromFile(main, { reader, tracer: await moduleTracer(reader) });
}

const history = (config: Config, path: string) =>
  config.history(path).map(({ value, at, note }) => {
    const place = at === undefined ? 'nowhere' : `${relative(folder, at.file)}:${at.line}:${at.column}`;
    return note === undefined ? [value, place] : [value, place, note];
  });

describe('moduleTracer', () => {
  it('finds values in the file itself and in the bases that it extends', async () => {
    const config = await load({
      'base/net.ts': `import { defineConfig } from EXTEND;

export default defineConfig({
  optimWrapper: {
    optimizer: { type: 'SGD', lr: 0.1, momentum: 0.9 } as any,
  },
  customHooks: [],
});
`,
      'config.ts': `import { extendConfig } from EXTEND;
import net from './base/net.ts';

export default extendConfig([net], {
  optimWrapper: { optimizer: { lr: 1e-3 } } as any,
  workDir: \`runs\`,
});
`,
    });
    expect(config.get('optimWrapper.optimizer')).toEqual({ type: 'SGD', lr: 1e-3, momentum: 0.9 });
    expect(history(config, 'optimWrapper.optimizer.lr')).toEqual([
      [1e-3, 'config.ts:5:32'],
      [0.1, 'base/net.ts:5:31'],
    ]);
    expect(history(config, 'optimWrapper.optimizer.momentum')).toEqual([[0.9, 'base/net.ts:5:40']]);
    expect(history(config, 'customHooks')).toEqual([[[], 'base/net.ts:7:3']]);
    expect(history(config, 'workDir')).toEqual([['runs', 'config.ts:6:3']]);
  });

  it('says which property a program worked out', async () => {
    const config = await load({
      'config.ts': `const lr = 0.1;
const model = makeModel(50);
function makeModel(depth: number) { return { type: 'Net', depth }; }
export default { lr, half: lr / 2, model, steps: [1, 2].map((x) => x * 2), 'quoted key': -1, ...(lr > 0 && { extra: 1 }) };
`,
    });
    expect(history(config, 'lr')).toEqual([[0.1, 'config.ts:4:18']]);
    expect(history(config, 'half')).toEqual([[0.05, 'config.ts:4:22', 'computed']]);
    expect(history(config, 'model.depth')).toEqual([[50, 'config.ts:4:36', 'computed']]);
    expect(history(config, 'steps.1')).toEqual([[4, 'config.ts:4:43', 'computed']]);
    expect(history(config, 'quoted key')).toEqual([[-1, 'config.ts:4:76']]);
    expect(history(config, 'extra')).toEqual([[1, 'config.ts:4:94', 'computed']]);
  });

  it('follows spreads, members, re-exports, namespaces and lists', async () => {
    const config = await load({
      'parts/model.ts': `export const net = { type: 'Net', depth: 50 };\nexport const steps = [1, 2];\n`,
      'parts/index.ts': `export { net as resnet } from './model.js';\nexport { steps } from './model';\n`,
      'config.ts': `import { resnet, steps } from './parts/index.ts';
import * as parts from './parts/index';
const all = { ...resnet, depth: 18 };
export default { all, again: { ...parts.resnet }, plain: resnet, list: [...steps, 3] };
`,
    });
    expect(history(config, 'all.depth')).toEqual([[18, 'config.ts:3:26']]);
    expect(history(config, 'all.type')).toEqual([['Net', 'parts/model.ts:1:22']]);
    expect(history(config, 'again.depth')).toEqual([[50, 'parts/model.ts:1:35']]);
    expect(history(config, 'plain.depth')).toEqual([[50, 'parts/model.ts:1:35']]);
    expect(history(config, 'list.1')).toEqual([[2, 'parts/model.ts:2:26']]);
    expect(history(config, 'list.2')).toEqual([[3, 'config.ts:4:83']]);
  });

  it('meets modules that import each other, classes, and bases in other formats', async () => {
    const config = await load({
      'a.ts': `import { b } from './config.ts';\nexport const a = { x: 1 };\nexport const later = () => b;\n`,
      'config.ts': `import { a } from './a.ts';
class Own {}
export const b = 2;
export default { _base_: ['./base.yaml'], a, type: Own, y: 5 };
`,
      'base.yaml': 'y: 4\n',
    });
    expect(history(config, 'a.x')).toEqual([[1, 'a.ts:2:20']]);
    expect(history(config, 'y')).toEqual([
      [5, 'config.ts:4:57'],
      [4, 'base.yaml:1:1'],
    ]);
    expect(config.history('type')[0]?.note).toBeUndefined();
  });

  it('finds variables beside the sections', async () => {
    const config = await load({
      'base.ts': "import { defineConfig } from EXTEND;\nexport default defineConfig({ workDir: 'a' }, { size: 3 });\n",
      'config.ts':
        "import { extendConfig } from EXTEND;\nimport base from './base.ts';\nexport default extendConfig([base], {}, { size: 4, more: 1 });\n",
    });
    expect(history(config, 'size')).toEqual([
      [4, 'config.ts:3:43'],
      [3, 'base.ts:2:49'],
    ]);
    expect(history(config, 'more')).toEqual([[1, 'config.ts:3:52']]);
  });

  it('gives the same data as without it', async () => {
    const files = {
      'base.ts': 'export default { model: { a: [1, { b: 2 }] }, n: null };\n',
      'config.ts':
        "import { extendConfig } from EXTEND;\nimport base from './base.ts';\nexport default extendConfig([base as any], { model: { _delete_: true, c: 1 } } as any);\n",
    };
    const traced = await load(files);
    const plain = await Config.fromFile('config.ts', { reader: nodeReader({ cwd: folder }) });
    expect(traced.data).toEqual(plain.data);
    expect(history(traced, 'model.a.1.b')).toEqual([[2, 'base.ts:1:36']]);
  });
});
