import * as wasmBackend from '@engine/backend-wasm';
import * as dataset from '@engine/dataset';
import * as evaluator from '@engine/evaluator';
import * as fileio from '@engine/fileio';
import * as hooks from '@engine/hooks';
import * as logging from '@engine/logging';
import * as model from '@engine/model';
import * as optim from '@engine/optim';
import { Registry, resolveImportPath } from '@engine/registry';
import * as runner from '@engine/runner';
import * as scheduler from '@engine/scheduler';
import * as vision from '@engine/vision';
import * as visualization from '@engine/visualization';

const packages = {
  wasmBackend,
  dataset,
  evaluator,
  fileio,
  hooks,
  logging,
  model,
  optim,
  runner,
  scheduler,
  vision,
  visualization,
};

/**
 * A new registry with every first-party entry. Each run owns one; what you register in it is seen by that run only. Configs of MMEngine
 * may name its scope, or a class by its import path: `mmengine.SGD`, `torch.optim.SGD`, `default_scope = 'mmengine'`.
 */
export function createRegistry(): Registry {
  const registry = new Registry({ aliases: ['mmengine'], resolve: resolveImportPath });
  for (const exports of Object.values(packages)) registry.registerExports(exports);
  return registry;
}
