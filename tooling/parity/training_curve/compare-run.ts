/** Everything that a golden run tells, held against ours. */
import { expectedState } from '../harness/scheduler-state.js';
import { Comparison } from './comparison.js';
import type { Fields, GoldenCheckpoint, GoldenIter, GoldenRun, Sensitivity } from './golden.js';
import { compareLines, expectedLines } from './log-lines.js';
import { hubName, hubNames, ourFile, ourFiles } from './names.js';
import type { RecordedCheckpoint, RecordedIter, Recording } from './recording.js';

const EXACT = 0;
/** Of schedules, which are doubles. */
const RELATIVE = 1e-9;
/** How many times the effect of one unit in the last place we may be off. */
const FACTOR = 20;
const SMALLEST = 1e-5;

export function compareRun(ours: Recording, golden: GoldenRun, sensitivity: Sensitivity): Comparison {
  const comparison = new Comparison();
  const limits = lossLimits(sensitivity);
  const limit = (iteration: number): number => limits[Math.min(iteration, limits.length - 1)] ?? SMALLEST;
  const byName = sensitivity.final_weight_max_abs_change_by_name;
  const weightLimit = (name: string): number => SMALLEST + FACTOR * (byName[name] ?? 0);

  const { weights_after_construction: made, weights_at_train_start: atStart } = golden;
  if (made !== null) comparison.states('weights_after_construction', ours.firstWeights, made, () => EXACT);
  if (made !== null && atStart === null)
    comparison.states('weights in beforeTrain', ours.startWeights, made, () => EXACT);
  if (atStart !== null) comparison.states('weights_at_train_start', ours.startWeights, atStart, weightLimit);

  comparison.same('number of iterations', ours.iters.length, golden.iters.length);
  for (const [i, expected] of golden.iters.entries())
    compareIter(comparison, `iters[${i}]`, { got: ours.iters[i], want: expected, limit: limit(expected.iter) });
  comparison.same('val', ours.vals.map(plainVal), golden.val);

  const epochLength = 1 + Math.max(...golden.iters.map(({ batch_idx }) => batch_idx));
  compareLines(ours.disk.logLines, expectedLines(golden.log_lines, golden.name), {
    lines: { epochLength, limit },
    comparison,
  });
  compareScalars(comparison, ours, { golden, limit });
  comparison.same('files', ours.disk.files, ourFiles(golden.files));
  comparison.same('last_checkpoint', ours.disk.lastCheckpoint, ourFile(golden.last_checkpoint.replace(/^.*\//, '')));

  const { end } = ours;
  comparison.same('final position', [end.epoch, end.iter], [golden.final_epoch, golden.final_iter]);
  comparison.states('final_weights', end.weights, golden.final_weights, weightLimit);
  compareNumbers(comparison, 'optimizer_lr', { got: end.lr, want: golden.optimizer_lr.lr });
  compareSchedulers(comparison, ours, golden);
  compareHub(comparison, ours, { golden, limit });
  if (golden.checkpoint !== undefined) compareCheckpoint(comparison, ours, golden.checkpoint);
  if (golden.learning !== undefined) compareLearning(comparison, ours, { want: golden.learning, limit });
  return comparison;
}

/** For every iteration: a part of the largest effect seen up to it. */
function lossLimits({ loss_abs_change_per_iter }: Sensitivity): number[] {
  let largest = 0;
  return loss_abs_change_per_iter.map((change) => {
    largest = Math.max(largest, change);
    return SMALLEST + FACTOR * largest;
  });
}

function compareIter(
  comparison: Comparison,
  where: string,
  { got, want, limit }: { got: RecordedIter | undefined; want: GoldenIter; limit: number },
): void {
  if (got === undefined) return comparison.report(where, 'nothing', `iteration ${want.iter}`);
  const { epoch, iter, batch_idx, lr, momentum, labels, ...outputs } = want;
  comparison.same(`${where} position`, [got.epoch, got.iter, got.batchIdx], [epoch, iter, batch_idx]);
  comparison.same(`${where}.labels`, got.labels, labels);
  comparison.near(`${where}.lr`, got.lr, lr, RELATIVE * lr);
  comparison.near(`${where}.momentum`, got.momentum, momentum, RELATIVE * momentum);
  const { gradNorm: _gradNorm, ...ours } = got.outputs; // the golden runs tell it in logs only
  comparison.same(`${where} outputs`, Object.keys(ours), Object.keys(outputs));
  for (const [name, value] of Object.entries(outputs))
    comparison.near(`${where}.${name}`, ours[name], value, isMeasured(name) ? limit : EXACT);
}

/** What comes out of the network through sums of many terms. */
function isMeasured(name: string): boolean {
  return name.includes('loss') || name === 'grad_norm';
}

function plainVal({ epoch, iter, metrics }: Recording['vals'][number]): Fields {
  const numbers = Object.entries(metrics).map(([name, value]) => [name, Number(value)]);
  return { epoch, iter, metrics: Object.fromEntries(numbers) };
}

/**
 * Rows of `scalars.json`. A row of a validation has the epoch as its step in the reference; ours has it as `epoch`, and the
 * iteration as its step, as rows of training do.
 */
function compareScalars(
  comparison: Comparison,
  { disk: { scalars } }: Recording,
  { golden, limit }: { golden: GoldenRun; limit: (iteration: number) => number },
): void {
  comparison.same('number of scalars', scalars.length, golden.scalars.length);
  const vals = golden.val.values();
  for (const [i, expected] of golden.scalars.entries()) {
    const { epoch, iter, step, ...ours } = scalars[i] ?? {};
    const { epoch: wantedEpoch, iter: wantedIter, step: wantedStep, ...values } = expected;
    const isTrain = wantedIter !== undefined;
    const position = isTrain
      ? { epoch: wantedEpoch, iter: wantedIter, step: wantedStep }
      : { epoch: wantedStep, iter: vals.next().value?.iter, step: undefined };
    comparison.same(`scalars[${i}] position`, { epoch, iter, step }, { ...position, step: position.iter });
    if (isTrain) comparison.same(`scalars[${i}].step`, wantedStep, wantedIter);
    comparison.same(`scalars[${i}] names`, Object.keys(ours), Object.keys(values));
    for (const [name, value] of Object.entries(values)) {
      if (value === 'T') comparison.same(`scalars[${i}].${name}`, typeof ours[name], 'number');
      else if (isMeasured(name))
        comparison.near(`scalars[${i}].${name}`, ours[name], value, limit(Number(wantedIter) - 1));
      else comparison.near(`scalars[${i}].${name}`, ours[name], value, RELATIVE * Math.abs(Number(value)));
    }
  }
}

function compareSchedulers(comparison: Comparison, { end }: Recording, golden: GoldenRun): void {
  comparison.same(
    'schedulers',
    end.schedulers.map(({ type }) => type),
    golden.schedulers.map(({ type }) => type),
  );
  for (const [i, { state }] of golden.schedulers.entries())
    compareNumbers(comparison, `schedulers[${i}]`, { got: end.schedulers[i]?.state, want: expectedState(state) });
}

/** Nested values: numbers relatively near, the rest the same. */
function compareNumbers(comparison: Comparison, where: string, { got, want }: { got: unknown; want: unknown }): void {
  if (typeof want === 'number') return comparison.near(where, got, want, RELATIVE * Math.abs(want));
  if (typeof want !== 'object' || want === null || typeof got !== 'object' || got === null)
    return comparison.same(where, got, want);
  comparison.sameNames(`${where} names`, Object.keys(got), Object.keys(want));
  for (const [key, value] of Object.entries(want))
    compareNumbers(comparison, `${where}.${key}`, { got: (got as Fields)[key], want: value });
}

function compareHub(
  comparison: Comparison,
  { end }: Recording,
  { golden, limit }: { golden: GoldenRun; limit: (iteration: number) => number },
): void {
  const { log_scalars, runtime_info_keys, resumed_keys } = golden.message_hub;
  comparison.same('message_hub.log_scalars', [...end.hubScalars.keys()], Object.keys(log_scalars));
  for (const [key, { count, last }] of Object.entries(log_scalars)) {
    const ours = end.hubScalars.get(key);
    comparison.same(`message_hub ${key} count`, ours?.count, count);
    if (last !== null)
      comparison.near(
        `message_hub ${key}`,
        ours?.last,
        last,
        isMeasured(key.replace(/^.*\//, '')) ? limit(golden.final_iter) : RELATIVE * Math.abs(last),
      );
  }
  comparison.same('message_hub.runtime_info_keys', end.hubInfos, hubNames(runtime_info_keys));
  const present = new Set([...end.hubScalars.keys(), ...end.hubInfos]);
  const saved = Object.keys(resumed_keys)
    .filter((key) => resumed_keys[key] === true)
    .map(hubName);
  comparison.sameNames(
    'message_hub.resumed_keys',
    end.hubSaved,
    saved.filter((key) => key !== undefined && present.has(key)) as string[],
  );
}

function compareCheckpoint(comparison: Comparison, { disk }: Recording, want: GoldenCheckpoint): void {
  const ours = disk.checkpoints.get(ourFile(want.file));
  if (ours === undefined) return comparison.report('checkpoint', 'no such file', ourFile(want.file));
  const { meta } = ours;
  comparison.same('checkpoint meta', [meta.epoch, meta.iter, meta.seeds.run], [want.epoch, want.iter, want.seed]);
  comparison.same('checkpoint.meta_keys', metaKeys(ours), want.meta_keys.toSorted());
  comparison.same('checkpoint.keys', partsOf(ours), want.keys.toSorted());
  const names = (prefix: string): string[] =>
    ours.tensorNames.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  comparison.same('checkpoint.state_dict_keys', names('model/'), want.state_dict_keys);
  const hub = ours.sections.get('messageHub') as { scalars: Fields; infos: Fields };
  comparison.same('checkpoint.hub_scalar_keys', Object.keys(hub.scalars), want.hub_scalar_keys);
  comparison.same('checkpoint.hub_info_keys', Object.keys(hub.infos), hubNames(want.hub_info_keys));
  comparison.same('checkpoint.dataset_meta', hub.infos['datasetMeta'], want.dataset_meta);
  comparison.same('checkpoint.message_hub_keys', want.message_hub_keys.length, Object.keys(hub).length + 1); // every key there is resumed
  comparison.same('checkpoint.n_schedulers', (ours.sections.get('schedulers') as unknown[]).length, want.n_schedulers);
  const optimizer = [
    ...(names('optim/').length > 0 ? ['state'] : []),
    ...(ours.sections.has('paramGroups') ? ['param_groups'] : []),
  ];
  comparison.same('checkpoint.optimizer_keys', optimizer, want.optimizer_keys);
}

/** The sections of the reference's checkpoints that ours has something for. */
function partsOf({ tensorNames, sections }: RecordedCheckpoint): string[] {
  const has = (prefix: string): boolean => tensorNames.some((name) => name.startsWith(prefix));
  const parts: Readonly<Record<string, boolean>> = {
    meta: true,
    state_dict: has('model/'),
    optimizer: has('optim/') && sections.has('paramGroups'),
    param_schedulers: sections.has('schedulers'),
    message_hub: sections.has('messageHub'),
    ema_state_dict: has('ema/'),
  };
  return Object.keys(parts)
    .filter((part) => parts[part])
    .toSorted();
}

/** What the reference keeps as `meta` and where ours keeps it. */
function metaKeys({ meta, sections, config }: RecordedCheckpoint): string[] {
  const hub = sections.get('messageHub') as { infos: Fields } | undefined;
  const known: Readonly<Record<string, unknown>> = {
    epoch: meta.epoch,
    iter: meta.iter,
    cfg: config,
    seed: meta.seeds.run,
    experiment_name: meta.experimentName,
    time: meta.time,
    mmengine_version: hub?.infos['engineVersion'],
    dataset_meta: hub?.infos['datasetMeta'],
  };
  return Object.keys(known)
    .filter((key) => known[key] !== undefined)
    .toSorted();
}

function compareLearning(
  comparison: Comparison,
  { iters, vals }: Recording,
  { want, limit }: { want: NonNullable<GoldenRun['learning']>; limit: (iteration: number) => number },
): void {
  const losses = iters.map(({ outputs }) => outputs['loss'] ?? Number.NaN);
  const accuracies = vals.map(({ metrics }) => Number(metrics['val/accuracy']));
  const last = losses.slice(-5);
  const end = limit(iters.at(-1)?.iter ?? 0);
  comparison.near('learning.first_loss', losses[0], want.first_loss, limit(iters[0]?.iter ?? 0));
  comparison.near(
    'learning.mean_of_last_5',
    last.reduce((sum, loss) => sum + loss, 0) / last.length,
    want.mean_of_last_5,
    end,
  );
  comparison.same('learning.last_val_accuracy', accuracies.at(-1), want.last_val_accuracy);
  comparison.same('learning.distinct_val_accuracies', new Set(accuracies).size, want.distinct_val_accuracies);
}
