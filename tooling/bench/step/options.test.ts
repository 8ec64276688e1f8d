import { describe, expect, it } from 'vitest';
import { stepOptions } from './options.js';

describe('the options of the step benchmark', () => {
  it('are LeNet on wasm in one thread by default', () => {
    expect(stepOptions([])).toEqual({
      backend: 'wasm',
      model: 'lenet',
      amp: undefined,
      threads: 1,
      through: undefined,
      rival: 'torch',
    });
  });

  it('are read from the command line', () => {
    const line = '--backend node --model vit-tiny --amp bf16 --threads 2 --rival torch';
    const options = { backend: 'node', model: 'vit-tiny', amp: 'bf16', threads: 2, through: undefined, rival: 'torch' };
    expect(stepOptions(line.split(' '))).toEqual(options);
  });

  it('leave PyTorch out of a run through the Runner unless it is asked for', () => {
    expect(stepOptions(['--through', 'runner'])).toMatchObject({ through: 'runner', rival: undefined });
    expect(stepOptions(['--through', 'runner', '--rival', 'torch'])).toMatchObject({
      through: 'runner',
      rival: 'torch',
    });
  });

  it.each([
    ['--backend gpu', '--backend is one of node, wasm, cuda, not gpu'],
    ['--model resnet', '--model is one of lenet, resnet18, vit-tiny, mlp, gpt-tiny, not resnet'],
    ['--amp fp8', '--amp is one of bf16, not fp8'],
    ['--threads 0', '--threads is a number from 1 up, not 0'],
    ['--through loop', '--through is one of runner, not loop'],
    ['--rival jax', '--rival is one of torch, not jax'],
    ['--modle lenet', '--modle'],
  ])('are refused: %s', (line, message) => {
    expect(() => stepOptions(line.split(' '))).toThrow(message);
  });
});
