/** Files of PyTorch 1.6 and later: a zip whose members are stored as they are, each storage one of them. */
import { crc32 } from 'node:zlib';
import { listZip, type ZipMember, type ZipSource, zipDataStart } from '@engine/core/plain';
import { torchMeaning } from './globals.js';
import { LARGEST_PICKLE } from './limits.js';
import type { PythonValue } from './python-values.js';
import type { Refuse } from './refuse.js';
import { parseStorageId } from './storages.js';
import { type CopyBudget, TorchStorage } from './tensors.js';
import { type PickleMeaning, unpickle } from './unpickle.js';

export async function readZipContainer(
  bytes: Uint8Array,
  { refuse, memory }: { readonly refuse: Refuse; readonly memory: CopyBudget },
): Promise<PythonValue> {
  const records = await recordsOf(bytes, refuse);
  const pickle = records.get('data.pkl') as Uint8Array;
  if (pickle.length > LARGEST_PICKLE)
    throw refuse.limit(`a data.pkl of at most ${LARGEST_PICKLE} bytes`, `${pickle.length}`);
  return unpickle(pickle, 0, { meaning: torchMeaning(storageOf(records, refuse), { refuse, memory }), refuse }).value;
}

/** One storage for each that tensors share. */
function storageOf(records: ReadonlyMap<string, Uint8Array>, refuse: Refuse): PickleMeaning['persistent'] {
  const bigEndian = new TextDecoder().decode(records.get('byteorder')) === 'big';
  const known = new Map<string, TorchStorage>();
  return (id) => {
    const { pythonClass, type, key, count } = parseStorageId(id, refuse);
    const name = `${pythonClass} ${count} ${key}`;
    const found = known.get(name);
    if (found !== undefined) return found;
    const [data, bytes] = [records.get(`data/${key}`), count * type.bytes];
    if (data === undefined || data.length < bytes)
      throw refuse.broken(`${bytes} bytes in data/${key}`, data === undefined ? 'no such file' : `${data.length}`);
    const storage = new TorchStorage(pythonClass, type, data.subarray(0, bytes), bigEndian);
    known.set(name, storage);
    return storage;
  };
}

/** The members below the folder that has data.pkl, by their names in it. */
async function recordsOf(bytes: Uint8Array, refuse: Refuse): Promise<ReadonlyMap<string, Uint8Array>> {
  const source: ZipSource = {
    size: bytes.length,
    read: async (position, length) => bytes.subarray(position, position + length),
    refuse: (what, received) =>
      what === 'truncated' ? refuse.truncated('a whole zip', received) : refuse.broken('a whole zip', received),
  };
  const members = await listZip(source);
  const folder = folderOf(members, refuse);
  const records = new Map<string, Uint8Array>();
  for (const member of members) {
    if (!member.name.startsWith(folder) || member.name.endsWith('/')) continue;
    const name = member.name.slice(folder.length);
    if (records.has(name)) throw refuse.broken('every file of the archive once', `${name} twice`);
    records.set(name, await contentOf(bytes, source, { member, refuse }));
  }
  return records;
}

function folderOf(members: readonly ZipMember[], refuse: Refuse): string {
  const names = members.map(({ name }) => name);
  const pickles = names.filter((name) => /^[^/]*\/data\.pkl$/.test(name));
  const [pickle, second] = pickles;
  if (pickle === undefined || second !== undefined)
    throw refuse.foreign(`a zip with ${pickles.length} files data.pkl among its ${names.length}`);
  const folder = pickle.slice(0, -'data.pkl'.length);
  if (names.includes(`${folder}constants.pkl`)) throw refuse.kind('a program of TorchScript');
  return folder;
}

async function contentOf(
  bytes: Uint8Array,
  source: ZipSource,
  { member, refuse }: { readonly member: ZipMember; readonly refuse: Refuse },
): Promise<Uint8Array> {
  const { name, method, packed, size, crc } = member;
  if (method !== 0 || packed !== size)
    throw refuse.kind(`a file that another program packed again: ${name} is compressed`);
  const start = await zipDataStart(source, member);
  const content = bytes.subarray(start, start + size);
  // 0 stands where `torch.serialization.set_crc32_options(False)` left it out
  if (crc !== 0 && crc32(content) !== crc) throw refuse.broken(`${name} as it was written`, 'other content');
  return content;
}
