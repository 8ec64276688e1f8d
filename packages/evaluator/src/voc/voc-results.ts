import { evaluatorErrors } from '../errors.js';
import { type Detections, detectionsOf, fieldOf, numbersOf, typeName } from '../instance-fields.js';
import { type Outcome, outcomes, type WantedBoxes } from './voc-matching.js';

/** What is kept of one image: plain data that travels between ranks. */
export interface VocResult {
  /** Of what was found, best first. */
  readonly labels: readonly number[];
  readonly scores: readonly number[];
  /** For each threshold one of each box that was found. */
  readonly outcomes: readonly (readonly Outcome[])[];
  /** The class of each object that is to be found. */
  readonly wanted: readonly number[];
}

export interface VocInit {
  readonly iouThrs: readonly number[];
  readonly extra: 0 | 1;
  /** How many there are, where that is known. */
  readonly classes: number | undefined;
}

interface Truth {
  readonly boxes: readonly number[];
  readonly labels: readonly number[];
  readonly ignored: readonly boolean[];
}

/** @throws `ENGINE_EVALUATOR_BAD_PREDICTIONS`, `ENGINE_EVALUATOR_BAD_TRUTH`, `ENGINE_EVALUATOR_LABEL_RANGE` */
export async function vocResults(batch: unknown, predictions: unknown, init: VocInit): Promise<VocResult[]> {
  if (!Array.isArray(predictions)) throw badPredictions(typeName(predictions));
  return Promise.all(
    predictions.map(async (prediction: unknown, i) => {
      const found = await detectionsOf(prediction, i, badPredictions);
      return matched(found, await truthOf(withTruth(prediction, batch, i), i), init);
    }),
  );
}

/** What has the annotations of image `i`: what the model gave, or the sample. */
function withTruth(prediction: unknown, batch: unknown, i: number): unknown {
  if (fieldOf(prediction, 'gtInstances') !== undefined) return prediction;
  const samples = fieldOf(batch, 'samples');
  if (Array.isArray(samples)) return samples[i] as unknown;
  throw badTruth(`samples = ${typeName(samples)}`);
}

function matched(found: Detections, truth: Truth, { iouThrs, extra, classes }: VocInit): VocResult {
  const labels = [...new Set([...found.labels, ...truth.labels])];
  const wrong = labels.find((label) => !Number.isInteger(label) || label < 0 || label >= (classes ?? Infinity));
  if (wrong !== undefined) throw noClass(wrong, classes);
  const order = found.scores.map((_, i) => i).sort((a, b) => (found.scores[b] as number) - (found.scores[a] as number));
  const all = iouThrs.map(() => order.map((): Outcome => 0));
  for (const label of labels) {
    const mine = order.flatMap((from, place) => (found.labels[from] === label ? [[from, place] as const] : []));
    const boxes = mine.flatMap(([from]) => found.boxes.slice(4 * from, 4 * from + 4));
    const wanted = ofClass(truth, label);
    for (const [t, iouThr] of iouThrs.entries())
      for (const [i, outcome] of outcomes(boxes, wanted, { iouThr, extra }).entries())
        (all[t] as Outcome[])[(mine[i] as readonly [number, number])[1]] = outcome;
  }
  return {
    labels: order.map((i) => found.labels[i] as number),
    scores: order.map((i) => found.scores[i] as number),
    outcomes: all,
    wanted: truth.labels.filter((_, i) => truth.ignored[i] === false),
  };
}

/** Those to be ignored last, as the reference looks at them. */
function ofClass({ boxes, labels, ignored }: Truth, label: number): WantedBoxes {
  const mine = labels.flatMap((each, i) => (each === label ? [i] : []));
  const ordered = [...mine.filter((i) => ignored[i] === false), ...mine.filter((i) => ignored[i] === true)];
  return {
    boxes: ordered.flatMap((i) => boxes.slice(4 * i, 4 * i + 4)),
    ignored: ordered.map((i) => ignored[i] === true),
  };
}

async function truthOf(sample: unknown, i: number): Promise<Truth> {
  const instances = fieldOf(sample, 'gtInstances');
  if (instances === undefined) throw badTruth(`no gtInstances in samples[${i}]`);
  const wanted = await boxesOf(instances, `samples[${i}].gtInstances`);
  const flags = fieldOf(instances, 'ignoreFlags');
  const ignored =
    flags === undefined
      ? wanted.labels.map(() => false)
      : (await numbersOf(flags, `samples[${i}].gtInstances.ignoreFlags`, badTruth)).map((flag) => flag !== 0);
  if (ignored.length !== wanted.labels.length)
    throw badTruth(`${wanted.labels.length} labels and ${ignored.length} ignoreFlags in samples[${i}].gtInstances`);
  const others = fieldOf(sample, 'ignoredInstances');
  if (others === undefined) return { ...wanted, ignored };
  const more = await boxesOf(others, `samples[${i}].ignoredInstances`);
  return {
    boxes: [...wanted.boxes, ...more.boxes],
    labels: [...wanted.labels, ...more.labels],
    ignored: [...ignored, ...more.labels.map(() => true)],
  };
}

async function boxesOf(instances: unknown, name: string): Promise<Omit<Truth, 'ignored'>> {
  const boxes = await numbersOf(fieldOf(instances, 'bboxes'), `${name}.bboxes`, badTruth);
  const labels = await numbersOf(fieldOf(instances, 'labels'), `${name}.labels`, badTruth);
  if (boxes.length === 4 * labels.length) return { boxes, labels };
  throw badTruth(`${boxes.length} / 4 boxes and ${labels.length} labels in ${name}`);
}

function badPredictions(received: string): Error {
  return evaluatorErrors.BAD_PREDICTIONS({
    subject: 'VOCMetric',
    expected:
      'one { predInstances: { bboxes (N, 4), scores (N), labels (N) } } a sample, as tensors, host arrays or lists',
    received,
    action: "return such a list from the model's forward() in mode 'predict'",
  });
}

function badTruth(received: string): Error {
  return evaluatorErrors.BAD_TRUTH({
    subject: 'VOCMetric',
    expected: 'samples of the batch: one { gtInstances: { bboxes (N, 4), labels (N), ignoreFlags (N)? } } a prediction',
    received,
    action:
      'end the pipeline of the dataset with LoadAnnotations and PackInputs, and give the loader collateFn: pseudoCollate',
  });
}

function noClass(label: number, classes: number | undefined): Error {
  return evaluatorErrors.LABEL_RANGE({
    subject: 'VOCMetric',
    expected:
      classes === undefined ? 'labels that count from 0' : `labels from 0 to ${classes - 1}, one of metainfo.classes`,
    received: `label ${label}`,
    action: 'let the model have as many classes as the dataset',
  });
}
