import { HistoryBuffer, LogProcessor, type LogProcessorOptions, type LogState, MessageHub } from '@engine/logging';
import type { ReplayResult } from '../harness/area.js';
import { decode, type GoldenTensor } from '../harness/tensors.js';
import { Comparison } from './comparison.js';
import { camelKeys } from './names.js';

export interface HistoryCase {
  readonly updates: readonly (readonly [value: number, count: number])[];
  readonly max_length: number;
  /** Null is the whole history. */
  readonly windows: readonly (number | null)[];
  readonly mean: readonly number[];
  readonly max: readonly number[];
  readonly min: readonly number[];
  readonly current: number;
  readonly values: GoldenTensor;
  readonly counts: GoldenTensor;
}

interface GoldenLine {
  readonly tag: Readonly<Record<string, number>>;
  readonly text: string;
}

export interface LogCase {
  readonly id: string;
  readonly processor: Readonly<Record<string, unknown>> & {
    readonly by_epoch: boolean;
    readonly custom_cfg: readonly Readonly<Record<string, unknown>>[] | null;
  };
  readonly scalars: Readonly<Record<string, readonly number[]>>;
  readonly eta: number | null;
  readonly batch_idx: number;
  readonly iter: number;
  readonly epoch: number;
  readonly max_epochs: number;
  readonly max_iters: number;
  readonly loader_len: number;
  readonly train_iter: GoldenLine;
  readonly val_iter: GoldenLine;
  readonly val_acc: number;
  readonly val_epoch: GoldenLine;
  readonly raises: unknown;
}

/** One history: statistics over every window, and what is kept. */
export function replayHistory(id: string, golden: HistoryCase): ReplayResult {
  const [buffer, compare] = [new HistoryBuffer({ maxLength: golden.max_length }), new Comparison(id)];
  for (const [value, count] of golden.updates) buffer.update(value, count);
  for (const method of ['mean', 'max', 'min'] as const)
    compare.check(
      method,
      golden.windows.map((window) => buffer.statistics(method, window ?? undefined)),
      golden[method],
    );
  compare.check('current', buffer.current(), golden.current);
  for (const kind of ['values', 'counts'] as const)
    compare.check(kind, [...buffer.data[kind]], [...(decode(golden[kind]).data as Float64Array)]);
  return compare.result();
}

/** The lines and rows of one processor: in training, in validation, and after a validation with a fact that is no number. */
export async function replayLog(golden: LogCase): Promise<ReplayResult> {
  const compare = new Comparison(golden.id);
  compare.check('raises', null, golden.raises);
  const processor = new LogProcessor(optionsOf(golden));
  const hub = new MessageHub();
  for (const [key, values] of Object.entries(golden.scalars)) for (const value of values) hub.updateScalar(key, value);
  if (golden.eta !== null) hub.updateInfo('eta', golden.eta);
  const at = stateOf(golden);
  compare.check('train_iter', await processor.getLogAfterIter(hub, at), golden.train_iter);
  compare.check('val_iter', await processor.getLogAfterIter(hub, { ...at, mode: 'val' }), golden.val_iter);
  hub.updateScalar('val/acc', golden.val_acc);
  hub.updateInfo('val/note', 'text');
  const after = await processor.getLogAfterEpoch(hub, { ...at, mode: 'val', batchIdx: golden.loader_len });
  compare.check('val_epoch', after, golden.val_epoch);
  return compare.result();
}

function optionsOf({ processor }: LogCase): LogProcessorOptions {
  const customCfg = processor.custom_cfg?.map(camelKeys) ?? null;
  return { ...camelKeys(processor), customCfg } as LogProcessorOptions;
}

function stateOf(golden: LogCase): LogState {
  return {
    mode: 'train',
    byEpoch: golden.processor.by_epoch,
    epoch: golden.epoch,
    iter: golden.iter,
    maxEpochs: golden.max_epochs,
    maxIters: golden.max_iters,
    batchIdx: golden.batch_idx,
    loaderLength: golden.loader_len,
    trainBuilt: true,
  };
}
