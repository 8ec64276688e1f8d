import { cpu } from '@engine/backend-cpu';
import { wasm } from '@engine/backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { GRU, GRUCell, LSTM, LSTMCell, type Module, RNN, RNNCell } from '../index.js';
import { describeModule } from '../testing/index.js';

const numbers = (...shape: number[]): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 12.9898 + 1) * 1.5),
    shape,
  );

const names = ['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'];

describe.each([cpu(), wasm()])('recurrent layers on $name', (backend) => {
  describeModule('LSTM', {
    backend,
    create: () => new LSTM(3, 4),
    run: (layer) => layer.apply(numbers(5, 2, 3))[0],
    stateNames: names.map((name) => `${name}_l0`),
    refuse: (layer) => layer.apply(numbers(5, 2, 4)),
  });
  describeModule('LSTM, projected, in two layers', {
    backend,
    create: () => new LSTM(3, 4, { numLayers: 2, projSize: 2, bias: false, dropout: 0.5 }),
    run: (layer) => layer.apply(numbers(5, 2, 3), [numbers(2, 2, 2), numbers(2, 2, 4)])[1][1],
    stateNames: [0, 1].flatMap((i) => [`weight_ih_l${i}`, `weight_hh_l${i}`, `weight_hr_l${i}`]),
    refuse: (layer) => layer.apply(numbers(5, 2, 3), [numbers(2, 2, 4), numbers(2, 2, 4)]),
  });
  describeModule('GRU, both ways', {
    backend,
    create: () => new GRU(3, 4, { bidirectional: true, batchFirst: true }),
    run: (layer) => layer.apply(numbers(2, 5, 3))[0],
    stateNames: ['l0', 'l0_reverse'].flatMap((place) => names.map((name) => `${name}_${place}`)),
    refuse: (layer) => layer.apply(tf.cast(numbers(2, 5, 3), 'int32')),
  });
  describeModule('RNN', {
    backend,
    create: () => new RNN(3, 4),
    run: (layer) => layer.apply(numbers(5, 3))[0],
    stateNames: names.map((name) => `${name}_l0`),
    refuse: (layer) => layer.apply(numbers(3)),
  });
  describeModule('LSTMCell', {
    backend,
    create: () => new LSTMCell(3, 4),
    run: (cell) => cell.apply(numbers(2, 3))[1],
    stateNames: names,
    refuse: (cell) => cell.apply(numbers(2, 3), [numbers(2, 4), numbers(1, 4)]),
  });
  describeModule('GRUCell', {
    backend,
    create: () => new GRUCell(3, 4),
    run: (cell) => cell.apply(numbers(2, 3), numbers(2, 4)),
    stateNames: names,
    refuse: (cell) => cell.apply(numbers(2, 4)),
  });
  describeModule('RNNCell', {
    backend,
    create: () => new RNNCell(3, 4, { bias: false }),
    run: (cell) => cell.apply(numbers(3)),
    stateNames: names.slice(0, 2),
    refuse: (cell) => cell.apply(numbers(2, 3), numbers(4)),
  });
});

const backend = cpu();
beforeAll(() => backend.init());

describe('recurrent layers', () => {
  it('are their cells, step by step', () => {
    const layer = new LSTM(3, 4);
    const cell = new LSTMCell(3, 4);
    layer.initWeights(3);
    cell.initWeights(3); // the same draws in the same order
    tf.tidy(() => {
      const x = numbers(6, 2, 3);
      let state: [tf.Tensor, tf.Tensor] | undefined;
      for (const step of tf.unstack(x)) state = state === undefined ? cell.apply(step) : cell.apply(step, state);
      const [output, [h, c]] = layer.apply(x);
      const [expectedH, expectedC] = state as [tf.Tensor, tf.Tensor];
      expect([...h.dataSync()]).toEqual([...expectedH.dataSync()]);
      expect([...c.dataSync()]).toEqual([...expectedC.dataSync()]);
      expect([...tf.slice(output, [5, 0, 0], [1, 2, 4]).dataSync()]).toEqual([...h.dataSync()]);
    });
    for (const module of [layer, cell]) module.dispose();
  });

  it('go on where a state was left', () => {
    const layer = new GRU(3, 4, { numLayers: 2 });
    layer.initWeights(1);
    tf.tidy(() => {
      const x = numbers(6, 2, 3);
      const [whole] = layer.apply(x);
      const [, half] = layer.apply(tf.slice(x, 0, 3));
      const [rest] = layer.apply(tf.slice(x, 3, 3), half);
      expect([...rest.dataSync()]).toEqual(
        [...tf.slice(whole, 3, 3).dataSync()].map((value) => expect.closeTo(value, 6)),
      );
    });
    layer.dispose();
  });

  it('drop between layers while training only, by seed and iteration', () => {
    const layer = new RNN(3, 40, { numLayers: 2, dropout: 0.5 });
    layer.initWeights(1);
    const run = (iteration: number): number[] => {
      layer.stepContext.begin({ seed: 1, iteration });
      return tf.tidy(() => [...layer.apply(numbers(4, 2, 3))[0].dataSync()]);
    };
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
    layer.eval();
    expect(run(1)).toEqual(run(2));
    layer.dispose();
  });

  it.each<[string, () => Module]>([
    ['hiddenSize', () => new GRU(3, 0)],
    ['dropout', () => new LSTM(3, 4, { dropout: 2 })],
    ['projSize', () => new LSTM(3, 4, { projSize: 4 })],
    ['nonlinearity', () => new RNN(3, 4, { nonlinearity: 'gelu' as 'relu' })],
    ['nonlinearity of a cell', () => new RNNCell(3, 4, { nonlinearity: 'gelu' as 'relu' })],
  ])('ENGINE_MODEL_BAD_LAYER_OPTION: %s', (_, create) => expect(create).toThrow('ENGINE_MODEL_BAD_LAYER_OPTION'));
});
