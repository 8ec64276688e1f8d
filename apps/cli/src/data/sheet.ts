import { contactSheet, type Image } from '@engine/visualization';
import { cliErrors } from '../errors.js';
import type { OpenedData } from './open-data.js';
import { pictureOf } from './picture.js';
import { stepOf, type Visited, visit } from './samples.js';
import { unknownStep } from './unknown-step.js';

export interface SheetRequest {
  /** How many samples. */
  readonly number: number;
  /** Which step: `all`, `last`, or the place or name of one. */
  readonly step: string;
  /** Pixels of the longer side of each picture. */
  readonly size: number;
}

export interface Sheet {
  readonly sheet: Image;
  /** Samples in it. */
  readonly samples: number;
  /** What the columns are: steps of the pipeline. */
  readonly columns: readonly string[];
  /** A line about each sample that is not in it. */
  readonly failed: readonly string[];
}

interface Picture {
  readonly step: string;
  readonly image: Image;
}

/**
 * The first samples of an epoch as one picture: a row for each, a column for each step that gives an image.
 * @throws `ENGINE_CLI_NO_PICTURE` when no sample has an image, `ENGINE_CLI_UNKNOWN_STEP`
 */
export async function sheetOf(data: OpenedData, request: SheetRequest): Promise<Sheet> {
  const options = { size: request.size, classes: data.meta.classes };
  const rows: { index: number; pictures: Picture[] }[] = [];
  const failed: string[] = [];
  for await (const visited of visit(data, firstOf(data, request.number))) {
    if (visited.error !== undefined) failed.push(visited.error.message);
    else if (visited.sample === null) failed.push(`sample ${visited.index} is thrown away by its pipeline`);
    const pictures = chosen(visited, request.step).flatMap(({ step, sample }) => {
      const image = sample === null ? undefined : pictureOf(sample, options);
      return image === undefined ? [] : [{ step, image }];
    });
    if (pictures.length > 0) rows.push({ index: visited.index, pictures });
  }
  const columns = columnsOf(rows.map(({ pictures }) => pictures.map(({ step }) => step)));
  if (columns.length === 0) throw noPicture(failed);
  return { ...draw(rows, columns), samples: rows.length, columns, failed };
}

/** The first indices of an epoch, in the order of its sampler. */
function* firstOf({ loader }: OpenedData, count: number): Generator<number> {
  let left = Math.min(count, loader.dataset.length);
  for (const index of loader.sampler.indices(0)) {
    if (left-- <= 0) return;
    yield index;
  }
}

function chosen(visited: Visited, wanted: string): { step: string; sample: Record<string, unknown> | null }[] {
  const { steps, sample } = visited;
  if (wanted === 'all' && steps.length > 0)
    return steps.map(({ name, sample: made }) => ({ step: name, sample: made }));
  if (wanted === 'all' || wanted === 'last')
    return sample === undefined ? [] : [{ step: steps.at(-1)?.name ?? 'sample', sample }];
  const found = stepOf(visited, wanted);
  if (found === undefined && visited.error === undefined) throw unknownStep(wanted, steps);
  return found === undefined ? [] : [{ step: wanted, sample: found }];
}

/** Names of the steps, in the order of the pipeline, that some sample has a picture of. */
function columnsOf(rows: readonly (readonly string[])[]): string[] {
  return [...rows]
    .sort((a, b) => b.length - a.length)
    .reduce<string[]>((all, row) => [...new Set([...all, ...row])], []);
}

function draw(
  rows: readonly { index: number; pictures: readonly Picture[] }[],
  columns: readonly string[],
): { sheet: Image } {
  if (columns.length === 1) {
    const images = rows.flatMap(({ pictures }) => pictures.map(({ image }) => image));
    return { sheet: contactSheet(images, { captions: rows.map(({ index }) => `#${index} ${columns[0]}`) }) };
  }
  const blank = blankLike(rows[0]?.pictures[0]?.image as Image);
  const cells = rows.flatMap(({ index, pictures }) =>
    columns.map((step) => {
      const found = pictures.find((picture) => picture.step === step);
      return { image: found?.image ?? blank, caption: found === undefined ? '' : `#${index} ${step}` };
    }),
  );
  const captions = cells.map(({ caption }) => caption);
  return {
    sheet: contactSheet(
      cells.map(({ image }) => image),
      { columns: columns.length, captions },
    ),
  };
}

function blankLike({ shape }: Image): Image {
  return { dtype: 'uint8', shape, data: new Uint8Array(shape.reduce((a, b) => a * b, 1)).fill(255) };
}

function noPicture(failed: readonly string[]): Error {
  return cliErrors.NO_PICTURE({
    expected: 'samples with an image under inputs: a host array (H, W) or (H, W, C)',
    received: failed[0] ?? 'samples without one at any step',
    action: 'put a transform that loads the image into the pipeline, LoadImageFromFile for example',
  });
}
