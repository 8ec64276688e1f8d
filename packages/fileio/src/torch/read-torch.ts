import type { Logger } from '@engine/core/plain';
import type { StorageBackend } from '../contract.js';
import { tellProgress } from '../tell-progress.js';
import { readLegacyContainer } from './legacy-container.js';
import { checkTree } from './plain-tree.js';
import type { PythonValue } from './python-values.js';
import { refusing } from './refuse.js';
import { isLegacy, isTar, isZip } from './signature.js';
import { CopyBudget } from './tensors.js';
import { readZipContainer } from './zip-container.js';

/**
 * Reads a file of `torch.save`; executes nothing. Values are plain: dicts are Maps, tensors are host arrays in PyTorch's layout which
 * may share the memory of `source`, objects of other classes are {@link PythonObject}s. Reads zip
 * files and those before PyTorch 1.6, pickle protocols 1 to 5, and what big-endian machines wrote. `file` is named in errors.
 * @throws `ENGINE_FILEIO_TORCH_FOREIGN`, `_KIND`, `_TRUNCATED`, `_BROKEN`, `_TENSOR`, `_LIMIT`
 */
export async function readTorch(source: Uint8Array, file = 'file of PyTorch'): Promise<PythonValue> {
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength); // a Buffer's slice() would not copy
  const refuse = refusing(file);
  const tools = { refuse, memory: new CopyBudget(bytes.length, refuse) };
  const value = isZip(bytes)
    ? await readZipContainer(bytes, tools)
    : isLegacy(bytes)
      ? readLegacyContainer(bytes, tools)
      : undefined;
  if (value === undefined) throw unreadable(bytes, tools.refuse);
  checkTree(value, refuse);
  return value;
}

/** {@link readTorch} of a stored file; one from afar may come from this machine's cache. What is transferred is told to `logger`. */
export async function loadTorch(storage: StorageBackend, path: string, logger?: Logger): Promise<PythonValue> {
  const options = { cached: true, onProgress: logger && tellProgress(path, logger) };
  return readTorch(await storage.get(path, options), path);
}

function unreadable(bytes: Uint8Array, refuse: ReturnType<typeof refusing>): Error {
  if (isTar(bytes)) return refuse.kind('a tar file, as PyTorch wrote them in its beginnings');
  if (bytes.length === 0) return refuse.truncated('a file of torch.save', '0 bytes');
  if (bytes[0] === 0x80) return refuse.foreign('a pickle of other things: it does not begin as torch.save does');
  return refuse.foreign(`content that begins with bytes ${[...bytes.subarray(0, 4)].join(', ')}`);
}
