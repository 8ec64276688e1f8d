import { fileURLToPath } from 'node:url';
import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from './harness/replay.js';
import { replayCorrupted } from './harness/testing.js';
import { area } from './samplers.js';

const fileOf = (name: string): string => fileURLToPath(new URL(`../golden/numerics/${name}.json`, import.meta.url));
const backend = cpu();
beforeAll(() => backend.init());

describe('parity area samplers', () => {
  it.each([
    ['samplers', 421],
    ['samplers_more', 33],
  ])('passes all of %s', async (name, total) => {
    const score = await replayFile(area, fileOf(name), { backend });
    expect(score.failures).toEqual([]);
    expect(score.total).toBe(total);
    expect(score.maxError).toBeLessThan(1e-6);
  });

  type Path = readonly (string | number)[];
  type Data = Record<string, { readonly id: string }[]>;

  /** Replaces what is at a path: numbers are one off, lists lose their last item, texts start with another character. */
  function damage(holder: unknown, path: Path): void {
    const [key, ...rest] = path as [string, ...string[]];
    const fields = holder as Record<string, unknown>;
    if (rest.length > 0) return damage(fields[key], rest);
    const value = fields[key];
    if (Array.isArray(value)) value.pop();
    else if (typeof value === 'number') fields[key] = value + 1;
    else fields[key] = `${String(value).startsWith('7') ? 8 : 7}${String(value).slice(1)}`;
  }

  it.each<[section: string, id: string, path: Path]>([
    ['raw', 'raw-0', ['values', 0]],
    ['randperm', 'randperm-1-0', ['values', 0]],
    ['randperm_sequence', 'seq-0', ['values', 5, 3]],
    ['streams', 'rand1-1', ['next_raw']],
    ['streams', 'rand1-1', ['ops', 0, 'values', 'data']],
    ['dropout', 'dropout-0', ['masks', 1, 'data']],
    ['dropout', 'dropout-0', ['next_raw']],
    ['init', '00-kaiming_uniform', ['values', 'data']],
    ['layers', 'layers-0', ['values', 0, 'weight', 'data']],
    ['default_sampler', 'ds-0', ['indices', 0]],
    ['infinite_sampler', 'is-0', ['length']],
    ['infinite_sampler', 'is-0', ['indices', 4]],
    ['infinite_sampler_reiterate', 'isr-0', ['first_iter_4']],
    ['batch_sampler', 'bs-10-3-False', ['batches']],
    ['batch_sampler', 'bs-10-3-False', ['batches', 1, 0]],
    ['worker_seeds', 'ws-0', ['torch_initial_seed']],
    ['worker_seeds', 'ws-0', ['python_random', 0]],
    ['worker_seeds', 'ws-0', ['numpy_random_sample', 2]],
    ['dataloader_seed_draw', 'dl-0', ['base_seed']],
  ])('notices damage in %s, %s: %j', async (section, id, path) => {
    const { failures } = await replayCorrupted<Data>(area, {
      file: fileOf('samplers'),
      backend,
      id,
      change: (data) =>
        damage(
          data[section]?.find((golden) => golden.id === id),
          path,
        ),
    });
    expect(failures.map((failure) => failure.id)).toContain(id);
  });
});
