import { isPlainObject } from '@engine/core';
import type { Segmentation } from './coco-mask.js';

/** An image of a COCO file; other keys are kept as they are. */
export interface CocoImage {
  readonly id: number;
  readonly file_name: string;
  readonly width: number;
  readonly height: number;
  readonly [key: string]: unknown;
}

/** An object of a COCO file. */
export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  /** `[x, y, width, height]` in pixels. */
  readonly bbox: readonly [number, number, number, number];
  /** Pixels of the object. Without it, those of its box. */
  readonly area?: number;
  /** 1 for a crowd, whose objects are not told apart. */
  readonly iscrowd?: 0 | 1;
  readonly segmentation?: Segmentation;
  readonly [key: string]: unknown;
}

export interface CocoCategory {
  readonly id: number;
  readonly name: string;
  readonly [key: string]: unknown;
}

/** A COCO annotation file, keys as it has them. */
export interface CocoFile {
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly CocoCategory[];
}

/** What is wrong with a file: its form, a missing key, or a value. */
export interface CocoProblem {
  readonly kind: 'type' | 'key' | 'value';
  readonly subject: string;
  readonly expected: string;
  readonly received: string;
  readonly action: string;
}

/** How a file is read. */
export interface ReadCocoOptions {
  readonly storage: { get(path: string): Promise<Uint8Array> };
  /** The error of a problem, which is thrown. */
  readonly fail: (problem: CocoProblem) => Error;
  /** A file without annotations is as one whose list is empty (default false): those of test sets. */
  readonly mayLackAnnotations?: boolean;
}

/**
 * Reads a COCO annotation file and checks what everybody relies on: the keys of images, categories and annotations, ids that are told
 * apart, boxes of four numbers, and annotations whose image and category exist.
 * @throws what `fail` makes, and what the storage throws
 */
export async function readCocoFile(
  path: string,
  { storage, fail, mayLackAnnotations = false }: ReadCocoOptions,
): Promise<CocoFile> {
  const content = parse(await storage.get(path), path, fail);
  const check = new Check(path, fail);
  const file = check.object(content, path);
  const wanted = mayLackAnnotations ? ['images', 'categories'] : ['images', 'annotations', 'categories'];
  check.keys(file, wanted, path);
  const [images, categories, annotations] = [
    check.list(file.images, 'images') as readonly CocoImage[],
    check.list(file.categories, 'categories') as readonly CocoCategory[],
    check.list(file.annotations ?? [], 'annotations') as readonly CocoAnnotation[],
  ];
  const known = { images: imageIds(images, check), categories: categoryIds(categories, check) };
  checkAnnotations(annotations, known, check);
  return { images, categories, annotations };
}

class Check {
  readonly #path: string;
  readonly #fail: (problem: CocoProblem) => Error;

  constructor(path: string, fail: (problem: CocoProblem) => Error) {
    this.#path = path;
    this.#fail = fail;
  }

  object(value: unknown, subject: string): Readonly<Record<string, unknown>> {
    if (isPlainObject(value)) return value;
    throw this.problem('type', subject, ['an object', shown(value)]);
  }

  list(value: unknown, key: string): readonly unknown[] {
    if (Array.isArray(value)) return value;
    throw this.problem('type', key, ['a list', shown(value)]);
  }

  keys(object: Readonly<Record<string, unknown>>, wanted: readonly string[], subject: string): void {
    const missing = wanted.filter((key) => object[key] === undefined);
    if (missing.length === 0) return;
    const has = Object.keys(object).join(', ') || 'none';
    throw this.problem('key', subject, [
      `the keys ${wanted.join(', ')}`,
      `no ${missing.join(', no ')}; keys are ${has}`,
    ]);
  }

  /** Items of a list with an id each. */
  ids(items: readonly { readonly id: number }[], name: string, keys: readonly string[]): Set<number> {
    const ids = new Set<number>();
    items.forEach((item, i) => {
      const subject = `${name}[${i}]`;
      this.keys(this.object(item, subject), keys, subject);
      if (!Number.isSafeInteger(item.id)) throw this.problem('type', subject, ['an integer as id', shown(item.id)]);
      if (ids.has(item.id)) throw this.problem('value', subject, ['an id of its own', `id = ${item.id} once more`]);
      ids.add(item.id);
    });
    return ids;
  }

  problem(kind: CocoProblem['kind'], subject: string, [expected, received]: readonly [string, string]): Error {
    const place = subject === this.#path ? subject : `${this.#path}: ${subject}`;
    const action = 'correct the annotation file, or write it again with the tool it comes from';
    return this.#fail({ kind, subject: place, expected, received, action });
  }
}

function imageIds(images: readonly CocoImage[], check: Check): Set<number> {
  const ids = check.ids(images, 'images', ['id', 'width', 'height']);
  images.forEach(({ width, height }, i) => {
    if (width > 0 && height > 0 && Number.isFinite(width * height)) return;
    throw check.problem('value', `images[${i}]`, ['width and height above 0', `${shown(width)} x ${shown(height)}`]);
  });
  return ids;
}

function categoryIds(categories: readonly CocoCategory[], check: Check): Set<number> {
  const ids = check.ids(categories, 'categories', ['id', 'name']);
  const names = new Set<string>();
  categories.forEach(({ name }, i) => {
    if (names.has(name))
      throw check.problem('value', `categories[${i}]`, ['a name of its own', `name = ${shown(name)} once more`]);
    names.add(name);
  });
  return ids;
}

function checkAnnotations(
  annotations: readonly CocoAnnotation[],
  known: { readonly images: ReadonlySet<number>; readonly categories: ReadonlySet<number> },
  check: Check,
): void {
  check.ids(annotations, 'annotations', ['id', 'image_id', 'category_id', 'bbox']);
  annotations.forEach(({ image_id, category_id, bbox }, i) => {
    const wrong = (expected: string, received: string): Error =>
      check.problem('value', `annotations[${i}]`, [expected, received]);
    if (!known.images.has(image_id)) throw wrong('the id of an image of the file', `image_id = ${shown(image_id)}`);
    if (!known.categories.has(category_id))
      throw wrong('the id of a category of the file', `category_id = ${shown(category_id)}`);
    if (!Array.isArray(bbox) || bbox.length !== 4 || !bbox.every((value) => Number.isFinite(value)))
      throw wrong('a box of four numbers, [x, y, width, height]', `bbox = ${shown(bbox)}`);
  });
}

function parse(bytes: Uint8Array, path: string, fail: ReadCocoOptions['fail']): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as unknown;
  } catch (cause) {
    throw fail({
      kind: 'type',
      subject: path,
      expected: 'a COCO annotation file, in JSON',
      received: cause instanceof Error ? cause.message : String(cause),
      action: 'correct the file or its path',
    });
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
