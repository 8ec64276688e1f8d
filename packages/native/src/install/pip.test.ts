import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Surroundings } from '../folders.js';
import { pinsFor } from '../pins.js';
import { type TestFolder, testFolder } from '../testing/folder.js';
import { downloadArguments, findPip, pipDownload } from './pip.js';
import { findIndex, indexInConfig, pipConfigFiles } from './pip-config.js';

let folder: TestFolder;
beforeEach(() => {
  folder = testFolder();
});
afterEach(() => folder.remove());

const { library: pin } = pinsFor('node', 'linux', 'x64');
const env = (): NodeJS.ProcessEnv => ({ PATH: `${folder.path}:/usr/bin:/bin` });

/** A program of this name that runs a shell script. */
function program(name: string, script: string): void {
  chmodSync(folder.write(name, `#!/bin/sh\n${script}\n`), 0o755);
}

describe('pip', () => {
  it('is asked for exactly the pinned wheel, whatever its own Python is', () => {
    expect(downloadArguments(pin)).toEqual(
      expect.arrayContaining(['--no-deps', '--python-version', '3.11', '--abi', 'cp311', 'tensorflow-cpu==2.21.0']),
    );
    const [nvidia] = pinsFor('cuda', 'linux', 'x64').companions.slice(1);
    const platforms = downloadArguments(nvidia as typeof pin).filter((each) => each.startsWith('manylinux'));
    expect(platforms).toEqual(['manylinux2014_x86_64', 'manylinux_2_17_x86_64']);
  });

  it('is found by its answer, uv as well', async () => {
    expect(await findPip({ PATH: folder.path })).toBeUndefined();
    program('uvx', 'exit 0');
    expect(await findPip({ PATH: folder.path })).toEqual({ command: 'uvx', args: ['pip'] });
    program('pip', 'exit 0');
    expect((await findPip({ PATH: folder.path }))?.command).toBe('pip');
  });

  it('puts the wheel where it is told, from the index it is told', async () => {
    program('pip', 'echo "$@" > "$0.args"');
    const into = join(folder.path, 'into');
    const pip = { command: 'pip', args: [] };
    expect(await pipDownload(pip, pin, { into, index: 'http://127.0.0.1:1/simple', env: env() })).toBe(
      join(into, pin.file),
    );
  });

  it('says in its own words why it fails, without passwords', async () => {
    program('pip', 'echo "ERROR: no route to http://me:secret@127.0.0.1/simple" >&2; exit 1');
    await expect(
      pipDownload({ command: 'pip', args: [] }, pin, { into: folder.path, env: env() }),
    ).rejects.toMatchObject({
      code: 'ENGINE_NATIVE_DOWNLOAD_FAILED',
      received: 'ERROR: no route to http://***@127.0.0.1/simple',
    });
  });
});

describe('the configuration of pip', () => {
  const on = (platform: string, more: Record<string, string> = {}): Surroundings => ({
    env: more,
    platform,
    arch: 'x64',
    home: folder.path,
  });

  it('is read as pip reads it', () => {
    expect(indexInConfig('[global]\nindex-url = http://127.0.0.1/a\n')).toBe('http://127.0.0.1/a');
    expect(indexInConfig('[install]\r\nindex_url: http://127.0.0.1/b\r\n')).toBe('http://127.0.0.1/b');
    expect(indexInConfig('[freeze]\nindex-url = http://127.0.0.1/a\n# index-url = x\n')).toBeUndefined();
  });

  it('lies where each system has it, that of an environment first', () => {
    const files = pipConfigFiles(on('linux', { VIRTUAL_ENV: '/venv', PIP_CONFIG_FILE: '/mine' }));
    expect(files.slice(0, 3)).toEqual(['/mine', '/venv/pip.conf', join(folder.path, '.config/pip/pip.conf')]);
    expect(pipConfigFiles(on('win32', { APPDATA: '/app' }))).toEqual([join('/app', 'pip', 'pip.ini')]);
    expect(pipConfigFiles(on('darwin'))[0]).toContain('Application Support');
  });

  it('comes after --index and the variables', () => {
    folder.write(join('.config', 'pip', 'pip.conf'), '[global]\nindex-url = http://127.0.0.1/file\n');
    const env = { PIP_INDEX_URL: 'http://127.0.0.1/env' };
    expect(findIndex('http://127.0.0.1/flag', on('linux', env))).toEqual({
      url: 'http://127.0.0.1/flag',
      from: '--index',
    });
    expect(findIndex(undefined, on('linux', env))?.from).toBe('PIP_INDEX_URL');
    expect(findIndex(undefined, on('linux'))?.url).toBe('http://127.0.0.1/file');
  });
});
