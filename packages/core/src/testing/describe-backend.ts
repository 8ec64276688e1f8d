import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../backend.js';
import { opCases } from './op-cases.js';
import { gradientError, relativeDifference, runCase } from './op-check.js';

export interface DescribeBackendOptions {
  /** A backend to agree with, op by op, in values and gradients. */
  readonly reference?: () => Backend;
}

const GRADIENT_TOLERANCE = 3e-3;
const REFERENCE_TOLERANCE = 1e-4;

/**
 * The conformance kit of the Backend seam: life cycle, flat memory, and for every op that training is made of its gradient against
 * finite differences and, where there is one, its values and gradients against a reference backend.
 */
export function describeBackend(name: string, make: () => Backend, options: DescribeBackendOptions = {}): void {
  describe(`backend ${name}`, () => {
    describeLifeCycle(make);
    describeOps(make, options);
  });
}

function describeLifeCycle(make: () => Backend): void {
  it('says that it is not ready before init', () => {
    const backend = make();
    expect(() => backend.capabilities).toThrow(expect.objectContaining({ code: 'ENGINE_CORE_BACKEND_NOT_READY' }));
    expect(() => backend.memory()).toThrow(expect.objectContaining({ code: 'ENGINE_CORE_BACKEND_NOT_READY' }));
  });

  it('becomes current, reports what it can do, and may be initialised again', async () => {
    const backend = make();
    await backend.init();
    await backend.init();
    expect(tf.getBackend()).toBe(backend.name);
    const { dtypes, threads, devices } = backend.capabilities;
    expect(dtypes).toEqual(expect.arrayContaining(['float32', 'int32', 'bool']));
    expect(threads).toBeGreaterThanOrEqual(1);
    expect(devices.length).toBeGreaterThan(0);
    await backend.synchronize();
    await backend.dispose();
    expect(() => backend.capabilities).toThrow(expect.objectContaining({ code: 'ENGINE_CORE_BACKEND_NOT_READY' }));
  });

  it('can be initialised after it was disposed of', async () => {
    const backend = make();
    await backend.init();
    await backend.dispose();
    await backend.init();
    const sum = tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 3));
    expect([...(await sum.data())]).toEqual([4, 5]);
    sum.dispose();
    await backend.dispose();
  });
}

function describeOps(make: () => Backend, { reference: makeReference }: DescribeBackendOptions): void {
  const backend = make();
  const reference = makeReference?.();

  beforeAll(async () => {
    await reference?.init();
    await backend.init();
  });

  afterAll(async () => {
    await backend.dispose();
    await reference?.dispose();
  });

  it('counts the bytes of live tensors', () => {
    const before = backend.memory();
    const tensor = tf.zeros([250]);
    expect(backend.memory().numTensors - before.numTensors).toBe(1);
    expect(backend.memory().numBytes - before.numBytes).toBe(1000);
    tensor.dispose();
  });

  it.each(opCases)('differentiates $name', async (opCase) => {
    expect(await gradientError(opCase)).toBeLessThan(GRADIENT_TOLERANCE);
  });

  it('holds no memory after an op', async () => {
    for (const opCase of opCases) await runCase(opCase);
    const before = backend.memory();
    for (const opCase of opCases) await runCase(opCase);
    expect(backend.memory()).toEqual(before);
  });

  it('gives the same bits every time', async () => {
    for (const opCase of opCases) expect(await runCase(opCase), opCase.name).toEqual(await runCase(opCase));
  });

  if (reference === undefined) return;
  it.each(opCases)(`agrees with ${reference.name} on $name`, async (opCase) => {
    await reference.init();
    const expected = await runCase(opCase);
    await backend.init();
    const actual = await runCase(opCase);
    expect(relativeDifference(actual.output, expected.output)).toBeLessThan(REFERENCE_TOLERANCE);
    for (const [i, gradient] of expected.gradients.entries()) {
      expect(relativeDifference(actual.gradients[i] as Float32Array, gradient), `gradient ${i}`).toBeLessThan(
        REFERENCE_TOLERANCE,
      );
    }
  });
}
