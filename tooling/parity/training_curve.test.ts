import { fileURLToPath } from 'node:url';
import { wasm } from '@engine/backend-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { replayFile } from './harness/replay.js';
import { decode, encode, type GoldenTensor } from './harness/tensors.js';
import { replayCorrupted } from './harness/testing.js';
import { area } from './training_curve.js';

const golden = (name: string): string => fileURLToPath(new URL(`../golden/numerics/${name}.json`, import.meta.url));
const file = golden('training_curve');
const backend = wasm({ threads: 1 });
beforeAll(() => backend.init());

type Fields = Record<string, unknown>;
interface Run {
  name: string;
  resumed: boolean;
  weights_after_construction: Record<string, GoldenTensor>;
  weights_at_train_start: Record<string, GoldenTensor>;
  final_weights: Record<string, GoldenTensor>;
  iters: Record<string, number | number[]>[];
  val: { iter: number; metrics: Record<string, number> }[];
  log_lines: string[];
  scalars: Record<string, number>[];
  files: string[];
  schedulers: { state: Fields }[];
  message_hub: { log_scalars: Record<string, Fields>; runtime_info_keys: string[]; resumed_keys: Fields };
  checkpoint: Record<string, string[]> & { epoch: number };
  learning: Record<string, number>;
}
interface Data {
  runs: Run[];
  controls: Record<string, unknown>;
  sensitivity: Fields;
}

const [EPOCH, ITER, NOISE, , BROKEN_OFF, RESUMED] = [0, 1, 2, 3, 4, 5];

/** A number of a tensor, changed. */
function nudge(state: Record<string, GoldenTensor>, name: string, by: number): void {
  const array = decode(state[name] as GoldenTensor);
  (array.data as Float32Array)[0] = ((array.data as Float32Array)[0] as number) + by;
  state[name] = encode(array);
}

describe('parity area training_curve', () => {
  it('passes every run and every claim', async () => {
    const { passed, total, failures, remarks } = await replayFile(area, file, { backend });
    expect(failures).toEqual([]);
    expect({ passed, total }).toEqual({ passed: 12, total: 12 });
    expect(remarks.map(({ id }) => id)).toEqual(['runs[7]']);
  }, 300_000);

  it('passes runs with noise, passes over the data, initCfg and a validation that is due', async () => {
    const { passed, total, failures, remarks } = await replayFile(area, golden('training_curve_more'), { backend });
    expect(failures).toEqual([]);
    expect({ passed, total }).toEqual({ passed: 6, total: 6 });
    expect(remarks.map(({ id }) => id)).toEqual(['runs[4]']);
  }, 300_000);

  const changes: [what: string, run: number | undefined, change: (run: Run, data: Data) => void][] = [
    ['an initial weight', EPOCH, (run) => nudge(run.weights_after_construction, 'fc1.bias', 1e-6)],
    ['a weight that was resumed from', RESUMED, (run) => nudge(run.weights_at_train_start, 'fc1.bias', 1e-3)],
    ['a final weight', ITER, (run) => nudge(run.final_weights, 'conv1.weight', 1e-4)],
    ['a loss', NOISE, (run) => void Object.assign(run.iters[9] ?? {}, { loss: Number(run.iters[9]?.['loss']) + 1e-4 })],
    ['an accuracy', EPOCH, (run) => void Object.assign(run.iters[9] ?? {}, { acc: 0.5 })],
    ['a learning rate', EPOCH, (run) => void Object.assign(run.iters[9] ?? {}, { lr: 0.05001 })],
    ['a momentum', EPOCH, (run) => void Object.assign(run.iters[9] ?? {}, { momentum: 0.8 })],
    [
      'the order of samples',
      ITER,
      ({ iters }) => void (iters[12] as { labels: number[] } | undefined)?.labels.reverse(),
    ],
    ['a missing iteration', BROKEN_OFF, (run) => void run.iters.pop()],
    ['an output', EPOCH, (run) => void Object.assign(run.iters[3] ?? {}, { grad_norm: 1 })],
    ['a metric', ITER, (run) => void Object.assign(run.val[2]?.metrics ?? {}, { 'val/accuracy': 50 })],
    ['where it was validated', ITER, (run) => void Object.assign(run.val[2] ?? {}, { iter: 28 })],
    ...(
      [
        ['a value in a line', / loss: \d\.\d/, ' loss: 9.9'],
        ['a rate in a line', /lr: 2/, 'lr: 3'],
        ['a count in a line', /count: 43/, 'count: 43.0000'],
        ['the spaces of a line', /\[3\/3\] {4}/, '[3/3]  '],
        ['the level of a line', /INFO/, 'WARNING'],
        ['a path in a line', /WORK\/epoch\/best/, 'best'],
      ] as const
    ).map(([what, from, to]): (typeof changes)[number] => [
      what,
      EPOCH,
      (run) => {
        const at = run.log_lines.findIndex((line) => from.test(line));
        run.log_lines[at] = (run.log_lines[at] as string).replace(from, to);
      },
    ]),
    ['a missing line', ITER, (run) => void run.log_lines.pop()],
    ['a line too many', ITER, (run) => void run.log_lines.push('T - mmengine - INFO - more')],
    ['a scalar', EPOCH, (run) => void Object.assign(run.scalars[0] ?? {}, { loss: 2.4 })],
    ['the step of a row', EPOCH, (run) => void Object.assign(run.scalars[0] ?? {}, { step: 5, iter: 5 })],
    ['the epoch of a validation', EPOCH, (run) => void Object.assign(run.scalars[2] ?? {}, { step: 10 })],
    ['a missing row', NOISE, (run) => void run.scalars.pop()],
    ['a file', RESUMED, (run) => void run.files.push('epoch_3.pth')],
    ['the last checkpoint', RESUMED, (run) => void Object.assign(run, { last_checkpoint: 'WORK/epoch_4.pth' })],
    ['the last position', BROKEN_OFF, (run) => void Object.assign(run, { final_iter: 19 })],
    ['a final rate', EPOCH, (run) => void Object.assign(run, { optimizer_lr: { lr: [0.005001] } })],
    [
      'the state of a schedule',
      EPOCH,
      ({ schedulers: [one] }) => void Object.assign(one?.state ?? {}, { last_step: 8 }),
    ],
    [
      'a count of the hub',
      EPOCH,
      ({ message_hub: hub }) => void Object.assign(hub.log_scalars['val/time'] ?? {}, { count: 14 }),
    ],
    [
      'a last value of the hub',
      EPOCH,
      ({ message_hub: hub }) => void Object.assign(hub.log_scalars['train/acc'] ?? {}, { last: 0 }),
    ],
    ['a fact of the hub', EPOCH, ({ message_hub: hub }) => void hub.runtime_info_keys.pop()],
    [
      'what goes into a checkpoint',
      EPOCH,
      ({ message_hub: hub }) => void Object.assign(hub.resumed_keys, { eta: false }),
    ],
    ['the position of a checkpoint', EPOCH, ({ checkpoint }) => void Object.assign(checkpoint, { epoch: 4 })],
    ...[
      'keys',
      'meta_keys',
      'state_dict_keys',
      'optimizer_keys',
      'hub_scalar_keys',
      'hub_info_keys',
      'message_hub_keys',
    ].map((key): (typeof changes)[number] => [key, EPOCH, ({ checkpoint }) => void checkpoint[key]?.pop()]),
    ['what was learnt', EPOCH, ({ learning }) => void Object.assign(learning, { first_loss: 2 })],
    ['how often it got better', EPOCH, ({ learning }) => void Object.assign(learning, { distinct_val_accuracies: 5 })],
    ['a run of no config', EPOCH, (run) => void Object.assign(run, { name: 'nothing' })],
  ];
  it.each(changes)('notices %s that is wrong', async (_, at, change) => {
    const id = `runs[${at}]`;
    const { failures } = await replayCorrupted<Data>(area, {
      file,
      backend,
      id,
      change: (data) => change(data.runs[at as number] as Run, data),
    });
    expect(failures.map((failure) => failure.id)).toContain(id);
  });

  it.each(['identical_rerun', 'resumed_iter_equals_straight', 'resumed_epoch_equals_straight'])(
    'notices a wrong claim: %s',
    async (name) => {
      const id = `controls.${name}`;
      const change = ({ controls }: Data): void => void (controls[name] = false);
      const { failures } = await replayCorrupted<Data>(area, { file, backend, id, change });
      expect(failures.map((failure) => failure.id)).toEqual([id]);
    },
  );

  it('notices a run that is said not to learn, and what it has never heard of', async () => {
    const id = 'controls.all_full_runs_learn';
    const { failures } = await replayCorrupted<Data>(area, {
      file,
      backend,
      id,
      change: ({ controls }) => {
        Object.assign(controls['all_full_runs_learn'] as Fields, { adamw: false });
        controls['something_else'] = true;
      },
    });
    expect(failures.map((failure) => failure.id).toSorted()).toEqual([id, 'controls.something_else']);
  });
});
