import type { HostArray, Logger } from '@engine/core';
import { TorchGenerator } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import { Module, pretrainedCheckpoints, type TrainableModel, type WeightInitializer } from '@engine/model';
import { weightsOf } from './checkpoint-state.js';
import type { Components } from './components.js';
import { readWeights } from './torch-checkpoint.js';

export interface InitialWeights {
  readonly components: Components;
  readonly storage: StorageBackend;
  readonly logger: Logger;
  /** What values are drawn from: PyTorch's stream, or the seed of one. */
  readonly source: TorchGenerator | number;
  /** Called when the values of constructors are drawn, before those of `initCfg`. */
  readonly afterConstruction?: (() => void) | undefined;
}

/** Draws initial values before anything is loaded; what the user has put into the model stays. Reads the checkpoints that `initCfg` names. */
export async function drawInitialWeights(model: TrainableModel, init: InitialWeights): Promise<void> {
  const { components, storage, logger, source, afterConstruction } = init;
  const build = (config: unknown, path: string): WeightInitializer => components.weightInitializer(config, path);
  const paths = model instanceof Module ? pretrainedCheckpoints(model, { build }) : [];
  const checkpoints = new Map<string, ReadonlyMap<string, HostArray>>();
  const torchCheckpoints = new Set<string>();
  for (const path of paths) {
    const { checkpoint, isTorch } = await readWeights(storage, storage.resolve(path), logger);
    checkpoints.set(path, weightsOf(checkpoint));
    if (isTorch) torchCheckpoints.add(path);
  }
  const generator = typeof source === 'number' ? new TorchGenerator(source) : source;
  model.initWeights?.(generator, { keep: true, build, checkpoints, torchCheckpoints, logger, afterConstruction });
}
