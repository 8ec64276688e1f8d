import { type HostArray, sizeOf } from '@engine/core/plain';
import { fileioErrors } from './errors.js';
import { CHECKSUM_KEY, EMPTY_CHECKSUM, sign, signInTurns } from './safetensors-checksum.js';
import { bytesOf, ELEMENT_TYPES, LARGEST_HEADER } from './safetensors-dtype.js';

/**
 * A safetensors file as chunks that share the arrays' memory: hand them to `putAtomic` before the arrays change.
 * Wide element types come first in the data, so that a reader can map every tensor in place; the header keeps the order
 * given. Adds a SHA-256 over everything to the metadata.
 * @throws `ENGINE_FILEIO_SAFETENSORS_NAME`, `ENGINE_FILEIO_SAFETENSORS_LAYOUT`, `ENGINE_FILEIO_SAFETENSORS_HEADER`
 */
export function writeSafetensors(entries: Entries, metadata: Metadata = {}): Uint8Array[] {
  const { length, header, chunks } = laidOut(entries, metadata);
  sign(header, chunks);
  return [length, header, ...chunks];
}

/**
 * As {@link writeSafetensors}, with the event loop getting its turn again and again while the checksum is computed. Names, shapes and metadata are read before it
 * returns; the arrays must not change until it resolves and the chunks are written.
 * @throws the same, as a rejection
 */
export async function writeSafetensorsInTurns(entries: Entries, metadata: Metadata = {}): Promise<Uint8Array[]> {
  const { length, header, chunks } = laidOut(entries, metadata);
  await signInTurns(header, chunks);
  return [length, header, ...chunks];
}

type Entries = Iterable<readonly [name: string, array: HostArray]>;
type Metadata = Readonly<Record<string, string>>;

/** A file without its checksum: the length of the header, the header, and the data. */
interface Layout {
  readonly length: Uint8Array;
  readonly header: Uint8Array;
  readonly chunks: readonly Uint8Array[];
}

function laidOut(entries: Entries, metadata: Metadata): Layout {
  const arrays = uniqueByName(entries);
  const stored = [...arrays].sort(([, a], [, b]) => ELEMENT_TYPES[b.dtype].bytes - ELEMENT_TYPES[a.dtype].bytes);
  const offsets = new Map<string, readonly [number, number]>();
  let end = 0;
  for (const [name, { data }] of stored) {
    offsets.set(name, [end, end + data.byteLength]);
    end += data.byteLength;
  }
  const facts = Object.entries(metadata).filter(([key]) => key !== CHECKSUM_KEY);
  const header = encodeHeader([
    [
      '__metadata__',
      jsonObject([
        [CHECKSUM_KEY, JSON.stringify(EMPTY_CHECKSUM)],
        ...facts.map(([key, text]): Member => [key, JSON.stringify(text)]),
      ]),
    ],
    ...[...arrays].map(([name, { dtype, shape }]): Member => {
      return [name, JSON.stringify({ dtype: ELEMENT_TYPES[dtype].code, shape, data_offsets: offsets.get(name) })];
    }),
  ]);
  if (header.length > LARGEST_HEADER) {
    throw fileioErrors.SAFETENSORS_HEADER({
      expected: `at most ${LARGEST_HEADER} bytes of names, shapes and metadata`,
      received: `${header.length} bytes`,
      action: 'store long lists as tensors instead of metadata',
    });
  }
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  const chunks = stored.map(([, array]) => bytesOf(array)).filter((bytes) => bytes.length > 0);
  return { length, header, chunks };
}

type Member = readonly [key: string, json: string];

/** Written by hand, because an object literal would sort keys that look like numbers to the front. */
function jsonObject(members: readonly Member[]): string {
  return `{${members.map(([key, json]) => `${JSON.stringify(key)}:${json}`).join(',')}}`;
}

/** Padded with spaces to a multiple of 8, so that the data behind it are aligned. */
function encodeHeader(members: readonly Member[]): Uint8Array {
  const text = new TextEncoder().encode(jsonObject(members));
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20);
  padded.set(text);
  return padded;
}

function uniqueByName(entries: Iterable<readonly [string, HostArray]>): Map<string, HostArray> {
  const arrays = new Map<string, HostArray>();
  for (const [name, array] of entries) {
    if (arrays.has(name) || name === '__metadata__') {
      throw fileioErrors.SAFETENSORS_NAME({
        subject: name,
        expected: 'names that are unique and not __metadata__',
        received: arrays.has(name) ? `${name} twice` : name,
        action: 'rename one of the tensors',
      });
    }
    if (array.data.length !== sizeOf(array.shape)) {
      throw fileioErrors.SAFETENSORS_LAYOUT({
        subject: name,
        expected: `${sizeOf(array.shape)} elements for shape (${array.shape.join(', ')})`,
        received: `${array.data.length} elements of ${array.dtype}`,
        action: 'pass data and shape that belong together',
      });
    }
    arrays.set(name, array);
  }
  return arrays;
}
