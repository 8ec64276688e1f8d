import type { Json } from '@engine/core';
import type { StorageBackend } from '@engine/fileio';
import { encodeCheckpoint, readCheckpointFile } from './checkpoint.js';

/** Parts of a checkpoint: groups of tensors and what belongs to them. */
const SECTIONS: Readonly<Record<string, readonly string[]>> = {
  model: [],
  ema: [],
  optim: ['paramGroups', 'scaler'],
  hook: ['hooks'],
  schedulers: ['schedulers'],
  messageHub: ['messageHub'],
};

/**
 * Writes a copy of a checkpoint that holds the parts `keys` alone (`model`, `ema`, `optim`, `hook`, `schedulers`, `messageHub`), beside it
 * and named after its content: `epoch_3-1a2b3c4d.safetensors`, the beginning of the file's SHA-256, which downloads check.
 * Resolves with its path; the original stays.
 * @throws `ENGINE_RUNNER_CHECKPOINT_MISSING`, `_BROKEN`, `_FOREIGN`, `_NEWER`, and what the storage throws
 */
export async function publishCheckpoint(
  storage: StorageBackend,
  path: string,
  keys: readonly string[],
): Promise<string> {
  const { checkpoint, origin } = await readCheckpointFile(storage, path);
  const sections = new Set(['layouts', ...keys.flatMap((key) => SECTIONS[key] ?? [])]);
  const draft = {
    meta: checkpoint.meta,
    tensors: new Map([...checkpoint.tensors].filter(([name]) => keys.includes(name.slice(0, name.indexOf('/'))))),
    sections: new Map<string, Json>([...checkpoint.sections].filter(([name]) => sections.has(name))),
  };
  const bytes = concat([...encodeCheckpoint(draft, origin)]);
  const target = `${path.replace(/\.[^./\\]*$/, '')}-${(await sha256(bytes)).slice(0, 8)}.safetensors`;
  await storage.putAtomic(target, bytes);
  return target;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
