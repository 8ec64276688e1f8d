import { describe, expect, it } from 'vitest';
import { describeVisBackend } from '../testing/index.js';
import { loadSdk, WandbVisBackend } from './wandb-vis-backend.js';

/** Writes down how the SDK is called. */
const recorder = () => {
  const calls: unknown[][] = [];
  const sdk = {
    init: async (options: object) => void calls.push(['init', options]),
    log: (row: object) => void calls.push(['log', row]),
    finish: async () => void calls.push(['finish']),
  };
  return { calls, load: async () => sdk };
};

describeVisBackend('wandb', () => {
  const { calls, load } = recorder();
  return { backend: new WandbVisBackend({ load }), saveDir: '/run', read: () => JSON.stringify(calls) };
});

describe('WandbVisBackend', () => {
  it('begins the run with the config, logs numbers with their step, and finishes', async () => {
    const { calls, load } = recorder();
    const backend = new WandbVisBackend({ load, initKwargs: { project: 'digits' } });
    backend.init({ experimentName: 'mnist_1' });
    await backend.addConfig({ model: { type: 'LeNet5' } });
    await backend.addScalars({ loss: 0.5, name: 'x', step: 3 }, 3);
    await backend.close();
    await backend.close();
    expect(calls).toEqual([
      ['init', { name: 'mnist_1', project: 'digits', config: { model: { type: 'LeNet5' } } }],
      ['log', { loss: 0.5, step: 3 }],
      ['finish'],
    ]);
  });

  it('says which package is missing', async () => {
    const backend = new WandbVisBackend({ load: () => loadSdk('@wandb/not-installed') });
    await expect(backend.addScalar('x', 1, 1)).rejects.toThrow('ENGINE_VISUALIZATION_NO_WANDB');
  });

  it('finds in the package what it calls', async () => {
    const sdk = await loadSdk();
    expect(sdk).toBe((await import('@wandb/sdk')).default);
    expect(sdk).toMatchObject({
      init: expect.any(Function),
      log: expect.any(Function),
      finish: expect.any(Function),
    });
  });
});
