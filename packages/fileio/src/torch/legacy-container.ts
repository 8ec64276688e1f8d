/** Files before PyTorch 1.6, and of `_use_new_zipfile_serialization=False`: five pickles, then the values of each storage. */
import { torchMeaning } from './globals.js';
import { PythonObject, type PythonValue } from './python-values.js';
import type { Refuse } from './refuse.js';
import { MAGIC } from './signature.js';
import { parseStorageId, type StorageId } from './storages.js';
import { type CopyBudget, TorchStorage } from './tensors.js';
import { type PickleMeaning, unpickle } from './unpickle.js';

/** The second. */
const VERSION = 1001;
interface Tools {
  readonly refuse: Refuse;
  readonly memory: CopyBudget;
}

export function readLegacyContainer(bytes: Uint8Array, tools: Tools): PythonValue {
  const { refuse } = tools;
  const seen = new Map<string, StorageId>();
  let at = 0;
  const next = (): PythonValue => {
    const { value, end } = unpickle(bytes, at, { meaning: outline(seen, refuse), refuse });
    at = end;
    return value;
  };
  const [magic, version] = [next(), next(), next()];
  if (magic !== MAGIC || version !== VERSION) throw refuse.kind(`version ${String(version)} of the format`);
  const begin = at;
  next(); // the values come behind it: this only finds where, and how wide they are
  const keys = next();
  const storages = readStorages(bytes, at, { keys, seen, refuse });
  return unpickle(bytes, begin, { meaning: torchMeaning(storageOf(storages, refuse), tools), refuse }).value;
}

/** Notes the storages, and makes nothing of what is called. */
function outline(seen: Map<string, StorageId>, refuse: Refuse): PickleMeaning {
  return {
    persistent: (id) => {
      if (isModule(id)) return id[1] ?? null;
      const parsed = parseStorageId(id, refuse);
      seen.set(parsed.key, parsed);
      return null;
    },
    call: (name, args) => new PythonObject(name, args),
    build: (object) => object,
  };
}

interface Listed {
  readonly keys: PythonValue;
  readonly seen: ReadonlyMap<string, StorageId>;
  readonly refuse: Refuse;
}

/** For each key the number of its values, as an int64, and the values; always least significant byte first. */
function readStorages(bytes: Uint8Array, begin: number, { keys, seen, refuse }: Listed): Map<string, Uint8Array> {
  if (!Array.isArray(keys)) throw refuse.broken('a list of the storages', 'another value');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages = new Map<string, Uint8Array>();
  let at = begin;
  for (const key of keys) {
    const id = typeof key === 'string' ? seen.get(key) : undefined;
    if (id === undefined) throw refuse.broken('values that a tensor uses', `a storage ${String(key)} without one`);
    if (at + 8 > bytes.length) throw refuse.truncated(`values from byte ${at} on`, `${bytes.length} bytes`);
    const length = Number(view.getBigUint64(at, true)) * id.type.bytes;
    at += 8;
    if (length > bytes.length - at) throw refuse.truncated(`${length} bytes of values`, `${bytes.length - at}`);
    storages.set(id.key, bytes.subarray(at, at + length));
    at += length;
  }
  return storages;
}

function storageOf(storages: ReadonlyMap<string, Uint8Array>, refuse: Refuse): PickleMeaning['persistent'] {
  const known = new Map<string, TorchStorage>();
  return (id) => {
    if (isModule(id)) return id[1] ?? null;
    const { pythonClass, type, key, count, part } = parseStorageId(id, refuse);
    const [offset, size] = part ?? [0, count];
    const name = `${pythonClass} ${offset} ${size} ${key}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const data = storages.get(key);
    if (data === undefined || data.length < (offset + size) * type.bytes)
      throw refuse.broken(`${offset + size} values in the storage ${key}`, `${data?.length ?? 0} bytes`);
    const bytes = data.subarray(offset * type.bytes, (offset + size) * type.bytes);
    const storage = new TorchStorage(pythonClass, type, bytes, false);
    known.set(name, storage);
    return storage;
  };
}

/** A class of a network that was saved whole, with its source. */
const isModule = (id: PythonValue): id is PythonValue[] => Array.isArray(id) && id[0] === 'module';
