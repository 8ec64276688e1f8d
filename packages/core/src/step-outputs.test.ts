import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { DeviceScalar, StepOutputs } from './step-outputs.js';
import { tensorScope } from './tensor-scope.js';

const live = (): number => tf.memory().numTensors;

describe('DeviceScalar', () => {
  it('outlives its scope, reads often and frees once', async () => {
    const before = live();
    const scalar = tensorScope(() => new DeviceScalar(tf.add(tf.scalar(2), 3)));
    expect(await scalar.read()).toBe(5);
    expect(await scalar.read()).toBe(5);
    scalar.dispose();
    scalar.dispose();
    expect(live()).toBe(before);
    expect(await scalar.read()).toBe(5);
  });

  it('reports a read that comes too late', async () => {
    const scalar = new DeviceScalar(tf.scalar(1));
    scalar.dispose();
    await expect(scalar.read()).rejects.toThrow('ENGINE_CORE_SCALAR_FREED');
  });

  it('refuses anything but one element', () => {
    const before = live();
    const vector = tf.tensor1d([1, 2]);
    expect(() => new DeviceScalar(vector)).toThrow('ENGINE_CORE_NOT_SCALAR');
    vector.dispose();
    const one = new DeviceScalar(tf.tensor2d([[4]]));
    one.dispose();
    expect(live()).toBe(before);
  });

  it('lives as long as its last owner', async () => {
    const scalar = new DeviceScalar(tf.scalar(8));
    expect(scalar.retain()).toBe(scalar);
    scalar.dispose();
    expect(scalar.tensor.isDisposed).toBe(false);
    expect(await scalar.read()).toBe(8);
    scalar.dispose();
    expect(scalar.tensor.isDisposed).toBe(true);
  });
});

describe('StepOutputs', () => {
  it('reads by name in the order given', async () => {
    const outputs = new StepOutputs({ loss: new DeviceScalar(tf.scalar(0.5)), acc: new DeviceScalar(tf.scalar(1)) });
    expect(outputs.names).toEqual(['loss', 'acc']);
    expect(await outputs.read('loss')).toBe(0.5);
    expect(() => outputs.get('los')).toThrow('ENGINE_CORE_UNKNOWN_OUTPUT');
    outputs.dispose();
  });

  it('has each scalar as a property, except under the name of a member', async () => {
    const outputs = new StepOutputs({
      loss: new DeviceScalar(tf.scalar(0.5)),
      'acc/top1': new DeviceScalar(tf.scalar(1)),
      get: new DeviceScalar(tf.scalar(2)),
    });
    const { loss, 'acc/top1': accuracy } = outputs as unknown as Record<string, DeviceScalar | undefined>;
    expect([await loss?.read(), await accuracy?.read(), await outputs.get('get').read()]).toEqual([0.5, 1, 2]);
    expect(typeof outputs.get).toBe('function');
    outputs.dispose();
  });

  it('gives up its ownership once, however often it is disposed', () => {
    const loss = new DeviceScalar(tf.scalar(0.5));
    const outputs = new StepOutputs({ loss: loss.retain() });
    outputs.dispose();
    outputs.dispose();
    expect(loss.tensor.isDisposed).toBe(false);
    loss.dispose();
    expect(loss.tensor.isDisposed).toBe(true);
  });
});
