import {
  type Code,
  type Item,
  literalCode,
  literalOf,
  objectCode,
  objectOf,
  type Property,
  property,
  propertyOf,
  structureOf,
} from '../code.js';
import { fields, type OldConfig, renamed } from './old-config.js';

/** `data` → the three data loaders. */
export function data(old: OldConfig): void {
  const code = old.take('data');
  if (code === undefined) return;
  const given = fields(code);
  for (const split of ['train', 'val', 'test'] as const) loader(old, split, given);
  for (const key of ['pin_memory', 'shuffle', 'prefetch_factor'])
    if (given.has(key)) old.warn('data', `data.${key} has no counterpart and is left out`);
}

const loaderKeys: Readonly<Record<string, string>> = {
  samples_per_gpu: 'batchSize',
  workers_per_gpu: 'numWorkers',
  persistent_workers: 'persistentWorkers',
  drop_last: 'dropLast',
};

function loader(old: OldConfig, split: 'train' | 'val' | 'test', given: ReadonlyMap<string, Code>): void {
  const section = `${split}_dataloader`;
  const own = fields(given.get(section));
  const isTrain = split === 'train';
  const dataset = given.get(split);
  if (
    dataset === undefined &&
    own.size === 0 &&
    !(isTrain ? given.has('samples_per_gpu') : false) &&
    !given.has('workers_per_gpu')
  )
    return;
  const put = (key: string, value: Code | undefined): void => old.put(section, key, value, 'data');
  put(
    'batchSize',
    own.get('samples_per_gpu') ?? (isTrain ? given.get('samples_per_gpu') : old.isPatch ? undefined : literalCode(1)),
  );
  put('numWorkers', own.get('workers_per_gpu') ?? given.get('workers_per_gpu'));
  for (const key of ['persistent_workers', 'drop_last']) put(loaderKeys[key] ?? key, own.get(key) ?? given.get(key));
  if (!old.isPatch)
    put(
      'sampler',
      objectOf({ type: literalCode('DefaultSampler'), shuffle: own.get('shuffle') ?? literalCode(isTrain) }),
    );
  put('dataset', dataset === undefined ? undefined : modernDataset(old, dataset, isTrain));
}

/** Folders of images and labels are named in one map now; `img_prefix` was it alone. */
const prefixes: Readonly<Record<string, string>> = {
  img_prefix: 'img',
  img_dir: 'img_path',
  ann_dir: 'seg_map_path',
  seg_prefix: 'seg',
  data_prefix: 'img_path',
};

function modernDataset(old: OldConfig, code: Code, isTrain: boolean): Code {
  if (code.kind !== 'object') return code;
  const inner = propertyOf(code, 'dataset');
  if (inner !== undefined)
    return objectCode(
      code.properties.map((each) =>
        each.key === 'dataset' ? { ...each, value: modernDataset(old, each.value, isTrain) } : each,
      ),
      code.tail,
    );
  const folders: Property[] = [];
  const kept: Property[] = [];
  for (const each of code.properties) {
    const name = each.key === undefined ? undefined : prefixes[each.key];
    if (name === undefined || propertyTypeIsObject(each)) kept.push(each);
    else folders.push({ ...each, key: name });
  }
  const prefix = folders.length === 0 ? [] : [property('data_prefix', objectCode(folders))];
  const testMode =
    isTrain || old.isPatch || propertyOf(code, 'test_mode') !== undefined
      ? []
      : [property('test_mode', literalCode(true))];
  return objectCode([...insertBeforePipeline(kept, [...prefix, ...testMode])], code.tail);
}

function propertyTypeIsObject({ value }: Property): boolean {
  return structureOf(value).kind === 'object';
}

function insertBeforePipeline(properties: readonly Property[], added: readonly Property[]): Property[] {
  const at = properties.findIndex(({ key }) => key === 'pipeline');
  return at < 0 ? [...properties, ...added] : [...properties.slice(0, at), ...added, ...properties.slice(at)];
}

/** The transforms of a pipeline as they are called now; `img_norm_cfg` and the padding move to the data preprocessor. */
export function pipelines(old: OldConfig): void {
  const { analysis } = old;
  for (const draft of analysis.drafts) {
    if (!draft.name.endsWith('pipeline') || draft.code?.kind !== 'array') continue;
    old.set(draft.name, modernPipeline(old, draft.name, draft.code.items), draft.name);
    old.take(draft.name);
  }
}

function modernPipeline(old: OldConfig, name: string, items: readonly Item[]): Code {
  return { kind: 'array', items: items.flatMap((item) => modernTransform(old, name, item)), tail: [] };
}

/** Done by the model's data preprocessor, or by whoever packs the sample. */
const dropped: ReadonlySet<string> = new Set(['DefaultFormatBundle', 'ImageToTensor', 'ToTensor']);
const transformKeys: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Resize: { img_scale: 'scale' },
  RandomFlip: { flip_ratio: 'prob', flip_prob: 'prob' },
};

/** The `type` of an object, also where a spread behind it could have another. */
function typeIn(code: Code): string | undefined {
  const type = code.kind === 'object' ? code.properties.find(({ key }) => key === 'type')?.value : undefined;
  const value = literalOf(type);
  return typeof value === 'string' ? value : undefined;
}

function modernTransform(old: OldConfig, name: string, item: Item): Item[] {
  const type = typeIn(item.value);
  if (item.isSpread || type === undefined) return [item];
  if (dropped.has(type)) return [];
  if (type === 'Normalize' || type === 'Pad') return preprocessed(old, name, { type, item });
  if (type === 'MultiScaleFlipAug') return unwrapped(old, name, item);
  if (type === 'Collect') return [{ ...item, value: packed(old, name, item.value) }];
  const names = transformKeys[type];
  return [names === undefined ? item : { ...item, value: renamed(item.value, names) }];
}

/** What normalised or padded each image now does so for the batch, on the device. */
function preprocessed(
  old: OldConfig,
  name: string,
  { type, item }: { readonly type: string; readonly item: Item },
): Item[] {
  const given = fields(item.value);
  const norm =
    item.value.kind === 'object' ? item.value.properties.find(({ key }) => key === undefined)?.value : undefined;
  const all = new Map([...fields(norm), ...given]);
  old.put('data_preprocessor', 'type', literalCode('ImgDataPreprocessor'), name);
  for (const [key, here] of [
    ['mean', 'mean'],
    ['std', 'std'],
    ['to_rgb', 'bgrToRgb'],
    ['size_divisor', 'padSizeDivisor'],
  ] as const)
    old.put('data_preprocessor', here, all.get(key), name);
  if (type === 'Pad' && !given.has('size_divisor')) return [item];
  return [];
}

/** Test-time augmentation with one scale and no flip is a plain pipeline. */
function unwrapped(old: OldConfig, name: string, item: Item): Item[] {
  const given = fields(item.value);
  const scale = given.get('img_scale');
  const isOne =
    literalOf(given.get('flip')) !== true &&
    (scale === undefined || structureOf(scale).kind !== 'array' || isPair(scale));
  if (!isOne)
    old.warn(
      name,
      'MultiScaleFlipAug with several scales or flips is test-time augmentation now; its first scale is kept',
    );
  const transforms = given.get('transforms');
  const list = transforms === undefined ? undefined : structureOf(transforms);
  const inner = list?.kind === 'array' ? list.items : [];
  return inner.flatMap((each) => {
    const type = typeIn(each.value);
    if (type === 'RandomFlip') return [];
    const isResize = type === 'Resize' && each.value.kind === 'object' && scale !== undefined;
    const scaled =
      isResize && each.value.kind === 'object' ? objectCode(withScale(each.value.properties, scale)) : each.value;
    return modernTransform(old, name, { ...each, value: scaled });
  });
}

function withScale(properties: readonly Property[], scale: Code): Property[] {
  const [type, ...rest] = properties;
  return type === undefined ? [] : [type, property('img_scale', scale), ...rest];
}

function isPair(scale: Code): boolean {
  const list = structureOf(scale);
  return list.kind === 'array' && list.items.every((item) => typeof literalOf(item.value) === 'number');
}

/** `Collect` chose what goes into the batch; the packing transform of the task does now. */
function packed(old: OldConfig, name: string, code: Code): Code {
  const keys = propertyOf(code, 'keys');
  const list = keys === undefined ? undefined : structureOf(keys);
  const names = list?.kind === 'array' ? list.items.map((item) => literalOf(item.value)) : [];
  const isDetection = names.some((key) => String(key).startsWith('gt_bboxes')) || usesBoxes(old);
  const type =
    names.includes('gt_semantic_seg') && !isDetection ? 'PackSegInputs' : isDetection ? 'PackDetInputs' : 'PackInputs';
  const meta = propertyOf(code, 'meta_keys');
  if (type === 'PackInputs') old.warn(name, 'Collect is PackInputs now; check its keys');
  return objectOf({ type: literalCode(type), meta_keys: meta });
}

function usesBoxes(old: OldConfig): boolean {
  return old.analysis.drafts.some(({ code }) => {
    const list = code === undefined ? undefined : structureOf(code);
    return list?.kind === 'array' && list.items.some((item) => propertyOf(item.value, 'with_bbox') !== undefined);
  });
}
