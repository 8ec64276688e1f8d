import { fileURLToPath } from 'node:url';
import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from './harness/replay.js';
import { decode, encode, type GoldenTensor } from './harness/tensors.js';
import { replayCorrupted } from './harness/testing.js';
import { area } from './optimizers.js';

const file = fileURLToPath(new URL('../golden/numerics/optimizers.json', import.meta.url));
const backend = cpu();
beforeAll(() => backend.init());

interface Case {
  id: string;
  params_after_step: GoldenTensor[][];
  state: Record<string, Record<string, GoldenTensor>>;
  param_groups: Record<string, unknown>[];
  raises: { type: string } | null;
}
interface Data {
  defaults: Record<string, Record<string, unknown>>;
  cases: Case[];
  lbfgs: { calls: { x: GoldenTensor; returned_loss: number; func_evals: number }[]; objective: string }[];
}

/** The same tensor with one element off by a relative `by`. */
function nudged(tensor: GoldenTensor, by: number): GoldenTensor {
  const array = decode(tensor);
  const data = array.data as Float32Array;
  data[0] = (data[0] as number) * (1 + by) + by * 1e-3;
  return encode(array);
}

describe('parity area optimizers', () => {
  it.each(['cpu', 'wasm'])('passes everything on %s, one case by the square root of the reference', async (name) => {
    const tested = name === 'cpu' ? backend : wasm({ threads: 1 });
    await tested.init();
    const { passed, total, failures, remarks } = await replayFile(area, file, { backend: tested });
    expect(failures).toEqual([]);
    expect({ passed, total }).toEqual({ passed: 105, total: 105 });
    expect(remarks).toEqual([{ id: '058-RMSprop', remark: expect.stringContaining('params_after_step[3][0][5]') }]);
    await backend.init();
  });

  const first = (change: (golden: Case) => void, id: string) => (data: Data) =>
    change(data.cases.find((golden) => golden.id === id) as Case);
  const changes: [what: string, id: string, change: (data: Data) => void][] = [
    [
      'a parameter',
      '007-Adam',
      first(({ params_after_step: [step = []] }) => {
        step[1] = nudged(step[1] as GoldenTensor, 1e-5);
      }, '007-Adam'),
    ],
    [
      'a parameter between steps that only rounding separates from others',
      '058-RMSprop',
      first(({ params_after_step: [, , , step = []] }) => {
        step[0] = nudged(step[0] as GoldenTensor, 1.2e-5);
      }, '058-RMSprop'),
    ],
    [
      'a state tensor',
      '020-RMSprop',
      first(({ state }) => {
        const slots = state['0'] as Record<string, GoldenTensor>;
        slots['square_avg'] = nudged(slots['square_avg'] as GoldenTensor, 1e-3);
      }, '020-RMSprop'),
    ],
    ['a missing state', '034-ASGD', first(({ state }) => delete state['0']?.['mu'], '034-ASGD')],
    [
      'a group',
      '072-SGD',
      first(({ param_groups: [group] }) => Object.assign(group ?? {}, { momentum: 0.1 }), '072-SGD'),
    ],
    ['a refusal', '076-SGD', first((golden) => Object.assign(golden, { raises: { type: 'KeyError' } }), '076-SGD')],
    ['a default', 'defaults.Rprop', ({ defaults }) => Object.assign(defaults['Rprop'] ?? {}, { lr: 0.02 })],
    [
      'a default of another optimizer',
      'defaults.Lion',
      ({ defaults }) => Object.assign(defaults['Lion'] ?? {}, { nesterov: 1 }),
    ],
    [
      'an iterate of LBFGS',
      'lbfgs[2]',
      ({ lbfgs }) => {
        const call = lbfgs[2]?.calls[1] as Data['lbfgs'][number]['calls'][number];
        call.x = nudged(call.x, 1e-6);
      },
    ],
    ['a count of LBFGS', 'lbfgs[0]', ({ lbfgs }) => Object.assign(lbfgs[0]?.calls[0] ?? {}, { func_evals: 6 })],
    ['another objective', 'lbfgs[1]', ({ lbfgs }) => Object.assign(lbfgs[1] ?? {}, { objective: 'sum(x)' })],
  ];
  it.each(changes)('notices %s that is wrong', async (_, id, change) => {
    const { failures } = await replayCorrupted(area, { file, backend, id, change });
    expect(failures.map((failure) => failure.id)).toEqual([id]);
  });

  it('fails the cases of an optimizer that does not exist', async () => {
    const id = '043-Lion';
    const change = first((golden) => Object.assign(golden, { optimizer: 'Tiger' }), id);
    const { failures } = await replayCorrupted(area, { file, backend, id, change });
    expect(failures).toEqual([{ id, error: 'there is no Tiger' }]);
  });
});
