import { resolve } from 'node:path';
import { LocalStorage, looksLikeTorch, readSafetensors } from '@engine/fileio';
import { readCheckpointFile } from '@engine/runner';
import { allTensors, configText, factsOf } from './torch-file.js';

/** What is in a file of tensors. Sizes are bytes. */
export interface FileDescription {
  readonly file: string;
  readonly bytes: number;
  /** True where the file carries its checksum; files of other programs do not. */
  readonly verified: boolean;
  /** Undefined where the engine did not write the file. */
  readonly engine?: string;
  readonly backend?: string;
  readonly meta?: object;
  readonly config?: object;
  /** The config as text, where MMEngine wrote the file. */
  readonly configText?: string | undefined;
  /** True for a file of torch.save. */
  readonly torch?: true;
  readonly tensors: readonly TensorDescription[];
}

interface TensorDescription {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: number;
}

/** @throws `ENGINE_FILEIO_NOT_FOUND`, what a broken file makes `readSafetensors` or `readTorch` throw, and `readCheckpointFile` */
export async function describeFile(file: string, cwd: string): Promise<FileDescription> {
  const storage = new LocalStorage();
  const path = resolve(cwd, file);
  const content = await storage.get(path);
  if (looksLikeTorch(content)) return describeTorch(file, content, path);
  const { tensors, metadata, verified } = readSafetensors(content, path);
  const rows = [...tensors].map(([name, { dtype, shape, data }]) => ({ name, dtype, shape, bytes: data.byteLength }));
  const description = { file, bytes: content.length, verified, tensors: rows };
  if (metadata.engine === undefined) return description;
  const { checkpoint, origin } = await readCheckpointFile(storage, path);
  const { meta, config } = checkpoint;
  return { ...description, engine: origin.engineVersion, backend: origin.backend, meta, config };
}

async function describeTorch(file: string, content: Uint8Array, path: string): Promise<FileDescription> {
  const { readTorch } = await import('@engine/fileio/torch');
  const value = await readTorch(content, path);
  const tensors = allTensors(value).map(([name, { torchDtype, elementBytes, shape, data }]) => {
    return { name, dtype: torchDtype, shape, bytes: elementBytes * data.length };
  });
  const description = { file, bytes: content.length, verified: false, torch: true, tensors } as const;
  return { ...description, meta: factsOf(value), configText: configText(value) };
}

/** For people: what the file says, then its parts, then every tensor. */
export function renderDescription(description: FileDescription): string {
  const { file, bytes, verified, engine, backend, meta, torch, tensors } = description;
  const lines = [`${file}: ${size(bytes)}, ${tensors.length} tensors${verified ? ', checksum right' : ''}`];
  if (engine !== undefined) lines.push(`written by engine ${engine} on ${backend}`);
  if (torch) lines.push('written by PyTorch');
  for (const [key, value] of Object.entries(meta ?? {})) lines.push(`  ${key}: ${JSON.stringify(value)}`);
  const parts = new Map<string, TensorDescription[]>();
  for (const tensor of tensors) {
    const part = tensor.name.includes('/') ? tensor.name.slice(0, tensor.name.indexOf('/')) : '';
    parts.set(part, [...(parts.get(part) ?? []), tensor]);
  }
  for (const [part, rows] of parts) {
    const total = rows.reduce((sum, row) => sum + row.bytes, 0);
    lines.push('', `${part || 'tensors'}: ${rows.length} tensors, ${size(total)}`);
    const width = Math.max(...rows.map(({ name }) => name.length));
    for (const { name, dtype, shape } of rows) lines.push(`  ${name.padEnd(width)}  ${dtype} (${shape.join(', ')})`);
  }
  return `${lines.join('\n')}\n`;
}

function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
