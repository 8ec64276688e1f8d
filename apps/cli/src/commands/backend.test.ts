import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { libraryFiles } from '@engine/native/install';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { libraryLine } from '../backend/library-line.js';
import { progressLine } from '../backend/progress-line.js';
import { engine, folderOf, type TestFolder } from '../testing.js';

const names = ['ENGINE_LIBRARIES', 'TENSORFLOW_LIB_DIR', 'VIRTUAL_ENV', 'CONDA_PREFIX'];
let folder: TestFolder;
let saved: (string | undefined)[];

beforeEach(() => {
  folder = folderOf();
  saved = names.map((name) => process.env[name]);
  for (const name of names) delete process.env[name];
  process.env['ENGINE_LIBRARIES'] = folder.file('libraries');
});
afterEach(() => {
  names.forEach((name, i) => {
    if (saved[i] === undefined) delete process.env[name];
    else process.env[name] = saved[i];
  });
  folder.remove();
});

/** An installed library whose files are empty. */
function pretendInstalled(): string {
  const { platform, arch } = process;
  const name = `node-2.21.0-${platform}-${arch}`;
  for (const file of libraryFiles(platform))
    folder.write(`libraries/${name}/tensorflow/${file}`, 'x'.repeat(5_000_000));
  folder.write(`libraries/${name}/library.json`, JSON.stringify({ flavour: 'node', version: '2.21.0', wheels: [] }));
  return folder.file(`libraries/${name}`);
}

describe('engine backend install', () => {
  it('says what names there are', async () => {
    const { code, err } = await engine(['backend', 'install', 'gpu']);
    expect(code).toBe(2);
    expect(err).toContain('ENGINE_NATIVE_UNKNOWN_FLAVOUR');
  });

  it('refuses a wheel that is not the pinned one, and leaves nothing behind', async () => {
    folder.write('broken.whl', 'PK and then nothing');
    const { code, err } = await engine(['backend', 'install', 'node', '--from-wheel', 'broken.whl'], folder.path);
    expect(code).toBe(2);
    expect(err).toMatch(/ENGINE_NATIVE_CHECKSUM .*broken\.whl/);
    expect(readdirSync(folder.path)).toEqual(['broken.whl']);
  });

  it('says what to do without a network', async () => {
    const { code, err } = await engine(['backend', 'install', 'node', '--offline', '--dir', 'here'], folder.path);
    expect(code).toBe(2);
    expect(err).toMatch(/ENGINE_NATIVE_OFFLINE[\s\S]*--from-wheel/);
  });

  it('uses a library that is there', async () => {
    const at = pretendInstalled();
    const { code, out } = await engine(['backend', 'install', 'node']);
    expect(code).toBe(0);
    expect(out).toContain(`already there: ${at}`);
  });
});

describe('engine backend list and remove', () => {
  it('show what is there and take it away', async () => {
    expect((await engine(['backend', 'list'])).out).toContain('engine backend install node');
    const at = pretendInstalled();
    expect((await engine(['backend', 'list'])).out).toBe(`node  TensorFlow 2.21.0  0.01 GB  ${at}\n`);
    const [listed] = JSON.parse((await engine(['backend', 'list', '--json'])).out);
    expect(listed).toMatchObject({ flavour: 'node', bytes: expect.any(Number), tested: expect.any(Boolean) });
    expect(listed.bytes).toBeGreaterThan(4_000_000);
    expect((await engine(['backend', 'remove', 'node'])).out).toContain(`Removed ${at}`);
    expect(readdirSync(dirname(at))).toEqual([]);
    expect((await engine(['backend', 'remove', 'node'])).out).toBe('No library for node is installed.\n');
  });
});

describe('libraryLine', () => {
  it('marks a library that nobody has run on this system', () => {
    const library = { flavour: 'node', version: '2.21.0', wheels: [], bytes: 8e8, folder: '/l' } as const;
    const on = (platform: string, arch: string): string => libraryLine(library, { platform, arch, env: {}, home: '/' });
    expect(on('linux', 'x64')).toBe('node  TensorFlow 2.21.0  0.80 GB  /l\n');
    expect(on('darwin', 'arm64')).toContain('/l  (untested on darwin-arm64)');
  });
});

describe('engine backend doctor', () => {
  it('says that no library is there and what to type', async () => {
    const { code, out } = await engine(['backend', 'doctor']);
    expect(code).toBe(1);
    expect(out).toMatch(/missing {2}library for node +none\n +do: engine backend install node/);
  });

  it('finds the one that is installed', async () => {
    const at = pretendInstalled();
    const { code, out } = await engine(['backend', 'doctor', '--json']);
    const findings = JSON.parse(out) as { what: string; state: string; found: string }[];
    expect(findings.find(({ what }) => what === 'library for node')).toMatchObject({
      state: 'ok',
      found: expect.stringContaining(at),
    });
    expect(code).toBe(0);
  });
});

describe('progressLine', () => {
  const collect = (isTTY: boolean): { text: () => string; line: ReturnType<typeof progressLine> } => {
    let text = '';
    return { text: () => text, line: progressLine({ isTTY, write: (more) => (text += more) }) };
  };

  it('is one line a part in a file', () => {
    const { text, line } = collect(false);
    for (const done of [1, 2, 3]) line.show({ what: 'fetch', file: '/a/b.whl', done, total: 9 });
    line.show({ what: 'verify', file: '/a/b.whl' });
    line.end();
    expect(text()).toBe('fetching b.whl\nverifying b.whl\n');
  });

  it('is a line that changes on a terminal, gone at the end', () => {
    const { text, line } = collect(true);
    line.show({ what: 'fetch', file: 'b.whl', done: 2 ** 20, total: 4 * 2 ** 20 });
    expect(text()).toBe('\rfetching b.whl  1 of 4 MiB');
    line.show({ what: 'verify', file: 'b.whl' });
    line.end();
    expect(text()).toMatch(/\rverifying b\.whl \.\.\. +\r +\r$/);
  });
});
