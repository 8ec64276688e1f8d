import { fileURLToPath } from 'node:url';
import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from './harness/replay.js';
import { decode, encode, type GoldenTensor } from './harness/tensors.js';
import { replayCorrupted } from './harness/testing.js';
import { area } from './optimwrapper.js';

const file = fileURLToPath(new URL('../golden/numerics/optimwrapper.json', import.meta.url));
const backend = cpu();
beforeAll(() => backend.init());

interface Call extends Record<string, unknown> {
  weight: GoldenTensor;
  bias: GoldenTensor;
  weight_grad: GoldenTensor | null;
}
interface Data {
  accumulation: { id: string; max_counts_attr: number; remainder_attr: number; trace: Call[] }[];
  clip_grad_norm: { total_norm: number; clipped: GoldenTensor[] }[];
  lr_and_momentum: Record<string, Record<string, unknown>>[];
  constructor_errors: { args: Record<string, unknown> }[];
  paramwise: { id: string; groups: Record<string, unknown>[] }[];
}

/** The same tensor with one element off by a relative `by`. */
function nudged(tensor: GoldenTensor, by: number): GoldenTensor {
  const array = decode(tensor);
  const data = array.data as Float32Array;
  data[0] = (data[0] as number) * (1 + by) + by * 1e-3;
  return encode(array);
}

describe('parity area optimwrapper', () => {
  it('passes everything', async () => {
    const { passed, total, failures } = await replayFile(area, file, { backend });
    expect(failures).toEqual([]);
    expect({ passed, total }).toEqual({ passed: 104, total: 104 });
  });

  const call = (id: string, at: number, change: (call: Call) => void) => (data: Data) =>
    change(data.accumulation.find((golden) => golden.id === id)?.trace[at] as Call);
  const run = (id: string, fields: object) => (data: Data) =>
    void Object.assign(data.accumulation.find((golden) => golden.id === id) ?? {}, fields);

  const changes: [what: string, id: string, change: (data: Data) => void][] = [
    ...(['weight', 'bias'] as const).map((name): [string, string, (data: Data) => void] => [
      `a ${name}`,
      '004-accumulate',
      call('004-accumulate', 9, (one) => {
        one[name] = nudged(one[name], 5e-5);
      }),
    ]),
    [
      'an accumulated gradient',
      '001-accumulate',
      call('001-accumulate', 4, (one) => {
        one.weight_grad = nudged(one.weight_grad as GoldenTensor, 5e-5);
      }),
    ],
    ...(
      [
        ['a loss', '000-accumulate', 'loss', 3],
        ['a divided loss', '002-accumulate', 'scaled_loss', 3],
        ['a factor', '005-accumulate', 'loss_factor', 3],
        ['a step', '003-accumulate', 'stepped', true],
        ['a forecast of a step', '003-accumulate', 'should_sync_before', true],
        ['a count', '008-accumulate-from-the-middle', 'inner_count', 2],
        ['a norm', '013-clip-accumulate', 'grad_norm', 1],
        ['a missing norm', '012-clip', 'grad_norm', null],
        ['a kept gradient', '006-accumulate', 'grad_is_none', true],
      ] as const
    ).map(([what, id, field, value]): [string, string, (data: Data) => void] => [
      what,
      id,
      call(id, 0, (one) => void Object.assign(one, { [field]: value })),
    ]),
    [
      'a last count',
      '007-accumulate-without-count-status',
      run('007-accumulate-without-count-status', { max_counts_attr: 8 }),
    ],
    ['a remainder', '009-accumulate-from-the-middle', run('009-accumulate-from-the-middle', { remainder_attr: 1 })],
    [
      'a total norm',
      'clip_grad_norm[3]',
      ({ clip_grad_norm: [, , , one] }) => void Object.assign(one ?? {}, { total_norm: 1 }),
    ],
    [
      'a clipped gradient',
      'clip_grad_norm[0]',
      ({ clip_grad_norm: [one] }) => {
        const clipped = one?.clipped as GoldenTensor[];
        clipped[1] = nudged(clipped[1] as GoldenTensor, 1e-3);
      },
    ],
    ...(
      [
        ['get_lr', 1, { lr: [0.5, 0.2] }],
        ['get_momentum', 2, { momentum: [0.9] }],
        ['base_param_settings', 3, { eps: 1 }],
        ['n_param_groups', 0, 2],
        ['state_dict_keys', 4, []],
      ] as const
    ).map(([field, i, value]): [string, string, (data: Data) => void] => [
      field,
      `lr_and_momentum[${i}]`,
      ({ lr_and_momentum }) => {
        const golden = lr_and_momentum[i] as Record<string, unknown>;
        golden[field] =
          typeof value === 'object' && !Array.isArray(value) ? { ...(golden[field] as object), ...value } : value;
      },
    ]),
    [
      'a refusal of what is right',
      'constructor_errors[3]',
      ({ constructor_errors: [, , , one] }) => void Object.assign(one?.args ?? {}, { clip_grad: { max_norm: 1 } }),
    ],
    ['a group', '000', ({ paramwise: [one] }) => void Object.assign(one?.groups[3] ?? {}, { lr: 1 })],
  ];
  it.each(changes)('notices %s that is wrong', async (_, id, change) => {
    const { failures } = await replayCorrupted(area, { file, backend, id, change });
    expect(failures.map((failure) => failure.id)).toEqual([id]);
  });

  it('fails what it has never heard of', async () => {
    const id = '000-accumulate';
    const change = (data: Data) =>
      void Object.assign(data, { amp: [{ id: 'scaled' }], accumulation: data.accumulation });
    const { failures } = await replayCorrupted<Data>(area, { file, backend, id, change });
    expect(failures.map((failure) => failure.id)).toEqual(['scaled']);
  });
});
