import { MemoryStorage } from '@engine/fileio';
import type { SettingsTable } from '@engine/registry/testing';
import { LocalVisBackend } from '../local-vis-backend.js';

/** Settings of this package's entries, for tests and benchmarks. */
export const canonicalSettings: SettingsTable = {
  'visBackend/LocalVisBackend': {
    options: { scalarSaveFile: 'rows.json', configSaveFile: 'run.json' },
    args: () => ({ storage: new MemoryStorage() }),
  },
  'visBackend/TensorboardVisBackend': {
    options: { logDir: '/runs/events' },
    args: () => ({ storage: new MemoryStorage() }),
  },
  'visBackend/MLflowVisBackend': {
    options: { trackingUri: 'http://mlflow.example:5000', expName: 'digits', continueRun: true },
    args: () => ({ storage: new MemoryStorage() }),
  },
  'visBackend/WandbVisBackend': {
    options: { initKwargs: { project: 'digits' } },
    args: () => ({ storage: new MemoryStorage() }),
  },
  'visualizer/Visualizer': {
    options: { name: 'mine', visBackends: [{ type: LocalVisBackend }], saveDir: '/elsewhere' },
    args: () => ({ storage: new MemoryStorage(), saveDir: '/runs/20261121_101500', experimentName: 'mnist' }),
  },
};
