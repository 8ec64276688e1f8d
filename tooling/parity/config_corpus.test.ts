import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Backend } from '@engine/core';
import { expect, it } from 'vitest';
import { area } from './config_corpus.js';
import { replayFile } from './harness/replay.js';

const golden = fileURLToPath(new URL('../golden/config/', import.meta.url));
const sites = join(golden, 'sites');
const backend = { name: 'none' } as Backend;

it('gives what the reference gives for a package of both styles', async () => {
  const score = await replayFile(area, join(golden, 'config_corpus.jsonl'), { backend, sites });
  expect([score.failures, score.passed]).toEqual([[], 12]);
});

it.each([
  ['a number', '"max_epochs":12,', '"max_epochs":13,'],
  ['an integer that becomes a float', '"end":500}', '"end":500.0}'],
  ['a hash of the source', '"pretty_sha256":"', '"pretty_sha256":"0'],
  ['an error', '"error":', '"config":'],
])('notices that %s is damaged', async (_what, sound, damaged) => {
  const folder = await mkdtemp(join(tmpdir(), 'corpus-'));
  try {
    const lines = (await readFile(join(golden, 'config_corpus.jsonl'), 'utf8')).trim().split('\n');
    // Python writes a space after : and ,; a hash of another text makes the replay look at the values
    const compact = lines.map((line) =>
      line
        .replaceAll('": ', '":')
        .replaceAll(', "', ',"')
        .replace(/"sha256_ordered":"\w+"/, '"sha256_ordered":""'),
    );
    const file = join(folder, 'config_corpus.jsonl.gz');
    await writeFile(file, gzipSync(compact.map((line) => line.replaceAll(sound, damaged)).join('\n')));
    const { failures } = await replayFile(area, file, { backend, sites });
    expect(failures.length).toBeGreaterThan(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
