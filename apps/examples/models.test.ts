// What docs/models.md teaches works.
import { readFileSync } from 'node:fs';
import { wasm } from '@engine/backend-wasm';
import { hostArray, KeyedRandom } from '@engine/core';
import { OptimWrapper, SGD } from '@engine/optim';
import { createRegistry } from '@engine/standard';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { PolyLoss } from './models/poly-loss.js';
import { Scale } from './models/scale.js';
import { type SentenceNet, sentenceNet } from './models/sentence-net.js';

const backend = wasm({ threads: 1 });
beforeAll(() => backend.init());

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

describe('docs/models.md', () => {
  it.each(['scale.ts', 'sentence-net.ts', 'poly-loss.ts'])('shows %s as it is', (name) => {
    expect(read('../../docs/models.md')).toContain(`\`\`\`ts\n${read(`models/${name}`)}\`\`\``);
  });
});

/** Sentences of 6 tokens below 9; label 1 where token 3 occurs. */
function sentences(count: number, batch: number) {
  const random = new KeyedRandom(1, 'sentences', batch);
  const tokens = Int32Array.from({ length: count * 6 }, () => random.nextInt(9));
  const labels = Int32Array.from({ length: count }, (_, i) => Number(tokens.subarray(i * 6, i * 6 + 6).includes(3)));
  return { inputs: hostArray('int32', [count, 6], tokens), samples: hostArray('int32', [count], labels) };
}

describe('the model of docs/models.md', () => {
  it.each<[string, object]>([
    ['its own loss', {}],
    ['a loss of the registry', { loss: { type: 'CrossEntropyLoss', labelSmoothing: 0.05 } }],
    ['a loss of the page', { loss: { type: PolyLoss, epsilon: 0.5 } }],
  ])('learns with %s', async (_, options) => {
    const registry = createRegistry();
    const config = { type: sentenceNet, vocabulary: 9, classes: 2, ...options };
    const model = registry.build('model', config) as unknown as SentenceNet;
    model.initWeights(0);
    const optimWrapper = new OptimWrapper({ optimizer: new SGD(model.parameters(), { lr: 0.5, momentum: 0.9 }) });
    const losses: number[] = [];
    for (let iteration = 0; iteration < 120; iteration += 1) {
      model.beginStep({ seed: 0, iteration });
      const outputs = model.trainStep(sentences(64, iteration), optimWrapper);
      if (iteration % 40 === 0 || iteration === 119) losses.push(await outputs.get('loss').read());
    }
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) * 0.6);
    expect([...(await model.stateDict()).keys()]).toContain('scale.num_calls');
    optimWrapper.dispose();
    model.dispose();
  });

  it('has a layer with a parameter and a buffer', async () => {
    const scale = new Scale(3);
    tf.tidy(() => void scale.apply(tf.ones([2, 3])));
    tf.tidy(() => void scale.eval().apply(tf.ones([2, 3])));
    const state = await scale.stateDict();
    expect([...state.keys()]).toEqual(['factor', 'num_calls']);
    expect(state.get('num_calls')?.data[0]).toBe(1n);
    scale.dispose();
  });
});
