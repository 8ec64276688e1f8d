import { fileURLToPath } from 'node:url';
import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from './harness/replay.js';
import { replayCorrupted } from './harness/testing.js';
import { area } from './metrics.js';

const file = fileURLToPath(new URL('../golden/numerics/metrics.json', import.meta.url));
const backend = cpu();
beforeAll(() => backend.init());

interface Rank {
  metrics: Record<string, number>;
  seen: number[];
  seen_batches: number[][];
  results_left: number[];
}
interface Data {
  multi_rank: { id: string; ranks: Rank[]; rank_indices: number[][] }[];
  prefix: { metrics: Record<string, number> }[];
  duplicate_name: { type: string; message: string };
  truncation: { entries_seen_by_compute: number }[];
  offline: { process_calls: unknown[]; metrics: Record<string, number> }[];
  get_metric_value: { value?: number; raises: { type: string; message: string } | null }[];
  dump_results: { returned: object; pickled: { k: number }[]; bad_path: { type: string } };
}

const rank = (data: Data, id: string): Rank => data.multi_rank.find((item) => item.id === id)?.ranks[0] as Rank;

describe('parity area metrics', () => {
  it('passes every case', async () => {
    const { passed, total, failures, maxError } = await replayFile(area, file, { backend });
    expect(failures).toEqual([]);
    expect({ passed, total }).toEqual({ passed: 38, total: 38 });
    expect(maxError).toBeLessThan(1e-5);
  });

  const changes: [string, string, (data: Data) => void][] = [
    ['a percentage', '01-world1', (data) => void ((rank(data, '01-world1').metrics['acc/top2'] as number) += 0.001)],
    ['a count', '01-world1', (data) => void ((rank(data, '01-world1').metrics['pb/batches'] as number) += 1)],
    ['a missing value', '01-world1', (data) => void delete rank(data, '01-world1').metrics['acc/top5']],
    ['an order', '01-world1', (data) => void rank(data, '01-world1').seen.reverse()],
    ['an order of batches', '00-world1', (data) => void rank(data, '00-world1').seen_batches.pop()],
    ['results that stay', '00-world1', (data) => void (rank(data, '00-world1').results_left[1] = 1)],
    ['samples of a rank', '00-world1', (data) => void data.multi_rank[0]?.rank_indices[0]?.reverse()],
    ['a prefix', 'prefix[2]', (data) => void Object.assign(data.prefix[2] as object, { metrics: { a: 1, b: 0.5 } })],
    ['a kind of error', 'duplicate_name.type', (data) => void (data.duplicate_name.type = 'TypeError')],
    ['a name', 'duplicate_name.message', (data) => void (data.duplicate_name.message = 'same metric name b.')],
    [
      'a truncation',
      'truncation[1]',
      (data) => void ((data.truncation[1] as { entries_seen_by_compute: number }).entries_seen_by_compute = 5),
    ],
    ['a chunk', 'offline[1]', (data) => void data.offline[1]?.process_calls.pop()],
    ['offline values', 'offline[0]', (data) => void ((data.offline[0] as { metrics: object }).metrics = { n: 6 })],
    [
      'a metric value',
      'get_metric_value[0]',
      (data) => void ((data.get_metric_value[0] as { value: number }).value = 2),
    ],
    [
      'a missing refusal',
      'get_metric_value[3]',
      (data) => void ((data.get_metric_value[3] as { raises: null }).raises = null),
    ],
    [
      'another refusal',
      'get_metric_value[4]',
      (data) =>
        void ((data.get_metric_value[4] as { raises: object }).raises = { type: 'ValueError', message: 'multiple' }),
    ],
    ['values of a dump', 'dump_results.returned', (data) => void (data.dump_results.returned = { n: 1 })],
    ['the refusal of a path', 'dump_results.bad_path', (data) => void (data.dump_results.bad_path.type = 'TypeError')],
  ];
  it.each(changes)('notices %s that is wrong', async (_, id, change) => {
    const { failures } = await replayCorrupted<Data>(area, { file, backend, id, change });
    expect(failures.map((failure) => failure.id)).toEqual([id]);
  });
});
