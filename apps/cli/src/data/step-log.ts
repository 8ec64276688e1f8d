import { entryOf, isPlainObject, isPromise } from '@engine/core/plain';
import type { SampleContext, Transform } from '@engine/dataset';
import { toCamelCase } from '@engine/registry';

type Fields = Record<string, unknown>;

/** What a sample was after a step of its pipeline. */
export interface Step {
  /** Place in the pipeline and name of the transform, e.g. `2 RandomCrop`; `input` for what the first was given. */
  readonly name: string;
  /** Null where the transform threw the sample away. */
  readonly sample: Fields | null;
}

export type PipelineBuilder = (transform: unknown, path: string) => Transform;

/** Notes what each transform of a pipeline makes of a sample. Samples are looked at one after the other. */
export class StepLog {
  #steps: Step[] = [];

  /** A dataset's or data loader's config in which every pipeline is watched; datasets inside others too. */
  watched(config: unknown, at: { readonly path: string; readonly build: PipelineBuilder }): object {
    const { path, build } = at;
    if (Array.isArray(config)) return config.map((item, i) => this.watched(item, { path: `${path}.${i}`, build }));
    if (!isPlainObject(config)) return config as object;
    return Object.fromEntries(
      Object.entries(config).map(([key, value]) => {
        const below = { path: `${path}.${key}`, build };
        const name = toCamelCase(key);
        if (name === 'pipeline' && Array.isArray(value))
          return [key, value.map((item, i) => this.#watch(build(item, `${below.path}.${i}`), `${i} ${nameOf(item)}`))];
        return [key, name === 'dataset' || name === 'datasets' ? this.watched(value, below) : value];
      }),
    );
  }

  /** What was noted since the last call. */
  take(): readonly Step[] {
    const steps = this.#steps;
    this.#steps = [];
    return steps;
  }

  #watch(transform: Transform, name: string): Transform & { readonly name: string } {
    return {
      name: name.replace(/^\d+ /, ''),
      transform: (sample: Fields, ctx: SampleContext) => {
        if (this.#steps.length === 0) this.#note('input', sample);
        const result = transform.transform(sample, ctx);
        if (isPromise(result)) return result.then((made) => this.#note(name, made as Fields | null));
        return this.#note(name, result);
      },
    };
  }

  #note(name: string, sample: Fields | null): Fields | null {
    this.#steps.push({ name, sample: isPlainObject(sample) ? { ...sample } : null });
    return sample;
  }
}

/** What a transform's config, or the built one, calls itself. */
function nameOf(config: unknown): string {
  const type: unknown = isPlainObject(config) && 'type' in config ? config.type : config;
  if (typeof type === 'string') return type.split('.').at(-1) as string;
  const name = entryOf(type)?.name ?? entryOf((type as object).constructor)?.name ?? (type as object).constructor?.name;
  return name === undefined || name === '' || name === 'Object' ? 'transform' : name;
}
