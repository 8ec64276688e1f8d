import { fileURLToPath } from 'node:url';
import { cpu } from '@engine/backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from './harness/replay.js';
import { replayCorrupted } from './harness/testing.js';
import { area } from './hooks_order.js';

const file = fileURLToPath(new URL('../golden/numerics/hooks_order.json', import.meta.url));
const backend = cpu();
beforeAll(() => backend.init());

interface Data {
  registration: { id: string; sequence: { numeric: number; priority: string }[]; hooks_info: string }[];
  triggered_stages: Record<string, string[]>;
  priorities: { value: number; raises: { type: string } | null }[];
  traces: {
    id: string;
    events: { iter: number; metrics?: { n: number }; model_training: boolean }[];
    message_hub: {
      log_scalars: Record<string, { counts: number[]; values: number[] }>;
      runtime_info: Record<string, unknown>;
      resumed_keys: Record<string, boolean>;
    };
  }[];
  history_buffer: { mean: number[]; counts: { data: string } }[];
  log_processor: { id: string; val_epoch: { text: string; tag: Record<string, number> } }[];
}

const registration = (change: (item: Data['registration'][number]) => void) => (data: Data) =>
  change(data.registration.find(({ id }) => id === 'order-0') as Data['registration'][number]);
const trace = (change: (item: Data['traces'][number]) => void) => (data: Data) =>
  change(data.traces.find(({ id }) => id === 'iter-5') as Data['traces'][number]);
const scalars = (change: (item: Data['traces'][number]['message_hub']['log_scalars']) => void) =>
  trace(({ message_hub }) => change(message_hub.log_scalars));

describe('parity area hooks_order', () => {
  it('passes every case', async () => {
    const { passed, total, failures } = await replayFile(area, file, { backend });
    expect(failures).toEqual([]);
    expect({ passed, total }).toEqual({ passed: 65, total: 65 });
  });

  const changes: [string, string, (data: Data) => void][] = [
    ['an order', 'order-0', registration(({ sequence }) => void sequence.reverse())],
    [
      'a priority',
      'order-0',
      registration(({ sequence }) => void Object.assign(sequence[3] as object, { priority: '51' })),
    ],
    ['a listing', 'order-0', registration((item) => void (item.hooks_info = item.hooks_info.replace('Low ', 'LOW ')))],
    ['a stage', 'triggered_stages.A', ({ triggered_stages }) => void triggered_stages['A']?.push('before_lunch')],
    ['a level', 'priorities[1]', ({ priorities }) => void Object.assign(priorities[1] as object, { value: 11 })],
    [
      'a kind of refusal',
      'priorities[24]',
      ({ priorities }) => void Object.assign(priorities[24] as object, { raises: { type: 'TypeError' } }),
    ],
    ['an event', 'iter-5', trace(({ events }) => void events.splice(7, 1))],
    ['a position', 'iter-5', trace(({ events }) => void Object.assign(events[9] as object, { iter: 3 }))],
    ['a mode', 'iter-5', trace(({ events }) => void Object.assign(events.at(-1) as object, { model_training: true }))],
    [
      'a metric',
      'iter-5',
      trace(({ events }) => void (events.find(({ metrics }) => metrics) as { metrics: { n: number } }).metrics.n++),
    ],
    ['a loss', 'iter-5', scalars((all) => void ((all['train/loss'] as { values: number[] }).values[2] = 0.24645))],
    ['a missing value', 'iter-5', scalars((all) => void all['train/time']?.counts.pop())],
    [
      'an order of scalars',
      'iter-5',
      scalars((all) => {
        const { 'train/lr': lr, ...rest } = all;
        for (const key of Object.keys(all)) delete all[key];
        Object.assign(all, rest, { 'train/lr': lr });
      }),
    ],
    ['a fact', 'iter-5', trace(({ message_hub }) => void (message_hub.runtime_info['max_iters'] = 6))],
    [
      'a path',
      'iter-5',
      trace(({ message_hub }) => void (message_hub.runtime_info['last_ckpt'] = 'WORK/1/iter_4.pth')),
    ],
    ['a key that stays', 'iter-5', trace(({ message_hub }) => void (message_hub.resumed_keys['loop_stage'] = false))],
    ['a key that is missing', 'iter-5', trace(({ message_hub }) => void delete message_hub.resumed_keys['eta'])],
    ['a statistic', 'history_buffer[1]', ({ history_buffer }) => void history_buffer[1]?.mean.splice(2, 1, 0.283)],
    [
      'a count',
      'history_buffer[2]',
      ({ history_buffer }) => void Object.assign(history_buffer[2]?.counts as object, { data: 'AAAAAAAAEEA=' }),
    ],
    [
      'a line',
      'lp-3',
      ({ log_processor }) => void Object.assign(log_processor[3]?.val_epoch as object, { text: 'Epoch(val) [3][5/5]' }),
    ],
    [
      'a tag',
      'lp-3',
      ({ log_processor }) => void Object.assign(log_processor[3]?.val_epoch.tag as object, { 'val/acc': 0.65721 }),
    ],
  ];
  it.each(changes)('notices %s that is wrong', async (_, id, change) => {
    const score = await replayCorrupted(area, { file, backend, id, change });
    expect(score.failures.map((failure) => failure.id)).toContain(id);
  });

  it('fails for a section that it does not know', async () => {
    const change = (data: object) => void Object.assign(data, { surprises: [1] });
    const score = await replayCorrupted(area, { file, backend, id: 'surprises[0]', change });
    expect(score.failures.map(({ id }) => id)).toEqual(['surprises[0]']);
  });
});
