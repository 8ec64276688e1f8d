import { type Entry, entryOf } from '@engine/core';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import type { OptimWrapperLike } from '../contract.js';
import { SGD } from '../sgd.js';
import type { TestPlace } from './test-model.js';
import { wrapperMaker } from './wrapper-maker.js';

/** How a constructor is tried. */
export interface ConstructorTrial {
  /** Options under which it makes groups. */
  readonly paramwiseCfg?: Readonly<Record<string, unknown>>;
  /** Default: `SGD` with a learning rate and weight decay. */
  readonly optimizer?: Readonly<Record<string, unknown>>;
  /** Places of the model's parameters, each trainable and there once; default: those of a small Vision Transformer below `backbone`. */
  readonly places?: readonly TestPlace[];
}

const transformer: readonly TestPlace[] = [
  { name: 'backbone.cls_token', shape: [1, 1, 2] },
  { name: 'backbone.patch_embed.weight', shape: [2, 2] },
  { name: 'backbone.patch_embed.bias', shape: [2] },
  ...[0, 1].flatMap((block): TestPlace[] => [
    { name: `backbone.blocks.${block}.norm.weight`, shape: [2], role: 'norm' },
    { name: `backbone.blocks.${block}.norm.bias`, shape: [2], role: 'norm' },
    { name: `backbone.blocks.${block}.fc.weight`, shape: [2, 2] },
    { name: `backbone.blocks.${block}.fc.bias`, shape: [2] },
  ]),
  { name: 'head.weight', shape: [3, 2] },
  { name: 'head.bias', shape: [3] },
];

/**
 * The conformance kit of constructors of optimizers: what each of them does, whatever groups it makes. Call it at the top of a test file,
 * with a backend that is initialised before the tests run.
 */
export function describeOptimWrapperConstructor(
  constructor: Entry<'optimWrapperConstructor'> | { readonly entry: Entry<'optimWrapperConstructor'> },
  {
    paramwiseCfg = {},
    optimizer = { type: SGD, lr: 0.1, weightDecay: 0.01 },
    places = transformer,
  }: ConstructorTrial = {},
): void {
  const entry = entryOf('entry' in constructor ? constructor.entry : constructor);
  describe(`optimizer constructor ${entry?.name}`, () => {
    const { make } = wrapperMaker();
    const config = () => ({ constructor, optimizer: { ...optimizer }, paramwiseCfg: { ...paramwiseCfg } });

    it('hands every trainable parameter to the optimizer, once', () => {
      const names = make(places, config())
        .groups()
        .flatMap(([group]) => group.split(' '));
      expect(names.toSorted()).toEqual(places.map(({ name }) => name).toSorted());
    });

    it('makes groups whose learning rates and weight decays are finite and not negative', () => {
      const { wrapper } = make(places, config());
      for (const { lr, weightDecay = 0 } of wrapper.paramGroups) {
        expect(lr).toBeGreaterThanOrEqual(0);
        expect(weightDecay).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(lr) && Number.isFinite(weightDecay)).toBe(true);
      }
    });

    it('makes the same groups of the same model and config, and leaves the config as it is', () => {
      const given = config();
      const before = structuredClone(given.paramwiseCfg);
      Object.freeze(given);
      for (const part of [given.optimizer, given.paramwiseCfg]) Object.freeze(part);
      expect(shapeOf(make(places, given).wrapper)).toEqual(shapeOf(make(places, given).wrapper));
      expect(given.paramwiseCfg).toEqual(before);
    });

    it('makes a wrapper that takes steps', async () => {
      const { wrapper } = make(places, config());
      const params = wrapper.optimizer.paramGroups.flatMap(({ lr, params: members }) => (lr > 0 ? members : []));
      const before = await valuesOf(params);
      wrapper.updateParams(() => tf.addN(params.map(({ value }) => tf.sum(tf.square(tf.sub(value, 3))))));
      const after = await valuesOf(params);
      for (const [i, values] of after.entries()) expect(values, params[i]?.name).not.toEqual(before[i]);
      expect(after.flat().every(Number.isFinite)).toBe(true);
    });

    it('holds on to nothing but the state of the optimizer', () => {
      const before = tf.memory().numTensors;
      const { wrapper } = make(places, config());
      wrapper.dispose();
      expect(tf.memory().numTensors - before).toBe(new Set(places.map(({ name, sameAs }) => sameAs ?? name)).size);
    });

    it('refuses options that it does not know', () => {
      const given = { ...config(), paramwiseCfg: { ...paramwiseCfg, notAnOption: 1 } };
      expect(() => make(places, given)).toThrow(expect.objectContaining({ code: 'ENGINE_REGISTRY_UNKNOWN_OPTION' }));
    });
  });
}

function shapeOf({ paramGroups }: OptimWrapperLike): unknown[] {
  return paramGroups.map(({ params, ...fields }) => ({ ...fields, params: params.map(({ name }) => name) }));
}

async function valuesOf(params: readonly { readonly value: tf.Variable }[]): Promise<number[][]> {
  return Promise.all(params.map(async ({ value }) => Array.from(await value.data())));
}
