import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pinned } from './pnpm.mjs';

const module = fileURLToPath(new URL('pnpm.mjs', import.meta.url));
let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'bin-'));
});
afterEach(() => rm(bin, { recursive: true }));

async function program(name: string, script: string): Promise<void> {
  await mkdir(dirname(join(bin, name)), { recursive: true });
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
}

/** What `pnpmEnvironment` finds when only our programs and the system's are on PATH. */
function find(remembered?: string): Promise<{ code: number; output: string }> {
  const script = `
    import { pnpmEnvironment } from ${JSON.stringify(module)};
    try {
      const { folder, env } = await pnpmEnvironment(${JSON.stringify(remembered)});
      console.log(JSON.stringify({ folder, first: env.PATH.split(':')[0] }));
    } catch (error) { console.log(error.summary); process.exitCode = 1; }
  `;
  const env = { ...process.env, PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin` };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: (stdout + stderr).trim() });
    });
  });
}

describe.skipIf(process.platform === 'win32')('the pinned pnpm', () => {
  it('is the one on PATH when that is it', async () => {
    await program('pnpm', `echo ${pinned}`);
    expect(JSON.parse((await find()).output)).toEqual({ folder: '', first: bin });
  });

  it('is fetched by npx when PATH has another, and remembered', async () => {
    const cache = join(bin, '_npx/abc/bin');
    await program('pnpm', 'echo 9.0.0');
    await program('npx', `PATH="${cache}:$PATH"; export PATH; while [ "$1" != -c ]; do shift; done; sh -c "$2"`);
    await program('_npx/abc/bin/pnpm', `echo ${pinned}`);
    expect(JSON.parse((await find()).output)).toEqual({ folder: cache, first: cache });
    await program('npx', 'exit 1');
    expect(JSON.parse((await find(cache)).output)).toEqual({ folder: cache, first: cache });
  });

  it('is missed in words when it cannot be fetched', async () => {
    await program('pnpm', 'exit 1');
    await program('npx', 'echo no network >&2; exit 1');
    const { code, output } = await find();
    expect(code).toBe(1);
    expect(output).toContain(`npx could not fetch pnpm@${pinned}`);
    expect(output).toContain('no network');
  });
});
