import { type Code, literalCode, literalOf, objectCode, objectOf, propertyOf, structureOf } from '../code.js';
import { fields, type OldConfig, without } from './old-config.js';

/** `runner`, `total_epochs`, `evaluation` and `workflow` → `trainCfg`, `valCfg`, `testCfg` and the evaluators. */
export function loops(old: OldConfig): void {
  modelConfigs(old);
  runner(old);
  evaluation(old);
  workflow(old);
  const from = ['runner', 'total_epochs', 'total_iters'].find((name) => old.has(name));
  if (from === undefined || old.isPatch) return;
  for (const section of ['val_cfg', 'test_cfg']) old.set(section, objectCode([]), from);
}

/** A top-level `train_cfg` of that time belongs to the model. */
function modelConfigs(old: OldConfig): void {
  for (const [name, key] of [
    ['train_cfg', 'train_cfg'],
    ['test_cfg', 'test_cfg'],
  ] as const) {
    const code = old.take(name);
    if (code !== undefined) old.put('model', key, code, name);
  }
}

function runner(old: OldConfig): void {
  const given = fields(old.take('runner'));
  const type = literalOf(given.get('type'));
  const [epochs, iters] = [
    given.get('max_epochs') ?? old.take('total_epochs'),
    given.get('max_iters') ?? old.take('total_iters'),
  ];
  const from = ['runner', 'total_epochs', 'total_iters'].find((name) => old.has(name));
  if (from === undefined) return;
  const byIter = iters !== undefined && epochs === undefined;
  if (typeof type === 'string' && !/^(EpochBasedRunner|IterBasedRunner)$/.test(type)) {
    old.warn('runner', `the runner ${type} has no counterpart: write a loop of that name and give it as trainCfg.type`);
  }
  if (!old.isPatch || type !== undefined) old.put('train_cfg', 'byEpoch', literalCode(!byIter), from);
  old.put('train_cfg', 'maxEpochs', epochs, from);
  old.put('train_cfg', 'maxIters', iters, from);
}

/** Arguments of `EvalHook`; what is left of `evaluation` are those of the dataset's own `evaluate()`. */
const HOOK_KEYS = [
  'interval',
  'start',
  'by_epoch',
  'save_best',
  'rule',
  'greater_keys',
  'less_keys',
  'test_fn',
  'out_dir',
  'dynamic_intervals',
  'gpu_collect',
  'tmpdir',
  'priority',
  'file_client_args',
];

function evaluation(old: OldConfig): void {
  const code = old.take('evaluation');
  if (code === undefined) return;
  const given = fields(code);
  old.put('train_cfg', 'valInterval', given.get('interval'), 'evaluation');
  old.put('train_cfg', 'valBegin', given.get('start'), 'evaluation');
  old.put('train_cfg', 'dynamicIntervals', given.get('dynamic_intervals'), 'evaluation');
  evaluator(old, code);
  for (const key of ['gpu_collect', 'tmpdir', 'out_dir', 'test_fn', 'greater_keys', 'less_keys'])
    if (given.has(key)) old.warn('evaluation', `evaluation.${key} has no counterpart and is left out`);
}

/** The metric that took over what datasets measured themselves. */
const metrics: readonly (readonly [RegExp, string])[] = [
  [/^Coco/, 'CocoMetric'],
  [/^(VOC|XML)/, 'VOCMetric'],
  [/^LVIS/, 'LVISMetric'],
  [/^(Cityscapes|ADE20K|PascalVOC|PascalContext|COCOStuff|STARE|DRIVE|HRF|LoveDA)/, 'IoUMetric'],
  [/^(ImageNet|CIFAR|MNIST|FashionMNIST)/, 'Accuracy'],
];

function evaluator(old: OldConfig, code: Code): void {
  const rest = without(structureOf(code), ...HOOK_KEYS);
  const hasOptions = rest.kind === 'object' && rest.properties.length > 0;
  const dataset = datasetOf(old, 'val');
  const type = typeName(dataset);
  const metric = metrics.find(([pattern]) => type !== undefined && pattern.test(type))?.[1];
  if (metric === undefined) {
    if (hasOptions || !old.isPatch)
      old.warn('evaluation', `what ${type ?? 'the dataset'} measured itself is a metric now: give valEvaluator a type`);
    if (hasOptions) old.set('val_evaluator', rest, 'evaluation');
    return;
  }
  const annotations = propertyOf(dataset, 'ann_file');
  const needsFile = /^(Coco|LVIS)/.test(metric);
  const options = rest.kind === 'object' ? rest.properties : [];
  const start = objectOf({ type: literalCode(metric), annFile: needsFile ? annotations : undefined });
  for (const section of ['val_evaluator', 'test_evaluator'])
    old.set(section, objectCode([...renamedFile(start), ...options]), 'evaluation');
}

function renamedFile(code: ReturnType<typeof objectOf>): ReturnType<typeof objectOf>['properties'] {
  return code.properties.map((each) => (each.key === 'annFile' ? { ...each, key: 'ann_file' } : each));
}

function datasetOf(old: OldConfig, split: 'val' | 'train'): Code | undefined {
  return propertyOf(old.whole('data'), split);
}

function typeName(dataset: Code | undefined): string | undefined {
  const type = propertyOf(dataset, 'type');
  const value = literalOf(type === undefined ? undefined : structureOf(type));
  return typeof value === 'string' ? value : undefined;
}

/** `[('train', 1)]` is what every run does; validation in it has become `valInterval`. */
function workflow(old: OldConfig): void {
  const code = old.take('workflow');
  if (code?.kind !== 'array' || code.items.length <= 1) return;
  old.warn(
    'workflow',
    'a workflow of several modes has no counterpart: validation runs every trainCfg.valInterval epochs; valCfg: { loss: true } logs its loss',
  );
}
