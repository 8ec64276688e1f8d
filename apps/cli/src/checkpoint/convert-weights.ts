import { resolve } from 'node:path';
import { type HostArray, type Json, shapeToTorch, type TorchLayout, toTorchLayout } from '@engine/core';
import { LocalStorage, writeSafetensors } from '@engine/fileio';
import { stateFromTorch } from '@engine/model';
import { type CheckpointFile, encodeCheckpoint, readCheckpointFile } from '@engine/runner';
import { cliErrors } from '../errors.js';
import { readTensors } from './torch-file.js';

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

export interface FromTorch extends Conversion {
  /** A checkpoint of the same model, which says the layouts. */
  readonly like: string;
  /** Keeps what only `like` has, and leaves out what only the file has. */
  readonly partial: boolean;
}

/**
 * Makes a checkpoint of PyTorch's weights. Resolves with lines that tell what was kept and left out.
 * @throws `ENGINE_CLI_BAD_CONVERSION` where names or shapes do not fit
 */
export async function fromTorch({ file, out, cwd, like, partial }: FromTorch): Promise<string> {
  const storage = new LocalStorage();
  const given = await readTensors(storage, resolve(cwd, file));
  const model = await readCheckpointFile(storage, resolve(cwd, like));
  const layoutOf = layoutsOf(model);
  const own = new Map(weightsOf(model));
  const slots = new Map([...own].map(([name, { shape }]) => [name, { shape, torchLayout: layoutOf(name) }]));
  const state = stateFromTorch(given, slots);
  const missing = [...own.keys()].filter((name) => !state.has(name));
  const unexpected = [...state.keys()].filter((name) => !own.has(name));
  const tensors = new Map<string, HostArray>();
  const differing: string[] = [];
  for (const [name, array] of own) {
    const received = state.get(name);
    const fitting = received === undefined ? array : asTypeOf(array, received);
    if (describe(fitting) !== describe(array)) differing.push(`${name} ${describe(fitting)} for ${describe(array)}`);
    tensors.set(MODEL + name, fitting);
  }
  const refused = partial && missing.length < own.size ? { differing } : { missing, unexpected, differing };
  checkFit(file, like, refused);
  const { meta, sections } = model.checkpoint;
  const kept = new Map<string, Json>([...sections].filter(([name]) => name === 'layouts'));
  const draft = { meta: { ...meta, epoch: 0, iter: 0, batchInEpoch: 0 }, tensors, sections: kept };
  await storage.putAtomic(resolve(cwd, out), encodeCheckpoint(draft, model.origin));
  return `${told(`kept from ${like}`, missing)}${told('left out', unexpected)}`;
}

/** Half and double precision as single, whole numbers as wide as the checkpoint has them. */
function asTypeOf({ dtype }: HostArray, array: HostArray): HostArray {
  const { shape, data } = array;
  if (dtype === 'float32' && array.dtype === 'float64')
    return { dtype, shape, data: Float32Array.from(data as Float64Array) };
  if (dtype === 'int64' && array.dtype === 'int32')
    return { dtype, shape, data: BigInt64Array.from(data as Int32Array, BigInt) };
  return array;
}

const told = (what: string, names: readonly string[]): string =>
  names.length === 0 ? '' : `${what}: ${names.join(', ')}\n`;

/** How many names of each kind an error lists. */
const SHOWN = 8;

function checkFit(file: string, like: string, found: Readonly<Record<string, readonly string[]>>): void {
  const wrong = Object.entries(found).filter(([, names]) => names.length > 0);
  if (wrong.length === 0) return;
  const received = wrong.map(([what, names]) => {
    return `${what}: ${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''}`;
  });
  throw cliErrors.BAD_CONVERSION({
    subject: file,
    expected: `the weights of the model that ${like} is a checkpoint of`,
    received: received.join('; '),
    action: 'give the weights of that model; --partial takes those that are in both',
  });
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
