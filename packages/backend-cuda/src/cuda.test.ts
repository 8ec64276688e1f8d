import { cpu } from '@engine/backend-cpu';
import { type Logger, silentLogger } from '@engine/core';
import { describeBackend } from '@engine/core/testing';
import { findLibrary } from '@engine/native';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cuda, cudaEntry } from './cuda.js';

const library = findLibrary('cuda') ?? findLibrary('node');
const skipped = library === undefined ? ' (no TensorFlow library here: engine backend install node)' : '';

describe('cuda', () => {
  it.each([0, 1.5])('refuses %s threads', (threads) => {
    expect(() => cuda({ threads })).toThrow(expect.objectContaining({ code: 'ENGINE_CORE_BACKEND_UNSUPPORTED' }));
  });

  it('is an entry whose options are strict', async () => {
    const { validate } = cudaEntry.options['~standard'];
    expect(await validate({ devices: [0], memoryFraction: 0.5 })).toHaveProperty('value');
    for (const wrong of [{ memoryFraction: 0 }, { devices: [-1] }, { growth: true }])
      expect(await validate(wrong)).toHaveProperty('issues');
  });
});

/** The CPU's library serves as well: the backend then computes on the CPU, as the one for GPUs does without a GPU. */
describe.skipIf(library === undefined)(`cuda on TensorFlow${skipped}`, () => {
  const before = process.env['TENSORFLOW_LIB_DIR'];
  beforeAll(() => {
    process.env['TENSORFLOW_LIB_DIR'] = library?.folder;
  });
  afterAll(() => {
    if (before === undefined) delete process.env['TENSORFLOW_LIB_DIR'];
    else process.env['TENSORFLOW_LIB_DIR'] = before;
  });

  it('says so when there is no GPU', async () => {
    const warnings: string[] = [];
    const logger: Logger = { ...silentLogger, warn: (message) => warnings.push(message) };
    const backend = cuda({ memoryFraction: 0.5, devices: [] }, logger);
    await backend.init();
    expect(backend.capabilities.devices).toEqual(['cpu:0']);
    expect(warnings).toEqual([expect.stringContaining('engine backend doctor')]);
    await backend.dispose();
  });

  describeBackend('cuda', cuda, { reference: cpu });
});
