import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');

/** Runs Vitest on one fixture with the setup file of the house. */
function runFixture(name: string): Promise<{ code: number; output: string }> {
  const args = [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--config',
    join(here, 'fixtures/vitest.config.ts'),
    name,
  ];
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
    execFile(process.execPath, args, { cwd: here, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, output: stdout + stderr }),
    );
  });
}

describe('the setup file of all tests', () => {
  it('lets a clean test pass', async () => {
    expect(await runFixture('clean.ts')).toMatchObject({ code: 0 });
  });

  it.each([
    ['leaked tensors', 'leaks.ts', /2 tensors are still alive .* 2 in "keeps two tensors"/],
    ['console output', 'prints.ts', /A test prints nothing[\s\S]*console\.warn\(something, 7\)/],
    ['an unhandled rejection', 'rejects.ts', /nobody catches this/],
  ])('fails a test for %s', async (_, name, message) => {
    const { code, output } = await runFixture(name);
    expect(output).toMatch(message);
    expect(code).toBe(1);
  });
});
