import { fileURLToPath } from 'node:url';
import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { area } from './ema.js';
import { replayFile } from './harness/replay.js';
import { replayCorrupted } from './harness/testing.js';

const file = fileURLToPath(new URL('../golden/numerics/ema.json', import.meta.url));
const backend = cpu();
beforeAll(() => backend.init());

interface Tensor {
  data: string;
}
interface GoldenCase {
  id: string;
  state_keys: string[];
  initial: Record<string, Tensor>;
  trace: Record<string, Tensor>[];
  raises: { type: string } | null;
}

const tensor = (state: Record<string, Tensor> | undefined, name: string): Tensor => state?.[name] as Tensor;
/** The first bytes of another number. */
const damage = (target: Tensor, data: string): void => void (target.data = data + target.data.slice(data.length));

describe('parity area ema', () => {
  it('passes every case', async () => {
    const { passed, total, failures, maxError } = await replayFile(area, file, { backend });
    expect(failures).toEqual([]);
    expect({ passed, total }).toEqual({ passed: 43, total: 43 });
    expect(maxError).toBeLessThan(1e-7);
  });

  const changes: [string, string, (golden: GoldenCase) => void][] = [
    ['an average', '001-MomentumAnnealingEMA', ({ trace }) => damage(tensor(trace[4], 'module.fc.weight'), 'AAAAAA')],
    [
      'an initial value',
      '000-ExponentialMovingAverage',
      ({ initial }) => damage(tensor(initial, 'module.fc.bias'), 'AAAA'),
    ],
    ['a count of steps', '002-StochasticWeightAverage', ({ trace }) => damage(tensor(trace[4], 'steps'), 'Aw')],
    [
      'a followed buffer',
      '003-ExponentialMovingAverage',
      ({ trace }) => damage(tensor(trace[1], 'module.bn.running_mean'), 'AAAA'),
    ],
    ['a name', '004-MomentumAnnealingEMA', ({ state_keys }) => void state_keys.pop()],
    ['a missing refusal', '037-ExponentialMovingAverage', (golden) => void (golden.raises = null)],
    [
      'a refusal of what is right',
      '005-StochasticWeightAverage',
      (golden) => void (golden.raises = { type: 'AssertionError' }),
    ],
  ];
  it.each(changes)('notices %s that is wrong', async (_, id, change) => {
    const { failures } = await replayCorrupted<{ cases: GoldenCase[] }>(area, {
      file,
      backend,
      id,
      change: (data) => change(data.cases.find((golden) => golden.id === id) as GoldenCase),
    });
    expect(failures.map((failure) => failure.id)).toEqual([id]);
  });
});
