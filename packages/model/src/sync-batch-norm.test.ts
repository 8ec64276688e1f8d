import { cpu } from '@engine/backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNormXd,
  Conv2d,
  convertSyncBatchNorm,
  Module,
  revertSyncBatchNorm,
  Sequential,
  SyncBatchNorm,
} from './index.js';

class Net extends Module {
  readonly stem = new Sequential(new Conv2d(3, 4, 1), new BatchNorm2d(4, { eps: 1e-3, momentum: null }));
  readonly branches = [
    new BatchNorm2d(4, { affine: false }),
    { deep: new BatchNorm2d(4, { trackRunningStats: false }) },
  ];
  readonly shared: BatchNorm2d;
  readonly again: BatchNorm2d;

  constructor() {
    super();
    this.shared = new BatchNorm2d(4);
    this.again = this.shared;
  }

  forward(x: tf.Tensor): tf.Tensor {
    const [first, second] = this.branches as [BatchNorm2d, { deep: BatchNorm2d }];
    return this.again.apply(this.shared.apply(second.deep.apply(first.apply(this.stem.apply(x)))));
  }
}

const kinds = (net: Module): string[] =>
  [...net.namedModules().values()].map((part) => part.constructor.name).filter((name) => name.includes('BatchNorm'));
const run = (net: Net): number[] =>
  tf.tidy(() => [...net.apply(tf.reshape(tf.linspace(-1, 2, 24), [2, 2, 2, 3])).dataSync()]);

beforeAll(() => cpu().init());

describe('convertSyncBatchNorm and revertSyncBatchNorm', () => {
  it('exchange every norm and keep what it holds', async () => {
    const net = new Net();
    net.initWeights(1);
    run(net); // moves the statistics
    net.eval();
    const [before, state] = [run(net), await net.stateDict()];
    const parameters = net.parameters();

    expect(convertSyncBatchNorm(net)).toBe(net);
    expect(kinds(net)).toEqual(['SyncBatchNorm', 'SyncBatchNorm', 'SyncBatchNorm', 'SyncBatchNorm']);
    expect(net.again).toBe(net.shared);
    expect(net.shared.training).toBe(false);
    expect([run(net), await net.stateDict()]).toEqual([before, state]);
    expect(net.parameters()).toEqual(parameters);

    revertSyncBatchNorm(net);
    expect(kinds(net)).toEqual(['BatchNormXd', 'BatchNormXd', 'BatchNormXd', 'BatchNormXd']);
    expect([run(net), await net.stateDict()]).toEqual([before, state]);
    expect(net.stem.at(1)).toMatchObject({ eps: 1e-3, momentum: null });
    net.dispose();
  });

  it('return the replacement of a norm itself', () => {
    const norm = new BatchNorm1d(3);
    const sync = convertSyncBatchNorm(norm);
    expect(sync).toBeInstanceOf(SyncBatchNorm);
    expect(convertSyncBatchNorm(sync)).toBe(sync);
    const reverted = revertSyncBatchNorm(sync) as BatchNormXd;
    expect(reverted).toBeInstanceOf(BatchNormXd);
    expect(reverted).not.toBeInstanceOf(SyncBatchNorm);
    expect(reverted.weight).toBe(norm.weight);
    expect(revertSyncBatchNorm(norm)).toBe(norm);
  });
});
