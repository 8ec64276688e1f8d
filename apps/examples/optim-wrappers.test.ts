// docs/optim-wrappers.md shows the example as it is, and the example learns.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { wasm } from '@engine/backend-wasm';
import { MemoryStorage } from '@engine/fileio';
import { Runner, readCheckpoint } from '@engine/runner';
import { createRegistry } from '@engine/standard';
import { expect, it } from 'vitest';
import config from './gan/config.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

it.each(['model.ts', 'config.ts'])('the page shows %s as it is', (name) => {
  expect(read('docs/optim-wrappers.md')).toContain(`\`\`\`ts\n${read(`apps/examples/gan/${name}`)}\`\`\``);
});

it('the numbers that the generator makes up come to lie where the real ones do', async () => {
  const [storage, backend] = [new MemoryStorage(), wasm({ threads: 1 })];
  const lines: string[] = [];
  const sink = {
    level: 'INFO' as const,
    write: ({ message }: { readonly message: string }) => void lines.push(message),
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const runner = await Runner.fromConfig(
    { ...config, backend, workDir: '/runs/gan' },
    { storage, registry: createRegistry(), sinks: [sink] },
  );
  const { metrics } = await runner.train();
  expect(metrics?.['gap']).toBeLessThan(0.5); // 3 at first
  expect(lines.find((line) => line.startsWith('Epoch(train)'))).toMatch(
    /generator\.lr: .* discriminator\.lr: .* lossD: .* lossG: /,
  );
  const { tensors } = await readCheckpoint(storage, '/runs/gan/epoch_40.safetensors');
  expect([...tensors.keys()]).toContain('optim/discriminator/expAvgSq/discriminator.2.weight');
  await runner.dispose();
  await backend.dispose();
});
