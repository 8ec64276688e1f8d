import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWhole } from './read-whole.js';

describe.each([
  ['waiting, as in a worker thread', true],
  ['in the thread pool', false],
])('readWhole, %s', (_, waits) => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'read-whole-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([0, 1, 300_000])('gives all of a file of %i bytes', async (size) => {
    const content = new Uint8Array(randomBytes(size));
    await writeFile(join(folder, 'a'), content);
    const bytes = await readWhole(join(folder, 'a'), waits);
    expect(bytes.byteOffset).toBe(0);
    expect(bytes).toEqual(content);
  });

  it('fails as the system does', async () => {
    await expect(readWhole(join(folder, 'none'), waits)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(readWhole(folder, waits)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
