import { EngineError, isPromise } from '@engine/core/plain';
import type { SampleContext, Transform } from './contract.js';
import { datasetErrors } from './errors.js';
import { settle } from './lazy-array.js';
import { nameOf } from './naming.js';

type Fields = Record<string, unknown>;
type Result = Fields | null | Promise<Fields | null>;

/**
 * A pipeline: transforms applied in order, ending at the first that returns null. Synchronous as long as its transforms are.
 * @throws `ENGINE_DATASET_NOT_A_TRANSFORM` when made; `ENGINE_DATASET_TRANSFORM_FAILED`, with the cause, when a transform fails.
 */
export class Compose implements Transform {
  readonly transforms: readonly Transform[];
  /** The place of each transform, when this pipeline is not inside another. */
  readonly #streams: readonly string[];

  constructor(transforms: readonly Transform[] = []) {
    transforms.forEach(checkTransform);
    this.transforms = [...transforms];
    this.#streams = transforms.map((_, i) => String(i));
  }

  transform(sample: Fields, ctx: SampleContext): Result {
    const { row } = ctx;
    const result = this.#run(0, sample, ctx);
    if (isPromise(result)) return result.then((value) => (value === null ? null : settle(value, row)));
    return result === null ? null : settle(result, row);
  }

  /** As `transform`; arrays may be lazy before and after. */
  defer(sample: Fields, ctx: SampleContext): Result {
    return this.#run(0, sample, ctx);
  }

  /** One transform a line. */
  toString(): string {
    return `Compose(\n${this.transforms.map((transform) => `    ${nameOf(transform)}\n`).join('')})`;
  }

  #run(start: number, sample: Fields, ctx: SampleContext): Result {
    let current = sample;
    for (let i = start; i < this.transforms.length; i++) {
      const result = this.#apply(i, current, ctx);
      if (isPromise(result)) {
        return result.then(
          (value) => this.#continue(i, value as Fields | null, ctx),
          (cause: unknown) => Promise.reject(this.#failed(i, cause)),
        );
      }
      if (result === null) return null;
      current = this.#checked(i, result);
    }
    return current;
  }

  #continue(i: number, value: Fields | null, ctx: SampleContext): Result {
    return value === null ? null : this.#run(i + 1, this.#checked(i, value), ctx);
  }

  #apply(i: number, sample: Fields, ctx: SampleContext): Result {
    const stream = ctx.stream === undefined ? (this.#streams[i] as string) : `${ctx.stream}.${i}`;
    const { seed, epoch, index } = ctx; // spelt out: a spread costs more than many transforms
    const transform = this.transforms[i] as Transform;
    const own = { seed, epoch, index, stream };
    try {
      return transform.defer === undefined ? transform.transform(settle(sample), own) : transform.defer(sample, own);
    } catch (cause) {
      throw this.#failed(i, cause);
    }
  }

  #checked(i: number, result: Fields): Fields {
    if (typeof result === 'object' && !Array.isArray(result)) return result;
    throw datasetErrors.TRANSFORM_FAILED({
      subject: this.#label(i),
      expected: 'a sample (an object), or null to have another one drawn',
      received: `transform() = ${Array.isArray(result) ? 'an array' : String(result)}`,
      action: 'return the sample from transform()',
    });
  }

  #failed(i: number, cause: unknown): Error {
    return datasetErrors.TRANSFORM_FAILED({
      subject: this.#label(i),
      expected: 'a transform that takes this sample',
      received: describeThrown(cause),
      action: 'fix the transform or the sample; the cause has the stack',
      cause,
    });
  }

  #label(i: number): string {
    return `pipeline[${i}] ${nameOf(this.transforms[i] as Transform)}`;
  }
}

/** One line about something thrown. */
export function describeThrown(thrown: unknown): string {
  if (thrown instanceof EngineError) return `${thrown.code}: expected ${thrown.expected}, received ${thrown.received}`;
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}

function checkTransform(value: unknown, i: number): void {
  if (typeof value === 'object' && value !== null && 'transform' in value && typeof value.transform === 'function')
    return;
  throw datasetErrors.NOT_A_TRANSFORM({
    subject: `pipeline[${i}]`,
    expected: 'an object with a method transform(sample, ctx)',
    received: value === null ? 'null' : typeof value,
    action: 'pass an instance; in a config write { type: RandomCrop, ... }',
  });
}
