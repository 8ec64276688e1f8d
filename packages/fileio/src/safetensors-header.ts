import { type HostDType, sizeOf } from '@engine/core/plain';
import { duplicateKey } from './duplicate-key.js';
import { fileioErrors } from './errors.js';
import { dtypeOfCode, ELEMENT_TYPES } from './safetensors-dtype.js';

export interface TensorRow {
  readonly name: string;
  readonly dtype: HostDType;
  readonly shape: readonly number[];
  /** Bytes from the beginning of the data. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly rows: readonly TensorRow[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reads the JSON header of a safetensors file and holds it to the rules of the format. `dataLength` is what follows it. */
export function parseHeader(text: string, dataLength: number, file: string): Header {
  const json = parseJson(text, file);
  const { __metadata__: metadata = {}, ...tensors } = json;
  if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw badHeader(file, 'texts in __metadata__', JSON.stringify(metadata).slice(0, 80));
  }
  const rows = Object.entries(tensors).map(([name, row]) => parseRow(name, row, file));
  checkCoverage(rows, dataLength, file);
  return { rows, metadata: metadata as Record<string, string> };
}

function parseJson(text: string, file: string): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw badHeader(file, 'JSON', cause instanceof Error ? cause.message : String(cause));
  }
  if (!text.startsWith('{') || !isObject(json)) throw badHeader(file, 'a JSON object', text.slice(0, 20));
  const twice = duplicateKey(text);
  if (twice !== undefined) throw badHeader(file, 'every key once', `${twice} twice`);
  return json;
}

function parseRow(name: string, row: unknown, file: string): TensorRow {
  if (!isObject(row) || Object.keys(row).sort().join() !== 'data_offsets,dtype,shape') {
    throw badHeader(file, `dtype, shape and data_offsets of ${name}`, JSON.stringify(row).slice(0, 80));
  }
  const { dtype: code, shape, data_offsets: offsets } = row;
  if (typeof code !== 'string' || !isSizes(shape) || !isSizes(offsets) || offsets.length !== 2) {
    throw badHeader(file, `a type, sizes and two offsets of ${name}`, JSON.stringify(row).slice(0, 80));
  }
  const dtype = dtypeOfCode.get(code);
  if (dtype === undefined) {
    throw fileioErrors.SAFETENSORS_DTYPE({
      subject: file,
      expected: `one of ${[...dtypeOfCode.keys()].join(', ')}`,
      received: `${name} of type ${code}`,
      action: 'convert the tensor to float32 before loading it',
    });
  }
  const [begin = 0, end = 0] = offsets;
  if (sizeOf(shape) * ELEMENT_TYPES[dtype].bytes !== end - begin) {
    throw badLayout(
      file,
      `${sizeOf(shape) * ELEMENT_TYPES[dtype].bytes} bytes for ${name} (${shape.join(', ')}) ${code}`,
      `${end - begin} bytes`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** The tensors must fill the data from the first byte to the last, each byte once. */
function checkCoverage(rows: readonly TensorRow[], dataLength: number, file: string): void {
  let covered = 0;
  for (const { name, begin, end } of [...rows].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (begin !== covered) throw badLayout(file, `${name} at byte ${covered} of the data`, `byte ${begin}`);
    covered = end;
  }
  if (covered > dataLength) {
    throw fileioErrors.SAFETENSORS_TRUNCATED({
      subject: file,
      expected: `${covered} bytes of data`,
      received: `${dataLength}`,
      action: 'copy the file again, or use an older one',
    });
  }
  if (covered < dataLength) throw badLayout(file, `${covered} bytes of data`, `${dataLength}`);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badHeader(file: string, expected: string, received: string): Error {
  return fileioErrors.SAFETENSORS_HEADER({
    subject: file,
    expected,
    received,
    action: 'copy the file again, or use an older one',
  });
}

function badLayout(file: string, expected: string, received: string): Error {
  return fileioErrors.SAFETENSORS_LAYOUT({
    subject: file,
    expected,
    received,
    action: 'copy the file again, or use an older one',
  });
}
