/** Files of PyTorch (`.pth`, `.pt`) as the commands see them. */
import { type HostArray, isHostArray } from '@engine/core/plain';
import { looksLikeTorch, readSafetensors, type StorageBackend } from '@engine/fileio';
import type { PythonObject, PythonValue, TorchTensor } from '@engine/fileio/torch';

/** The weights of a safetensors file or of one of PyTorch, by name. @throws what reading the one or the other throws */
export async function readTensors(storage: StorageBackend, path: string): Promise<ReadonlyMap<string, HostArray>> {
  const bytes = await storage.get(path);
  if (!looksLikeTorch(bytes)) return readSafetensors(bytes, path).tensors;
  const { readTorch, torchWeights } = await import('@engine/fileio/torch');
  return torchWeights(await readTorch(bytes, path), path).tensors;
}

/** Every tensor of what was saved, by the keys that lead to it: `state_dict/conv.weight`, `optimizer/state/0/exp_avg`. */
export function allTensors(value: PythonValue, path: readonly string[] = []): [name: string, tensor: TorchTensor][] {
  if (isHostArray(value)) return 'torchDtype' in value ? [[path.join('/'), value as TorchTensor]] : [];
  return childrenOf(value).flatMap(([key, child]) => allTensors(child, [...path, key]));
}

/** Facts about a run that trainers keep beside the weights or under `meta`: short texts, numbers, booleans. */
export function factsOf(value: PythonValue): Record<string, unknown> {
  if (!(value instanceof Map)) return {};
  const meta = value.get('meta');
  const entries = [...value, ...(meta instanceof Map ? meta : [])];
  return Object.fromEntries(entries.filter(([key, fact]) => typeof key === 'string' && isFact(fact)));
}

/** The config that MMEngine keeps as text under `meta.cfg`. */
export function configText(value: PythonValue): string | undefined {
  const meta = value instanceof Map ? value.get('meta') : undefined;
  const text = meta instanceof Map ? meta.get('cfg') : undefined;
  return typeof text === 'string' ? text : undefined;
}

const isFact = (value: PythonValue): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && /^.{0,200}$/.test(value));

function childrenOf(value: PythonValue): [key: string, child: PythonValue][] {
  if (Array.isArray(value)) return value.map((child, i) => [String(i), child]);
  if (value instanceof Map) return [...value].map(([key, child]) => [String(key), child]);
  if (!isObject(value)) return [];
  const { args, state, entries, elements } = value;
  return [args as PythonValue[], state, entries, elements].flatMap((part) =>
    part === undefined ? [] : childrenOf(part),
  );
}

const isObject = (value: PythonValue): value is PythonObject =>
  typeof value === 'object' && value !== null && 'pythonClass' in value && 'args' in value;
