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
    expect(score.failures.filter(({ error }) => !/there is no layer \w+ yet$/.test(error))).toEqual([]);
    expect(score.total).toBe(total);
    expect(score.maxError).toBeLessThan(1e-6);
  });

  interface Encoded {
    data: string;
  }
  // biome-ignore lint/suspicious/noExplicitAny: sections have shapes of their own
  type Golden = Record<string, any>;
  interface Data {
    [section: string]: Golden[];
  }
  /** Flips the lowest bit of the last value. */
  const flip = (tensor: unknown): void => {
    const bytes = Buffer.from((tensor as Encoded).data, 'base64');
    bytes[bytes.length - 4] = (bytes[bytes.length - 4] as number) ^ 1;
    (tensor as Encoded).data = bytes.toString('base64');
  };
  const bump = (list: unknown): void => {
    (list as number[])[0] = ((list as number[])[0] as number) + 1;
  };
  const changes: [string, string, (golden: Golden) => void][] = [
    ['raw', 'raw-0', ({ values }) => bump(values)],
    ['randperm', 'randperm-1-0', ({ values }) => bump(values)],
    ['randperm_sequence', 'seq-0', ({ values }) => bump(values[5])],
    ['streams', 'rand1-1', (golden) => void (golden['next_raw'] = 5)],
    ['streams', 'rand1-1', ({ ops }) => flip((ops[0] as unknown as { values: Encoded }).values)],
    ['dropout', 'dropout-0', ({ masks }) => flip(masks[1])],
    [
      'init',
      '00-kaiming_uniform',
      ({ values }) => void ((values as Encoded).data = `AAAA${(values as Encoded).data.slice(4)}`),
    ],
    ['layers', 'layers-0', ({ values }) => void delete (values[0] as Record<string, unknown>)['bias']],
    ['default_sampler', 'ds-0', ({ indices }) => bump(indices)],
    ['infinite_sampler', 'is-0', (golden) => void (golden['length'] = 2)],
    ['infinite_sampler_reiterate', 'isr-0', ({ second_iter_5 }) => (second_iter_5 as number[]).push(4)],
    ['batch_sampler', 'bs-10-3-False', ({ batches }) => void (batches as number[][]).pop()],
    ['worker_seeds', 'ws-0', ({ python_random }) => bump(python_random)],
    ['worker_seeds', 'ws-0', ({ numpy_random_sample }) => bump(numpy_random_sample)],
    ['dataloader_seed_draw', 'dl-0', (golden) => void (golden['base_seed'] = '900450186894289456')],
  ];
  it.each(changes)('notices a damaged %s', { timeout: 30_000 }, async (section, id, change) => {
    const { failures } = await replayCorrupted<Data>(area, {
      file: fileOf('samplers'),
      backend,
      id,
      change: (data) => change(data[section]?.find((golden) => golden['id'] === id) as Golden),
    });
    expect(failures.map((failure) => failure.id)).toContain(id);
  });
});
