/** What only a process of its own shows: that it ends by itself, and that two of them compute the same bits. Runs the built package. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const script = (threads: number): string => `
import * as tf from '@tensorflow/tfjs-core';
import { wasm } from '@engine/backend-wasm';
const backend = wasm({ threads: ${threads} });
await backend.init();
const x = tf.randomNormal([16, 20, 20, 3], 0, 1, 'float32', 1);
const label = tf.randomNormal([16, 10], 0, 1, 'float32', 2);
const w = tf.variable(tf.randomNormal([5, 5, 3, 32], 0, 0.1, 'float32', 3));
const v = tf.variable(tf.randomNormal([8 * 8 * 32, 10], 0, 0.1, 'float32', 4));
for (let i = 0; i < 5; i++) {
  tf.tidy(() => {
    const loss = () => tf.mean(tf.square(tf.sub(tf.matMul(tf.reshape(tf.maxPool(tf.relu(tf.conv2d(x, w, 1, 'valid')), 2, 2, 'valid'), [16, -1]), v), label)));
    const { grads } = tf.variableGrads(loss);
    for (const p of [w, v]) p.assign(tf.sub(p, tf.mul(grads[p.name], 0.01)));
  });
}
const bytes = Buffer.concat([w, v].map((p) => Buffer.from(p.dataSync().buffer)));
const { createHash } = await import('node:crypto');
process.stdout.write(backend.capabilities.threads + ' ' + createHash('sha256').update(bytes).digest('hex'));
`;

async function run(threads: number): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script(threads)],
    { cwd: root, timeout: 100_000 },
  );
  expect(stderr).toBe('');
  return stdout;
}

describe('a process that trains on wasm', () => {
  it('ends by itself and gives the same bits whenever it runs, with any number of threads', async () => {
    const [one, two, again] = (await Promise.all([run(1), run(2), run(2)])) as [string, string, string];
    expect(one).toMatch(/^1 [0-9a-f]{64}$/);
    expect(two).toBe(again);
    expect(two.slice(2)).toBe(one.slice(2));
  });
});
