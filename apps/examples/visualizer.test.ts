// The example of a visualization backend of one's own, held to the rules for backends, and the page that shows it.
import { readFileSync } from 'node:fs';
import { MemoryStorage } from '@engine/fileio';
import { createRegistry } from '@engine/standard';
import { describeVisBackend } from '@engine/visualization/testing';
import { describe, expect, it } from 'vitest';
import { CsvVisBackend } from './visualizer/csv-vis-backend.js';

const build = (storage: MemoryStorage) => {
  const args = { storage, saveDir: '/run', experimentName: 'digits' };
  const config = { type: 'Visualizer', visBackends: [{ type: CsvVisBackend, file: 'all.csv' }] };
  return createRegistry().build('visualizer', config, { args });
};
const textIn = async (storage: MemoryStorage, path: string) => new TextDecoder().decode(await storage.get(path));

describeVisBackend('the example', () => {
  const storage = new MemoryStorage();
  const backend = createRegistry().build('visBackend', { type: CsvVisBackend }, { args: { storage } });
  return { backend, saveDir: '/run', read: () => textIn(storage, '/run/scalars.csv') };
});

describe('CsvVisBackend', () => {
  it('writes what a visualizer is given', async () => {
    const storage = new MemoryStorage();
    const visualizer = build(storage);
    await visualizer.addScalars({ loss: 0.5, 'val/acc': 1 }, 3);
    await visualizer.close();
    expect(await textIn(storage, '/run/all.csv')).toBe('3,"loss",0.5\n3,"val/acc",1\n');
  });

  it('stands on the page as it is', () => {
    const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
    expect(read('../../docs/visualization.md')).toContain(read('./visualizer/csv-vis-backend.ts'));
  });
});
