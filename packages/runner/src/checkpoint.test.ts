import { type HostArray, hostArray, type Json } from '@engine/core';
import { MemoryStorage, readSafetensors, writeSafetensors } from '@engine/fileio';
import type { CheckpointDraft } from '@engine/hooks';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT_FORMAT, decodeCheckpoint, encodeCheckpoint, readCheckpoint } from './checkpoint.js';
import { configHash } from './config-hash.js';
import { parseNumbers, stringifyNumbers } from './exact-json.js';

const meta = {
  epoch: 1,
  iter: 6,
  batchInEpoch: 2,
  accumulation: 1,
  validationDue: false,
  seeds: { run: 3 },
  worldSize: 1,
  experimentName: '20261121_101500',
  time: '20261121_101501',
};
const origin = { engineVersion: '0.1.0', backend: 'cpu', config: { trainCfg: { maxEpochs: 3 } } };

function draft(sections: Record<string, Json> = {}): CheckpointDraft {
  const tensors = new Map<string, HostArray>([
    ['model/w', hostArray('float32', [2, 2], Float32Array.of(1, -0, Number.NaN, 4))],
    ['model/steps', hostArray('int64', [], BigInt64Array.of(7n))],
  ]);
  return { meta: { ...meta }, tensors, sections: new Map(Object.entries(sections)) };
}

function bytesOf(chunks: Iterable<Uint8Array>): Uint8Array {
  return new Uint8Array(Buffer.concat([...chunks]));
}

const fails = (bytes: Uint8Array): { code?: string } => {
  try {
    decodeCheckpoint('x', bytes);
    return {};
  } catch (error) {
    return error as { code: string };
  }
};

describe('a checkpoint file', () => {
  it('gives back what went in', () => {
    const sections = {
      paramGroups: { default: [{ lr: 0.1, eps: Number.POSITIVE_INFINITY, zero: -0 }] },
      schedulers: [],
      own: null,
    };
    const read = decodeCheckpoint('x', bytesOf(encodeCheckpoint(draft(sections), origin)));
    expect(read.meta).toEqual(meta);
    expect(read.config).toEqual(origin.config);
    expect(Object.fromEntries(read.sections)).toEqual(sections);
    expect([...read.tensors.keys()]).toEqual(['model/w', 'model/steps']);
    expect(Object.is([...(read.tensors.get('model/w')?.data ?? [])][1], -0)).toBe(true);
    expect(read.tensors.get('model/steps')).toMatchObject({ dtype: 'int64', shape: [] });
  });

  it('has the keys that others rely on, in one JSON string', () => {
    const { metadata } = readSafetensors(bytesOf(encodeCheckpoint(draft({ layouts: {} }), origin)));
    expect(Object.keys(metadata)).toEqual(['engine']);
    const header = JSON.parse(metadata['engine'] ?? '') as Record<string, unknown>;
    expect(Object.keys(header)).toEqual(['format', 'engine', 'backend', 'meta', 'configHash', 'config', 'layouts']);
    expect(header).toMatchObject({
      format: CHECKPOINT_FORMAT,
      engine: '0.1.0',
      backend: 'cpu',
      configHash: configHash(origin.config),
    });
  });

  it('is refused wherever it is cut off', () => {
    const bytes = bytesOf(encodeCheckpoint(draft(), origin));
    for (let length = 0; length < bytes.length; length += 13) {
      expect(fails(bytes.subarray(0, length))).toMatchObject({ code: 'ENGINE_RUNNER_CHECKPOINT_BROKEN', subject: 'x' });
    }
  });

  it('is refused when any byte was changed, unless that only takes its checksum away', () => {
    const bytes = bytesOf(encodeCheckpoint(draft(), origin));
    const whole = decodeCheckpoint('x', bytes);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const damaged = bytes.slice();
        damaged[at] = ((damaged[at] ?? 0) + by) % 256;
        const { code } = fails(damaged);
        if (code === undefined) expect(decodeCheckpoint('x', damaged)).toEqual(whole);
        else expect(code).toMatch(/^ENGINE_RUNNER_CHECKPOINT_(BROKEN|FOREIGN)$/);
      }),
      { numRuns: 300 },
    );
  });

  it('of another program, or with a broken header, is told apart', () => {
    const foreign = (metadata: Record<string, string>): object => fails(bytesOf(writeSafetensors([], metadata)));
    expect(foreign({})).toMatchObject({
      code: 'ENGINE_RUNNER_CHECKPOINT_FOREIGN',
      received: 'a safetensors file without __metadata__.engine',
    });
    expect(foreign({ engine: '{' })).toMatchObject({ code: 'ENGINE_RUNNER_CHECKPOINT_FOREIGN' });
    expect(foreign({ engine: '[]' })).toMatchObject({ code: 'ENGINE_RUNNER_CHECKPOINT_FOREIGN' });
    const header = { format: 1, engine: '0', backend: 'cpu', meta, configHash: '', config: {} };
    expect(foreign({ engine: JSON.stringify(header) })).toEqual({});
    expect(foreign({ engine: JSON.stringify({ ...header, meta: { ...meta, epoch: -1 } }) })).toMatchObject({
      received: '__metadata__.engine without a proper meta.epoch',
    });
  });

  it('of a newer format is refused as such', () => {
    const bytes = bytesOf(
      writeSafetensors([], { engine: JSON.stringify({ format: CHECKPOINT_FORMAT + 1, everything: 'else' }) }),
    );
    expect(fails(bytes)).toMatchObject({ code: 'ENGINE_RUNNER_CHECKPOINT_NEWER', received: 'format 2' });
  });

  it('that does not exist is missing', async () => {
    await expect(readCheckpoint(new MemoryStorage(), '/no')).rejects.toMatchObject({
      code: 'ENGINE_RUNNER_CHECKPOINT_MISSING',
      subject: '/no',
      exitCode: 2,
    });
  });
});

describe('numbers in JSON', () => {
  it('come back bit for bit', () => {
    fc.assert(
      fc.property(fc.array(fc.double()), (numbers) => {
        const back = parseNumbers(stringifyNumbers(numbers)) as number[];
        return back.length === numbers.length && back.every((value, index) => Object.is(value, numbers[index]));
      }),
    );
  });
});

describe('the hash of a config', () => {
  it('depends on what is computed, not on the order of keys, the place or the seed', () => {
    const config = { model: { type: 'A', depth: 1 }, trainCfg: { maxEpochs: 3 } };
    expect(
      configHash({
        trainCfg: { maxEpochs: 3 },
        model: { depth: 1, type: 'A' },
        workDir: 'x',
        resume: true,
        randomness: { seed: 1 },
      }),
    ).toBe(configHash(config));
    expect(configHash({ ...config, trainCfg: { maxEpochs: 4 } })).not.toBe(configHash(config));
    expect(configHash({})).toMatch(/^[0-9a-f]{16}$/);
  });
});
