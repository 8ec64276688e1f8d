import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { cpu } from '@engine/backend-cpu';
import { type Logger, silentLogger } from '@engine/core';
import { describeBackend } from '@engine/core/testing';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wasm } from './wasm.js';

describeBackend('wasm', () => wasm({ threads: 1 }), { reference: cpu });
describeBackend('wasm with two threads', () => wasm({ threads: 2 }));
describeBackend('wasm without SIMD', () => wasm({ simd: false }));

describe('wasm', () => {
  const made: ReturnType<typeof wasm>[] = [];
  const make = (...options: Parameters<typeof wasm>): ReturnType<typeof wasm> => {
    const backend = wasm(...options);
    made.push(backend);
    return backend;
  };
  afterEach(async () => {
    for (const backend of made.splice(0)) await backend.dispose();
  });

  it.each([0, 1.5, 9, Number.NaN])('refuses %s threads', (threads) => {
    expect(() => wasm({ threads })).toThrow(expect.objectContaining({ code: 'ENGINE_CORE_BACKEND_UNSUPPORTED' }));
  });

  it('says where it looked when the binary is missing, and can be tried again', async () => {
    const lost = make({ threads: 1, path: '/nowhere/at/all' });
    const failure = {
      code: 'ENGINE_CORE_BACKEND_LOAD_FAILED',
      received: expect.stringContaining('/nowhere/at/all'),
      exitCode: 2,
    };
    await expect(lost.init()).rejects.toMatchObject(failure);
    await expect(lost.init()).rejects.toMatchObject(failure);
    await make({ threads: 1 }).init();
    expect(tf.getBackend()).toBe('wasm');
  });

  it('is shared by those who agree, until the last of them has disposed of it', async () => {
    const [one, two] = [make({ threads: 1 }), make({ threads: 1 })];
    await Promise.all([one.init(), two.init()]);
    const tensor = tf.tensor1d([1, 2, 3]);
    await one.dispose();
    expect([...(await tensor.data())]).toEqual([1, 2, 3]);
    expect(two.capabilities).toMatchObject({ features: ['simd'], threads: 1 });
    tensor.dispose();
  });

  it('refuses other options while it is in use', async () => {
    await make({ threads: 1 }).init();
    await expect(make({ threads: 1, simd: false }).init()).rejects.toMatchObject({
      code: 'ENGINE_CORE_BACKEND_UNSUPPORTED',
    });
  });

  it('reports its heap and its threads', async () => {
    const backend = make({ threads: 3 });
    await backend.init();
    expect(backend.capabilities.threads).toBe(3);
    expect(backend.memory().reservedBytes).toBeGreaterThan(2 ** 20);
  });

  it('takes at least one thread on its own, and at most four', async () => {
    const backend = make();
    await backend.init();
    expect(backend.capabilities.threads).toBeGreaterThanOrEqual(1);
    expect(backend.capabilities.threads).toBeLessThanOrEqual(4);
  });

  it('agrees with one that lives already when threads are left to it', async () => {
    await make({ threads: 2 }).init();
    const backend = make();
    await backend.init();
    expect(backend.capabilities.threads).toBe(2);
  });

  describe('where threads cannot be started', () => {
    const variables = ['TMPDIR', 'TEMP', 'TMP'];
    const saved = variables.map((name) => process.env[name]);
    const { availableParallelism } = os;

    beforeEach(() => {
      for (const name of variables) process.env[name] = '/nowhere/at/all'; // the workers' script cannot be written
      os.availableParallelism = () => 4;
      syncBuiltinESMExports();
    });
    afterEach(() => {
      variables.forEach((name, i) => {
        if (saved[i] === undefined) delete process.env[name];
        else process.env[name] = saved[i];
      });
      os.availableParallelism = availableParallelism;
      syncBuiltinESMExports();
    });

    it('falls back to one thread, with a warning, where nobody asked for more', async () => {
      const warnings: string[] = [];
      const backend = wasm({}, { ...silentLogger, warn: (message) => warnings.push(message) });
      made.push(backend);
      await backend.init();
      expect(backend.capabilities.threads).toBe(1);
      expect(warnings).toEqual([expect.stringMatching(/one thread.*3 could not be started.*nowhere/)]);
      const sum = tf.tidy(() => tf.sum(tf.tensor1d([1, 2, 3])));
      expect(await sum.data()).toEqual(Float32Array.of(6));
      sum.dispose();
    });

    it('is an error for those who asked, and the next backend works', async () => {
      await expect(make({ threads: 2 }).init()).rejects.toMatchObject({ code: 'ENGINE_CORE_BACKEND_LOAD_FAILED' });
      const backend = make({ threads: 1 });
      await backend.init();
      expect(backend.capabilities.threads).toBe(1);
    });

    it('warns of nothing when the files are missing altogether', async () => {
      const warn = vi.fn<Logger['warn']>();
      const lost = wasm({ path: '/nowhere/at/all' }, { ...silentLogger, warn });
      await expect(lost.init()).rejects.toMatchObject({ code: 'ENGINE_CORE_BACKEND_LOAD_FAILED' });
      expect(warn).not.toHaveBeenCalled();
    });
  });

  it('leaves neither listeners nor a global Worker behind', async () => {
    const before = process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
    const hadWorker = 'Worker' in globalThis;
    await make({ threads: 2 }).init();
    expect(process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')).toBe(before);
    expect('Worker' in globalThis).toBe(hadWorker);
  });
});
