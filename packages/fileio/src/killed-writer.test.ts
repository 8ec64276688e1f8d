import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { LocalStorage } from './local-storage.js';

/** Child processes cannot load TypeScript on Node 20: they use what `npm run build` made. */
const built = fileURLToPath(new URL('../dist/index.js', import.meta.url));
const core = fileURLToPath(new URL('../../core/dist/index.js', import.meta.url));

/** Locks, then saves one file over and over, slowly, until it is killed. */
const writer = `
import { LocalStorage } from ${JSON.stringify(built)};
const [folder] = process.argv.slice(2);
const storage = new LocalStorage();
await storage.lock(folder + '/run');
process.send('locked');
for (let round = 1; ; round = (round % 250) + 1) {
  await storage.putAtomic(folder + '/file', (function* () { for (let i = 0; i < 200; i += 1) yield new Uint8Array(10_000).fill(round); })());
  if (round === 1) process.send('saved');
}`;

describe.runIf(existsSync(built) && existsSync(core))('a writer killed at a random moment', () => {
  it('leaves a whole file, a lock that can be taken, and nothing that the next save does not remove', {
    timeout: 120_000,
  }, async () => {
    const storage = new LocalStorage();
    const root = await mkdtemp(join(tmpdir(), 'engine-killed-'));
    try {
      await writeFile(join(root, 'writer.mjs'), writer);
      for (let round = 0; round < 4; round += 1) {
        const folder = join(root, String(round));
        const child = fork(join(root, 'writer.mjs'), [folder], { execArgv: [], env: {} });
        await new Promise<void>((resolve, reject) => {
          child.on('message', (message) => message === 'saved' && resolve());
          child.on('exit', (code) => reject(new Error(`writer ended with ${code}`)));
        });
        await expect(storage.lock(join(folder, 'run'))).rejects.toThrow('ENGINE_FILEIO_LOCKED');
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 40));
        child.removeAllListeners('exit');
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGKILL');
        await ended;

        const bytes = await storage.get(join(folder, 'file'));
        expect(bytes.length).toBe(2_000_000);
        expect(new Set(bytes).size).toBe(1);
        const release = await storage.lock(join(folder, 'run'));
        await storage.putAtomic(join(folder, 'file'), new Uint8Array(1));
        await release();
        expect(await readdir(folder)).toEqual(['file']);
      }
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  });
});
