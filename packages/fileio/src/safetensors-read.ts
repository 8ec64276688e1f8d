import type { HostArray } from '@engine/core';
import type { StorageBackend } from './contract.js';
import { fileioErrors } from './errors.js';
import { CHECKSUM_KEY, isIntact, isSigned } from './safetensors-checksum.js';
import { arrayOver, LARGEST_HEADER } from './safetensors-dtype.js';
import { parseHeader } from './safetensors-header.js';

export interface Safetensors {
  /** In the order of the header. Arrays may share the memory of the file's bytes. */
  readonly tensors: ReadonlyMap<string, HostArray>;
  /** Without the checksum. */
  readonly metadata: Readonly<Record<string, string>>;
  /** True when the file carried our checksum and it fitted; files of other programs have none. */
  readonly verified: boolean;
}

/**
 * Reads a safetensors file; executes nothing. Every rule of the format is checked, and the checksum where there is one.
 * `file` is named in errors.
 * @throws `ENGINE_FILEIO_SAFETENSORS_TRUNCATED`, `_HEADER`, `_LAYOUT`, `_DTYPE`, `_CHECKSUM`
 */
export function readSafetensors(source: Uint8Array, file = 'safetensors file'): Safetensors {
  const bytes = new Uint8Array(source.buffer, source.byteOffset, source.byteLength); // a Buffer's slice() would not copy
  const headerLength =
    bytes.length < 8 ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (headerLength !== undefined && headerLength > LARGEST_HEADER) {
    throw fileioErrors.SAFETENSORS_HEADER({
      subject: file,
      expected: `a header of at most ${LARGEST_HEADER} bytes`,
      received: 'other content: its first 8 bytes are no length of a header',
      action: 'check that this is a safetensors file',
    });
  }
  const begin = 8 + Number(headerLength ?? 0);
  if (headerLength === undefined || bytes.length < begin) {
    throw fileioErrors.SAFETENSORS_TRUNCATED({
      subject: file,
      expected: `at least ${begin} bytes`,
      received: `${bytes.length} bytes`,
      action: 'copy the file again, or use an older one',
    });
  }
  const header = bytes.subarray(8, begin);
  const data = bytes.subarray(begin);
  const text = decodeText(header, file);
  const verified = isSigned(text);
  const { rows, metadata } = parseHeader(text, data.length, file);
  if (verified && !isIntact(header, data)) {
    throw fileioErrors.SAFETENSORS_CHECKSUM({
      subject: file,
      expected: `content with the SHA-256 ${metadata[CHECKSUM_KEY]}`,
      received: 'other content: the file was damaged or changed',
      action: 'copy the file again, or use an older one',
    });
  }
  const tensors = new Map(
    rows.map((row) => [row.name, arrayOver(data.subarray(row.begin, row.end), row.dtype, row.shape)]),
  );
  for (const [name, { dtype, data: values }] of tensors)
    if (dtype === 'bool') checkBooleans(name, values as Uint8Array, file);
  const facts = Object.entries(metadata).filter(([key]) => key !== CHECKSUM_KEY);
  return { tensors, metadata: Object.fromEntries(facts), verified };
}

/** {@link readSafetensors} of a stored file. */
export async function loadSafetensors(storage: StorageBackend, path: string): Promise<Safetensors> {
  return readSafetensors(await storage.get(path), path);
}

function decodeText(header: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(header);
  } catch (cause) {
    throw fileioErrors.SAFETENSORS_HEADER({
      subject: file,
      expected: 'text in UTF-8',
      received: 'other bytes',
      action: 'check that this is a safetensors file',
      cause,
    });
  }
}

function checkBooleans(name: string, values: Uint8Array, file: string): void {
  const wrong = values.find((value) => value > 1);
  if (wrong === undefined) return;
  throw fileioErrors.SAFETENSORS_LAYOUT({
    subject: file,
    expected: `0 or 1 in ${name}, which is BOOL`,
    received: `${wrong}`,
    action: 'copy the file again, or use an older one',
  });
}
