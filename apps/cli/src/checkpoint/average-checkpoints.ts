import { resolve } from 'node:path';
import type { HostArray, Json } from '@engine/core';
import { LocalStorage } from '@engine/fileio';
import { type CheckpointFile, encodeCheckpoint, readCheckpointFile } from '@engine/runner';
import { cliErrors } from '../errors.js';

const MODEL = 'model/';

/** Writes a checkpoint with the mean of the weights, computed in float64, one file in memory at a time. */
export async function averageCheckpoints(files: readonly string[], out: string, cwd: string): Promise<void> {
  const storage = new LocalStorage();
  const sums = new Map<string, Float64Array>();
  let last: CheckpointFile | undefined;
  for (const file of files) {
    const loaded = await readCheckpointFile(storage, resolve(cwd, file));
    if (last !== undefined) checkSame(weights(last), weights(loaded), file);
    for (const [name, { dtype, data }] of weights(loaded)) {
      if (dtype !== 'float32' && dtype !== 'float64') continue;
      const sum = sums.get(name) ?? new Float64Array(data.length);
      for (let at = 0; at < data.length; at += 1) sum[at] = (sum[at] ?? 0) + Number(data[at]);
      sums.set(name, sum);
    }
    last = loaded;
  }
  if (last === undefined) return;
  const tensors = new Map(
    [...weights(last)].map(([name, array]) => {
      const mean = sums.get(name)?.map((sum) => sum / files.length);
      return [name, mean === undefined ? array : withData(array, mean)];
    }),
  );
  const { meta, sections } = last.checkpoint;
  const kept = new Map<string, Json>([...sections].filter(([name]) => name === 'layouts'));
  await storage.putAtomic(resolve(cwd, out), encodeCheckpoint({ meta, tensors, sections: kept }, last.origin));
}

const weights = ({ checkpoint }: CheckpointFile): Map<string, HostArray> =>
  new Map([...checkpoint.tensors].filter(([name]) => name.startsWith(MODEL)));

const withData = ({ dtype, shape }: HostArray, mean: Float64Array): HostArray =>
  dtype === 'float64' ? { dtype, shape, data: mean } : { dtype: 'float32', shape, data: Float32Array.from(mean) };

function checkSame(before: ReadonlyMap<string, HostArray>, now: ReadonlyMap<string, HostArray>, file: string): void {
  const describe = (array: HostArray | undefined) => (array ? `${array.dtype} (${array.shape.join(', ')})` : 'none');
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    const [expected, received] = [describe(before.get(name)), describe(now.get(name))];
    if (expected === received) continue;
    throw cliErrors.CHECKPOINTS_DIFFER({
      subject: file,
      expected: `${name}: ${expected}, as in the files before`,
      received,
      action: 'average checkpoints of one model',
    });
  }
}
