/** What `tooling/golden/record_torch_files.py` wrote with PyTorch: files, and what is in them. For tests. */
import { readFileSync } from 'node:fs';
import { type HostArray, isHostArray } from '@engine/core';
import { PythonGlobal, type PythonValue } from '../torch/python-values.js';

const folder = new URL('../../../../tooling/golden/torch/', import.meta.url);

export const golden = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));

interface Expected {
  readonly files: Readonly<Record<string, unknown>>;
  readonly runner: {
    readonly keys: readonly string[];
    readonly meta: Readonly<Record<string, unknown>>;
    readonly hub: { readonly keys: readonly string[]; readonly losses: readonly number[] };
    readonly state_dict: unknown;
    readonly optimizer: unknown;
    readonly param_schedulers: unknown;
  };
}

export const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Expected;

/** A value as the script writes it down. */
export function encode(value: PythonValue): unknown {
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number')
    return Number.isFinite(value) ? value : { float: String(value).replace('Infinity', 'inf').replace('NaN', 'nan') };
  if (value instanceof Uint8Array) return { bytes: base64(value) };
  if (isHostArray(value)) return encodeArray(value);
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Map) return { dict: [...value].map(([key, item]) => [encode(key), encode(item)]) };
  if (value instanceof Set) return { set: [...value].sort((a, b) => (String(a) < String(b) ? -1 : 1)).map(encode) };
  if (!(value instanceof PythonGlobal)) return value;
  if (/^numpy\.(ndarray$|.*_frombuffer$)/.test(value.pythonClass)) return { class: 'numpy.ndarray' };
  return { class: value.pythonClass.endsWith('multiarray.scalar') ? 'numpy.scalar' : 'other' };
}

function encodeArray(array: HostArray & { readonly torchDtype?: string }): object {
  const { dtype, shape, data, torchDtype } = array;
  const bytes = base64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return { ...(torchDtype === undefined ? {} : { torch: torchDtype }), dtype, shape, data: bytes };
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
