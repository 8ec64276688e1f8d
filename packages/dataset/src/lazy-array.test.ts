import { type HostArray, hostArray } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Compose,
  DataLoader,
  type Dataset,
  type HostBatchLike,
  LazyArray,
  type MakeArray,
  pseudoCollate,
  type Sample,
  type SampleContext,
  sampleRandom,
  settle,
  type Transform,
  zeros,
} from './index.js';

/** Numbers that are scaled and shifted when somebody needs them. */
class Scaled extends LazyArray {
  readonly dtype = 'float32';
  readonly shape: readonly number[];
  constructor(
    readonly of: HostArray<'float32'>,
    readonly scale: number,
    readonly log: string[] = [],
  ) {
    super();
    this.shape = of.shape;
  }
  compute(make: MakeArray): HostArray {
    this.log.push('computed');
    const out = make('float32', this.shape);
    for (let i = 0; i < out.data.length; i++) out.data[i] = (this.of.data[i] as number) * this.scale;
    return out;
  }
}

const numbers = (...values: number[]) => hostArray('float32', [values.length], Float32Array.from(values));

/** Multiplies, in one pass with its like. */
const times = (factor: number, log: string[] = []): Transform & Required<Pick<Transform, 'defer'>> => ({
  transform(sample, ctx) {
    return settle(this.defer(sample, ctx) as Record<string, unknown>);
  },
  defer(sample) {
    const { inputs } = sample;
    const scaled = inputs instanceof Scaled ? inputs : new Scaled(inputs as HostArray<'float32'>, 1);
    return { ...sample, inputs: new Scaled(scaled.of, scaled.scale * factor, log) };
  },
});
/** Adds, to arrays that are there. */
const plus = (term: number): Transform => ({
  transform: ({ inputs, ...rest }) => ({
    ...rest,
    inputs: numbers(...Array.from((inputs as HostArray<'float32'>).data, (x) => x + term)),
  }),
});
const ctx: SampleContext = { seed: 1, epoch: 2, index: 3 };

describe('transforms that defer', () => {
  it('become one pass, and others see arrays that are there', () => {
    const log: string[] = [];
    const pipeline = new Compose([times(2, log), times(3, log), plus(1), new Compose([times(10, log)]), times(2, log)]);
    expect(pipeline.transform({ inputs: numbers(1, 2) }, ctx)).toEqual({ inputs: numbers(140, 260) });
    expect(log).toHaveLength(2);
  });

  it('may answer later, or ask for another sample', async () => {
    const slow: Transform = { transform: () => null, defer: async (sample, at) => times(2).defer(sample, at) };
    expect(await new Compose([slow, plus(1)]).transform({ inputs: numbers(3) }, ctx)).toEqual({ inputs: numbers(7) });
    expect(await new Compose([plus(1), slow]).transform({ inputs: numbers(3) }, ctx)).toEqual({ inputs: numbers(8) });
    const none: Transform = { transform: () => null, defer: async () => null };
    expect(await new Compose([none, plus(1)]).transform({ inputs: numbers(3) }, ctx)).toBeNull();
  });

  it('fail by name, like others', () => {
    const bad: Transform = { transform: (sample) => sample, defer: () => [] as never };
    expect(() => new Compose([bad]).transform({}, ctx)).toThrow(/ENGINE_DATASET_TRANSFORM_FAILED[^]*pipeline\[0\]/);
  });

  it('leave a sample without lazy arrays as it is', () => {
    const sample = { inputs: numbers(1), samples: 2 };
    expect(settle(sample)).toBe(sample);
  });

  it('get the row of the batch for one array; the others have memory of their own', () => {
    const made: number[][] = [];
    const row: MakeArray = (dtype, shape) => {
      made.push([...shape]);
      return zeros(dtype, shape);
    };
    const sample = { inputs: new Scaled(numbers(1, 2), 2), more: new Scaled(numbers(4), 2) };
    expect(settle(sample, row)).toEqual({ inputs: numbers(2, 4), more: numbers(8) });
    expect(made).toEqual([[2]]);
    expect(sample.inputs).toBeInstanceOf(Scaled);
  });
});

describe('batches of samples that are computed in place', () => {
  interface Trial {
    readonly length: number;
    readonly batchSize: number;
    readonly prefetch: number;
    /** For each sample: how it comes about. */
    readonly how: readonly ('lazy' | 'there' | 'twice' | 'null' | 'later')[];
  }
  const trials: fc.Arbitrary<Trial> = fc.record({
    length: fc.integer({ min: 1, max: 20 }),
    batchSize: fc.integer({ min: 1, max: 6 }),
    prefetch: fc.nat(3),
    how: fc.array(fc.constantFrom('lazy', 'lazy', 'there', 'twice', 'null', 'later'), { minLength: 20, maxLength: 20 }),
  });

  function dataset({ length, how }: Trial, pipeline: Transform, drop: boolean): Dataset {
    return {
      metainfo: {},
      length,
      init: async () => undefined,
      get(index, given) {
        const context = drop ? { ...given, row: undefined } : given;
        const noise = sampleRandom(given).nextFloat();
        const run = () =>
          pipeline.transform({ inputs: numbers(index, noise), samples: index }, context) as unknown as Sample;
        const kind = index === 0 ? 'there' : how[index];
        if (kind === 'null') return null;
        if (kind === 'there') return { inputs: numbers(-index, noise), samples: index };
        if (kind === 'later') return Promise.resolve().then(run);
        if (kind !== 'twice') return run();
        const [first, second] = [run(), run()]; // two views of one sample: the first has the row
        const both = zip(first.inputs as HostArray<'float32'>, second.inputs as HostArray<'float32'>);
        return { inputs: both, samples: index };
      },
    };
  }
  const zip = (a: HostArray<'float32'>, b: HostArray<'float32'>) => numbers(a.data[0] as number, b.data[1] as number);

  const all = async (trial: Trial, drop: boolean, more: object = {}): Promise<HostBatchLike[]> => {
    const { batchSize, prefetch } = trial;
    const source = dataset(trial, new Compose([times(2), times(5)]), drop);
    const loader = new DataLoader({ dataset: source, batchSize, prefetch, shuffle: true, seed: 4, ...more });
    await loader.init();
    const batches = [];
    for await (const batch of loader.batches()) batches.push(batch);
    return batches;
  };

  it('are those of samples that are copied', async () => {
    await fc.assert(
      fc.asyncProperty(trials, async (trial) => {
        expect(await all(trial, false)).toEqual(await all(trial, true));
        expect(await all(trial, false, { collateFn: pseudoCollate })).toEqual(
          await all(trial, true, { collateFn: pseudoCollate }),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('are not copied when all samples are made there', async () => {
    const trial: Trial = { length: 6, batchSize: 3, prefetch: 0, how: Array.from({ length: 20 }, () => 'lazy') };
    const rows: Float32Array[] = [];
    const source = dataset(trial, new Compose([times(2)]), false);
    const watched: Dataset = {
      ...source,
      get(index, given) {
        const sample = source.get(index + 1, given) as Sample;
        rows.push((sample.inputs as HostArray<'float32'>).data);
        return sample;
      },
      length: 3,
    };
    const loader = new DataLoader({ dataset: watched, batchSize: 3, prefetch: 0 });
    await loader.init();
    for await (const { inputs } of loader.batches()) {
      const { data } = inputs as HostArray<'float32'>;
      expect(rows.map(({ buffer }) => buffer)).toEqual([data.buffer, data.buffer, data.buffer]);
      expect(rows.every(({ buffer }) => buffer === data.buffer)).toBe(true);
    }
  });

  it('keep samples apart under other collate functions', async () => {
    const trial: Trial = { length: 4, batchSize: 4, prefetch: 0, how: Array.from({ length: 20 }, () => 'lazy') };
    const [batch] = await all(trial, false, { collateFn: pseudoCollate });
    const inputs = batch?.inputs as readonly HostArray[];
    expect(new Set(inputs.map(({ data }) => data.buffer)).size).toBe(4);
  });

  it('of different shapes are refused as ever', async () => {
    const source: Dataset = {
      metainfo: {},
      length: 2,
      init: async () => undefined,
      get: (index, given) =>
        new Compose([times(2)]).transform(
          { inputs: numbers(...Array.from({ length: index + 1 }, () => 1)) },
          given,
        ) as unknown as Sample,
    };
    const loader = new DataLoader({ dataset: source, batchSize: 2 });
    await loader.init();
    await expect(loader.batches().next()).rejects.toMatchObject({ code: 'ENGINE_DATASET_COLLATE_MISMATCH' });
  });
});
