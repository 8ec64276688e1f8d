/** Weights to start from: of a checkpoint of ours, or of a file of PyTorch, whose layouts only the model can tell. */
import type { HostArray, Logger } from '@engine/core';
import { looksLikeTorch, type StorageBackend } from '@engine/fileio';
import type { PythonValue } from '@engine/fileio/torch';
import type { CheckpointMeta, LoadedCheckpoint } from '@engine/hooks';
import { stateFromTorch, type TrainableModel } from '@engine/model';
import { decodeCheckpoint, readContent } from './checkpoint.js';

const MODEL = 'model/';

/** A checkpoint whose weights are to be taken. */
export interface WeightsFile {
  readonly checkpoint: LoadedCheckpoint;
  /** True where its tensors are those of PyTorch, in PyTorch's layouts. */
  readonly isTorch: boolean;
}

/**
 * Reads a checkpoint for its weights: one of ours, or a file of `torch.save` (`.pth`, `.pt`).
 * @throws what `readCheckpoint` throws; `ENGINE_FILEIO_TORCH_BROKEN` and its siblings, `ENGINE_FILEIO_TORCH_NO_WEIGHTS`
 */
export async function readWeights(storage: StorageBackend, path: string, logger?: Logger): Promise<WeightsFile> {
  const bytes = await readContent(storage, path, logger);
  if (!looksLikeTorch(bytes)) return { checkpoint: decodeCheckpoint(path, bytes), isTorch: false };
  const { readTorch, torchWeights } = await import('@engine/fileio/torch');
  const value = await readTorch(bytes, path);
  const { tensors } = torchWeights(value, path);
  const named = new Map([...tensors].map(([name, array]): [string, HostArray] => [MODEL + name, array]));
  return { checkpoint: { path, meta: metaOf(value), config: {}, tensors: named, sections: new Map() }, isTorch: true };
}

/** The checkpoint with the weights in the layouts of this model. */
export function inLayoutsOf(model: TrainableModel, { checkpoint, isTorch }: WeightsFile): LoadedCheckpoint {
  if (!isTorch) return checkpoint;
  const slots = new Map([...model.namedParameters()].map(([name, parameter]) => [MODEL + name, parameter]));
  return { ...checkpoint, tensors: stateFromTorch(checkpoint.tensors, slots) };
}

/** What MMEngine says under `meta`, and other trainers beside the weights; 0 for what is not said. */
function metaOf(value: PythonValue): CheckpointMeta {
  const top = value instanceof Map ? value : new Map<PythonValue, PythonValue>();
  const said = top.get('meta');
  const count = (key: string): number => {
    const number = said instanceof Map && said.has(key) ? said.get(key) : top.get(key);
    return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : 0;
  };
  return {
    epoch: count('epoch'),
    iter: count('iter'),
    batchInEpoch: 0,
    accumulation: 0,
    validationDue: false,
    seeds: { run: count('seed') },
    worldSize: 1,
    experimentName: '',
    time: '',
  };
}
