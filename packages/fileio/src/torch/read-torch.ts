import type { Logger } from '@engine/core/plain';
import type { StorageBackend } from '../contract.js';
import { tellProgress } from '../tell-progress.js';
import { isLegacy, readLegacyContainer } from './legacy-container.js';
import { checkTree } from './plain-tree.js';
import type { PythonValue } from './python-values.js';
import { refusing } from './refuse.js';
import { CopyBudget } from './tensors.js';
import { readZipContainer } from './zip-container.js';

/**
 * Reads a file of `torch.save`; executes nothing. Values are plain: dicts are Maps, tensors are host arrays in PyTorch's layout which
 * may share the memory of `source`, objects of other classes are {@link PythonObject}s. Files of PyTorch 0.1.10 and later are read,
 * pickle protocols 1 to 5, and those of big-endian machines. `file` is named in errors.
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

/** Whether content is a file of `torch.save`, or a relative of one that {@link readTorch} says more about. */
export function looksLikeTorch(bytes: Uint8Array): boolean {
  return isZip(bytes) || isLegacy(bytes) || isTar(bytes);
}

const isZip = (bytes: Uint8Array): boolean => startsWith(bytes, 'PK\x03\x04');
/** PyTorch's first format, until 0.1.9. */
const isTar = (bytes: Uint8Array): boolean => startsWith(bytes.subarray(257), 'ustar');

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, i) => bytes[i] === character.charCodeAt(0));
}

function unreadable(bytes: Uint8Array, refuse: ReturnType<typeof refusing>): Error {
  if (isTar(bytes)) return refuse.kind('a tar file, as PyTorch before 0.1.10 wrote them');
  if (bytes.length === 0) return refuse.truncated('a file of torch.save', '0 bytes');
  if (bytes[0] === 0x80) return refuse.foreign('a pickle of other things: it does not begin as torch.save does');
  return refuse.foreign(`content that begins with bytes ${[...bytes.subarray(0, 4)].join(', ')}`);
}
