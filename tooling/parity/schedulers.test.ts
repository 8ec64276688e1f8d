import { fileURLToPath } from 'node:url';
import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from './harness/replay.js';
import { replayCorrupted } from './harness/testing.js';
import { area } from './schedulers.js';

const file = fileURLToPath(new URL('../golden/numerics/schedulers.json', import.meta.url));
const backend = cpu();
beforeAll(() => backend.init());

describe('parity area schedulers', () => {
  it('passes every case', async () => {
    const { passed, total, failures } = await replayFile(area, file, { backend });
    expect(failures).toEqual([]);
    expect({ passed, total }).toEqual({ passed: 134, total: 134 });
  });

  interface Data {
    cases: {
      id: string;
      values: { lr: number[][] };
      state_dicts: Record<string, unknown>[];
      last_values: number[][];
      param_groups_after: Record<string, unknown>[];
      raises: { type: string } | null;
    }[];
  }
  type GoldenCase = Data['cases'][number];
  const changes: [string, string, (golden: GoldenCase) => void][] = [
    ['a value', '002-canonical', ({ values }) => void ((values.lr[3] as number[])[0] = 0.04166667)],
    ['a missing record', '002-canonical', ({ values }) => void values.lr.pop()],
    [
      'a state field',
      '002-canonical',
      ({ state_dicts }) => void ((state_dicts[0] as Record<string, unknown>)['last_step'] = 3),
    ],
    ['a last value', '002-canonical', ({ last_values }) => void ((last_values[0] as number[])[0] = 0.051)],
    [
      'a group',
      '002-canonical',
      ({ param_groups_after }) => void ((param_groups_after[0] as Record<string, unknown>)['initial_lr'] = 0.06),
    ],
    [
      'a state of one cycle',
      '016-canonical',
      ({ state_dicts }) =>
        void ((state_dicts[0] as { _schedule_phases: { end_step: number }[] })._schedule_phases[1] = { end_step: 7 }),
    ],
    [
      'a count of bad epochs',
      '110-ReduceOnPlateau-LR',
      ({ state_dicts }) => void ((state_dicts[0] as Record<string, unknown>)['num_bad_epochs'] = 1),
    ],
    ['a refusal', '123-raises', (golden) => void (golden.raises = { type: 'KeyError' })],
  ];
  it.each(changes)('notices %s that is wrong', async (_, id, change) => {
    const score = await replayCorrupted(area, {
      file,
      backend,
      id,
      change: (data: Data) => change(data.cases.find((golden) => golden.id === id) as GoldenCase),
    } as Parameters<typeof replayCorrupted>[1]);
    expect(score.failures.map((failure) => failure.id)).toContain(id);
  });
});
