import { readFileSync } from 'node:fs';
import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReplayResult } from '../harness/area.js';
import type { ModelCase } from './models.js';
import { type ParamwiseCase, replayParamwise } from './paramwise.js';

beforeAll(() => cpu().init());

interface Golden {
  paramwise: ParamwiseCase[];
  readonly models: Readonly<Record<string, ModelCase>>;
}
const text = readFileSync(new URL('../../golden/numerics/optimwrapper.json', import.meta.url), 'utf8');

async function replay(change: (golden: Golden) => unknown = () => undefined): Promise<ReplayResult[]> {
  const golden = JSON.parse(text) as Golden;
  change(golden);
  const results: ReplayResult[] = [];
  for await (const result of replayParamwise(golden.paramwise, golden.models)) results.push(result);
  return results;
}
const failures = (results: readonly ReplayResult[]) => results.filter(({ ok }) => !ok);

describe('groups of paramwiseCfg', () => {
  it('are those of MMEngine, to the bit', async () => {
    const results = await replay();
    expect(failures(results)).toEqual([]);
    expect(results).toHaveLength(58);
  });

  const changes: [what: string, id: string, change: (golden: ParamwiseCase) => unknown][] = [
    ['a learning rate', '000', ({ groups }) => Object.assign(groups?.[3] ?? {}, { lr: 0.33041009 })],
    ['a weight decay', '005', ({ groups }) => Object.assign(groups?.[4] ?? {}, { weight_decay: 0 })],
    ['a multiplier that is not kept', '009', ({ groups }) => Object.assign(groups?.[10] ?? {}, { lr_mult: 3 })],
    ['a name', '017', ({ groups }) => Object.assign(groups?.[2] ?? {}, { params: [['stem.weight']] })],
    [
      'another name of a shared tensor',
      '038',
      ({ groups }) => (groups?.at(-1)?.params[0] as string[] | undefined)?.push('more'),
    ],
    ['a missing group', '047', ({ groups }) => (groups as unknown[] | undefined)?.pop()],
    ['get_lr', '012', ({ get_lr }) => (get_lr?.lr as number[] | undefined)?.reverse()],
    ['a refusal', '048', (golden) => Object.assign(golden, { raises: { type: 'KeyError', message: '' } })],
    ['a refusal too many', '052', (golden) => Object.assign(golden, { raises: { type: 'ValueError', message: '' } })],
    ['a model that is not there', '004', (golden) => Object.assign(golden, { model: 'nowhere' })],
  ];
  it.each(changes)('notice %s that is wrong', async (_, id, change) => {
    const only = (golden: Golden) => {
      golden.paramwise = golden.paramwise.filter((each) => each.id === id);
      return golden.paramwise[0] as ParamwiseCase;
    };
    expect(failures(await replay(only))).toEqual([]);
    expect(failures(await replay((golden) => change(only(golden)))).map((failure) => failure.id)).toEqual([id]);
  });
});
