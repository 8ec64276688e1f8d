import { type Backend, EngineError } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Module } from '../module.js';
import { directionalError } from './gradient-check.js';

/** A module under test and what it is expected to be. */
export interface ModuleCase<M extends Module = Module> {
  readonly backend: Backend;
  create(): M;
  /** A forward pass on a small input of its own; the same numbers each time. */
  run(module: M): tf.Tensor;
  /** State names in order: parameters and buffers. */
  readonly stateNames: readonly string[];
  /** A forward pass on an input that the module must refuse with a coded error; left out for modules that take anything. */
  refuse?(module: M): unknown;
  /** Largest relative error of a directional derivative in float32; default 0.02. */
  readonly tolerance?: number;
}

/** The rules every module keeps: names, seeds, state, modes, gradients, memory, misuse. Registers tests with vitest. */
export function describeModule<M extends Module>(label: string, subject: ModuleCase<M>): void {
  describe(`module ${label}`, () => {
    let module: M;
    beforeAll(() => subject.backend.init());
    beforeEach(() => {
      module = subject.create();
      module.initWeights(7);
    });
    afterEach(() => module.dispose());

    it('names its state', async () => {
      expect([...(await module.stateDict()).keys()]).toEqual(subject.stateNames);
    });

    it('draws the same weights from the same seed', async () => {
      const twin = subject.create();
      twin.initWeights(7);
      expect(await twin.stateDict()).toEqual(await module.stateDict());
      twin.dispose();
    });

    it('computes the same after a state round trip', async () => {
      const copy = subject.create();
      copy.loadStateDict(await module.stateDict());
      for (const each of [module, copy]) each.eval();
      expect(await outputOf(copy, subject)).toEqual(await outputOf(module, subject));
      copy.dispose();
    });

    it('switches the whole tree between training and evaluation', () => {
      const modes = (): boolean[] => [...module.namedModules().values()].map((each) => each.training);
      expect(new Set(modes())).toEqual(new Set([true]));
      expect(new Set((module.eval(), modes()))).toEqual(new Set([false]));
      expect(new Set((module.train(), modes()))).toEqual(new Set([true]));
    });

    it('is deterministic in evaluation', async () => {
      module.eval();
      expect(await outputOf(module, subject)).toEqual(await outputOf(module, subject));
    });

    it('has the gradients that differences show', async () => {
      for (const [name, parameter] of module.namedParameters()) {
        const error = await directionalError({ output: () => repeatable(module, subject), parameter, seed: 11 });
        expect(error, name).toBeLessThan(subject.tolerance ?? 0.02);
      }
    });

    it('keeps no tensors but its variables', () => {
      tf.dispose(tf.tidy(() => subject.run(module)));
      const before = tf.memory().numTensors;
      for (let i = 0; i < 3; i++) tf.dispose(tf.tidy(() => subject.run(module)));
      expect(tf.memory().numTensors).toBe(before);
    });

    it('cannot be used after dispose', async () => {
      if (subject.stateNames.length === 0) return;
      module.dispose();
      await expect(module.stateDict()).rejects.toThrow('ENGINE_MODEL_DISPOSED');
    });

    const { refuse } = subject;
    if (refuse === undefined) return;
    it('refuses a wrong input with a coded error', () => {
      const attempt = (): unknown => tf.tidy(() => void refuse(module));
      expect(attempt).toThrow(EngineError);
    });
  });
}

function repeatable<M extends Module>(module: M, subject: ModuleCase<M>): tf.Tensor {
  module.stepContext.begin({ seed: 5, iteration: 0 });
  return subject.run(module);
}

async function outputOf<M extends Module>(module: M, subject: ModuleCase<M>): Promise<Float32Array> {
  const output = tf.tidy(() => repeatable(module, subject));
  const values = (await output.data()).slice() as Float32Array;
  output.dispose();
  return values;
}
