import { resolve } from 'node:path';
import {
  fromTorchLayout,
  type HostArray,
  type Json,
  shapeFromTorch,
  shapeToTorch,
  type TorchLayout,
  toTorchLayout,
} from '@engine/core';
import { LocalStorage, loadSafetensors, writeSafetensors } from '@engine/fileio';
import { type CheckpointFile, encodeCheckpoint, readCheckpointFile } from '@engine/runner';
import { cliErrors } from '../errors.js';

const MODEL = 'model/';

interface Conversion {
  readonly file: string;
  readonly out: string;
  readonly cwd: string;
}

/** Writes the weights of a checkpoint under PyTorch's names, in PyTorch's layouts. */
export async function toTorch({ file, out, cwd }: Conversion): Promise<void> {
  const storage = new LocalStorage();
  const loaded = await readCheckpointFile(storage, resolve(cwd, file));
  const layoutOf = layoutsOf(loaded);
  const arrays = weightsOf(loaded).map(([name, array]): [string, HostArray] => {
    const layout = layoutOf(name);
    if (array.dtype !== 'float32' || layout === 'same') return [name, array];
    const data = toTorchLayout(array.data as Float32Array, array.shape, layout);
    return [name, { dtype: 'float32', shape: shapeToTorch(array.shape, layout), data }];
  });
  await storage.putAtomic(resolve(cwd, out), writeSafetensors(arrays, { format: 'pt' }));
}

/**
 * Makes a checkpoint of PyTorch's weights, which another checkpoint of the same model says the layouts of.
 * @throws `ENGINE_CLI_BAD_CONVERSION` where names or shapes do not fit
 */
export async function fromTorch({ file, out, cwd, like }: Conversion & { readonly like: string }): Promise<void> {
  const storage = new LocalStorage();
  const { tensors: given } = await loadSafetensors(storage, resolve(cwd, file));
  const model = await readCheckpointFile(storage, resolve(cwd, like));
  const [layoutOf, own] = [layoutsOf(model), weightsOf(model)];
  const unknown = [...given.keys()].find((name) => !own.some(([ours]) => ours === name));
  if (unknown !== undefined) throw doesNotFit(file, `no ${unknown}, which ${like} does not have`, unknown);
  const tensors = own.map(([name, array]): [string, HostArray] => {
    const layout = layoutOf(name);
    const received = given.get(name);
    const expected = describe({ ...array, shape: shapeToTorch(array.shape, layout) });
    if (received === undefined || describe(received) !== expected)
      throw doesNotFit(file, `${name}: ${expected}`, received ? describe(received) : 'none');
    if (array.dtype !== 'float32' || layout === 'same') return [MODEL + name, received];
    const shape = shapeFromTorch(received.shape, layout, array.shape[2]);
    const data = fromTorchLayout(received.data as Float32Array, shape, layout);
    return [MODEL + name, { dtype: 'float32', shape, data }];
  });
  const { meta, sections } = model.checkpoint;
  const kept = new Map<string, Json>([...sections].filter(([name]) => name === 'layouts'));
  const draft = { meta: { ...meta, epoch: 0, iter: 0, batchInEpoch: 0 }, tensors: new Map(tensors), sections: kept };
  await storage.putAtomic(resolve(cwd, out), encodeCheckpoint(draft, model.origin));
}

const weightsOf = ({ checkpoint }: CheckpointFile): [name: string, array: HostArray][] =>
  [...checkpoint.tensors]
    .filter(([name]) => name.startsWith(MODEL))
    .map(([name, array]) => [name.slice(MODEL.length), array]);

/** Layouts that are not PyTorch's own stand in the checkpoint by name. */
function layoutsOf({ checkpoint }: CheckpointFile): (name: string) => TorchLayout {
  const layouts = (checkpoint.sections.get('layouts') ?? {}) as Readonly<Record<string, TorchLayout>>;
  return (name) => layouts[MODEL + name] ?? 'same';
}

const describe = ({ dtype, shape }: HostArray): string => `${dtype} (${shape.join(', ')})`;

const doesNotFit = (file: string, expected: string, received: string) =>
  cliErrors.BAD_CONVERSION({
    subject: file,
    expected,
    received,
    action: 'give the weights of the model that --like is a checkpoint of',
  });
