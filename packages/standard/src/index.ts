// Every first-party package, so that the compiler knows the options of its entries wherever this one is imported.
import '@engine/backend-wasm';
import '@engine/dataset';
import '@engine/evaluator';
import '@engine/fileio';
import '@engine/hooks';
import '@engine/logging';
import '@engine/model';
import '@engine/optim';
import '@engine/runner';
import '@engine/scheduler';
import '@engine/vision';
import '@engine/visualization';

import './names.js';

export { wasm } from '@engine/backend-wasm';
export { defineConfig, type EngineConfig, type EngineConfigPatch, extendConfig, pick } from '@engine/config';
export type { ConfigOf } from '@engine/registry';
export { createRegistry } from './registry.js';
