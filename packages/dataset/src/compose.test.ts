import { EngineError } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { Compose } from './compose.js';
import type { SampleContext, Transform } from './contract.js';
import { sampleRandom } from './sample-random.js';

const ctx: SampleContext = { seed: 1, epoch: 2, index: 3 };
const add = (key: string, value: unknown): Transform => ({ transform: (sample) => ({ ...sample, [key]: value }) });
const later = (key: string, value: unknown): Transform => ({
  transform: async (sample) => ({ ...sample, [key]: value }),
});

class Explodes implements Transform {
  transform(): never {
    throw new RangeError('boom');
  }
}

function codeOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('Compose', () => {
  it('applies transforms in order, synchronously when they are', () => {
    expect(new Compose([add('a', 1), add('b', 2), add('a', 3)]).transform({ inputs: 0 }, ctx)).toEqual({
      inputs: 0,
      a: 3,
      b: 2,
    });
  });

  it('is the identity without transforms', () => {
    const sample = { inputs: 0 };
    expect(new Compose().transform(sample, ctx)).toBe(sample);
  });

  it('waits for asynchronous transforms in between', async () => {
    const composed = new Compose([add('a', 1), later('b', 2), add('c', 3), later('d', 4)]);
    expect(await composed.transform({ inputs: 0 }, ctx)).toEqual({ inputs: 0, a: 1, b: 2, c: 3, d: 4 });
  });

  it('ends at the first null, also an asynchronous one', async () => {
    expect(new Compose([{ transform: () => null }, new Explodes()]).transform({}, ctx)).toBeNull();
    expect(await new Compose([{ transform: async () => null }, new Explodes()]).transform({}, ctx)).toBeNull();
  });

  it('names transform and place when one throws, and keeps the cause', async () => {
    const sync = new Compose([add('a', 1), new Explodes()]);
    const rejecting = new Compose([{ transform: () => Promise.reject(new RangeError('boom')) }]);
    for (const [composed, subject] of [
      [sync, 'pipeline[1] Explodes'],
      [rejecting, 'pipeline[0] (unnamed)'],
    ] as const) {
      const error = await (async () => composed.transform({}, ctx))().catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'ENGINE_DATASET_TRANSFORM_FAILED', subject, received: 'RangeError: boom' });
      expect((error as Error).cause).toBeInstanceOf(RangeError);
    }
  });

  it('says so when a transform forgets to return, at once or later', async () => {
    const forgets = { transform: () => undefined } as unknown as Transform;
    const forgetsLater = { transform: async () => undefined } as unknown as Transform;
    expect(codeOf(() => new Compose([forgets]).transform({}, ctx))).toBe('ENGINE_DATASET_TRANSFORM_FAILED');
    await expect(new Compose([forgetsLater]).transform({}, ctx)).rejects.toMatchObject({
      code: 'ENGINE_DATASET_TRANSFORM_FAILED',
    });
  });

  it('shows one transform a line', () => {
    class Flip implements Transform {
      transform = (sample: Record<string, unknown>): Record<string, unknown> => sample;
    }
    expect(String(new Compose([new Flip(), new Compose()]))).toBe('Compose(\n    Flip\n    Compose\n)');
    expect(String(new Compose())).toBe('Compose(\n)');
  });

  it('refuses what is not a transform', () => {
    for (const value of [null, undefined, 3, 'RandomCrop', {}, () => ({})]) {
      expect(codeOf(() => new Compose([value as unknown as Transform]))).toBe('ENGINE_DATASET_NOT_A_TRANSFORM');
    }
  });

  it('gives every place of a nested pipeline random numbers of its own, the same each time', () => {
    const draw: Transform = {
      transform: (sample, at) => ({ draws: [...(sample.draws as number[]), sampleRandom(at).nextU32()] }),
    };
    const nested = new Compose([draw, new Compose([draw, draw]), draw]);
    const { draws } = nested.transform({ draws: [] }, ctx) as { draws: number[] };
    expect(new Set(draws).size).toBe(4);
    expect(nested.transform({ draws: [] }, ctx)).toEqual({ draws });
    expect(nested.transform({ draws: [] }, { ...ctx, epoch: 3 })).not.toEqual({ draws });
    expect(nested.transform({ draws: [] }, { ...ctx, index: 4 })).not.toEqual({ draws });
  });
});
