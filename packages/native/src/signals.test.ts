/** That signals do no harm, in a process of its own under the profiler, which sends one every millisecond. Runs the built package. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { loadFfi, signalBlocker } from './ffi.js';
import { findLibrary } from './find-library.js';

const library = findLibrary('node');
const skipped = library === undefined ? ' (no TensorFlow library here: engine backend install node)' : '';
const root = fileURLToPath(new URL('..', import.meta.url));

const script = `
import { DT, findLibrary, TensorFlow } from '@engine/native';
const runtime = new TensorFlow(findLibrary('node'), { threads: 2 });
const a = runtime.upload(DT.float32, [64, 400], new Float32Array(64 * 400).fill(1));
const b = runtime.upload(DT.float32, [400, 120], new Float32Array(400 * 120).fill(1));
const T = { name: 'T', setting: 'type', value: DT.float32 };
let sum = 0;
for (let i = 0; i < 3000; i++) {
  const [product] = runtime.execute('MatMul', [a, b], [T], 1);
  if (i % 1000 === 0) sum += runtime.download(product)[7];
  runtime.free(product);
}
process.stdout.write(String(sum));
`;

describe.skipIf(library === undefined)(`signals${skipped}`, () => {
  it('do not disturb products of matrices', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'engine-profile-'));
    const profile = ['--cpu-prof', '--cpu-prof-dir', folder];
    try {
      const args = [...profile, '--input-type=module', '-e', script];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { cwd: root, timeout: 100_000 });
      expect(stderr).toBe('');
      expect(stdout).toBe('1200');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('signalBlocker', () => {
  it.skipIf(process.platform !== 'linux')('holds a signal back until the end, nested or not', async () => {
    const withoutSignals = signalBlocker(loadFfi());
    const raise = loadFfi().load(null).func('int raise(int signal)');
    const pending = loadFfi().load(null).func('int sigpending(void* set)');
    const set = new Uint8Array(128);
    const SIGUSR2 = 12;
    const isPending = (): boolean => {
      pending(set);
      return ((set[(SIGUSR2 - 1) >> 3] as number) & (1 << ((SIGUSR2 - 1) & 7))) !== 0;
    };
    const heard = new Promise<string>((resolve) => process.once('SIGUSR2', resolve));
    withoutSignals(() => {
      withoutSignals(() => raise(SIGUSR2));
      expect(isPending()).toBe(true);
    });
    expect(isPending()).toBe(false);
    expect(await heard).toBe('SIGUSR2');
  });

  it('lets errors through and ends all the same', () => {
    const withoutSignals = signalBlocker(loadFfi());
    expect(() =>
      withoutSignals(() => {
        throw new Error('inside');
      }),
    ).toThrow('inside');
    expect(withoutSignals(() => 3)).toBe(3);
  });
});
