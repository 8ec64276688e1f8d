import { type HostArray, hostArray } from '@engine/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duplicateKey } from './duplicate-key.js';
import { MemoryStorage } from './memory-storage.js';
import { loadSafetensors, readSafetensors } from './safetensors-read.js';
import { writeSafetensors } from './safetensors-write.js';

const join = (chunks: Iterable<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat([...chunks]));
const file = (header: string, data: Uint8Array = new Uint8Array()): Uint8Array => {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return join([length, text, data]);
};
const sample: [string, HostArray][] = [
  ['model/conv.weight', hostArray('float32', [2, 1, 2], new Float32Array([1.5, -0, Number.NaN, 1e-40]))],
  ['steps', hostArray('int64', [], new BigInt64Array([2n ** 62n]))],
  ['mask', hostArray('bool', [3], new Uint8Array([1, 0, 1]))],
  ['2', hostArray('int32', [2], new Int32Array([-1, 7]))],
  ['1', hostArray('uint8', [0, 4], new Uint8Array())],
  ['lr', hostArray('float64', [1], new Float64Array([0.1]))],
];

const anyArray: fc.Arbitrary<HostArray> = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }).chain((shape) => {
  const size = shape.reduce((a, b) => a * b, 1);
  const of = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: size, maxLength: size });
  return fc.oneof<fc.Arbitrary<HostArray>[]>(
    of(fc.float()).map((x) => hostArray('float32', shape, new Float32Array(x))),
    of(fc.double()).map((x) => hostArray('float64', shape, new Float64Array(x))),
    of(fc.integer()).map((x) => hostArray('int32', shape, new Int32Array(x))),
    of(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })).map((x) =>
      hostArray('int64', shape, new BigInt64Array(x)),
    ),
    of(fc.integer({ min: 0, max: 255 })).map((x) => hostArray('uint8', shape, new Uint8Array(x))),
    of(fc.integer({ min: 0, max: 1 })).map((x) => hostArray('bool', shape, new Uint8Array(x))),
  );
});

describe('safetensors: round trip', () => {
  it('gives back what was written, from any position in memory, in order', () => {
    const anyFile = fc.tuple(
      fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), anyArray), { selector: ([name]) => name }),
      fc.dictionary(fc.string(), fc.string()),
    );
    fc.assert(
      fc.property(anyFile, fc.integer({ min: 0, max: 9 }), ([entries, metadata], shift) => {
        const kept = entries.filter(([name]) => name !== '__metadata__');
        const whole = join(writeSafetensors(kept, metadata));
        const moved = new Uint8Array(whole.length + shift);
        moved.set(whole, shift);
        const read = readSafetensors(moved.subarray(shift));
        expect(read.verified).toBe(true);
        expect(read.metadata).toEqual(metadata);
        expect(new Map(read.tensors)).toEqual(new Map(kept));
      }),
    );
  });

  it('reads a Buffer at an odd place, and does not touch it', () => {
    const whole = join(writeSafetensors(sample));
    const buffer = Buffer.concat([Buffer.alloc(3), whole]).subarray(3);
    const before = Buffer.from(buffer);
    expect(readSafetensors(buffer).tensors).toEqual(new Map(sample));
    expect(buffer.equals(before)).toBe(true);
  });

  it('keeps names that look like numbers in their place', () => {
    expect([...readSafetensors(join(writeSafetensors(sample))).tensors.keys()].sort()).toEqual(
      sample.map(([name]) => name).sort(),
    );
  });

  it('aligns the header and wide types, and copies nothing', () => {
    const chunks = writeSafetensors(sample, { note: 'x' });
    expect((chunks[1] as Uint8Array).length % 8).toBe(0);
    const buffers = new Set(chunks.slice(2).map((chunk) => chunk.buffer));
    for (const [, { data }] of sample) if (data.length > 0) expect(buffers.has(data.buffer)).toBe(true);
    const whole = join(chunks);
    for (const { data } of readSafetensors(whole).tensors.values()) expect(data.buffer).toBe(whole.buffer);
  });

  it('replaces the checksum of a file that is saved again', async () => {
    const first = readSafetensors(join(writeSafetensors(sample, { 'engine.sha256': 'forged', a: 'b' })));
    expect(first).toMatchObject({ verified: true, metadata: { a: 'b' } });
    const storage = new MemoryStorage();
    await storage.putAtomic('/x', writeSafetensors(first.tensors, first.metadata));
    expect(await loadSafetensors(storage, '/x')).toEqual(first);
  });

  it('writes into a part of a larger array only that part', () => {
    const data = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    const read = readSafetensors(join(writeSafetensors([['a', hostArray('float32', [2], data)]])));
    expect([...(read.tensors.get('a')?.data ?? [])]).toEqual([1, 2]);
  });
});

describe('safetensors: refusals when writing', () => {
  const one = hostArray('uint8', [1], new Uint8Array(1));
  it('names twice or reserved, shapes that do not fit, headers that nobody could read', () => {
    expect(() =>
      writeSafetensors([
        ['a', one],
        ['a', one],
      ]),
    ).toThrow('ENGINE_FILEIO_SAFETENSORS_NAME');
    expect(() => writeSafetensors([['__metadata__', one]])).toThrow('ENGINE_FILEIO_SAFETENSORS_NAME');
    expect(() => writeSafetensors([['a', { ...one, shape: [2] }]])).toThrow('ENGINE_FILEIO_SAFETENSORS_LAYOUT');
    expect(() => writeSafetensors([], { huge: 'x'.repeat(100_000_000) })).toThrow('ENGINE_FILEIO_SAFETENSORS_HEADER');
  });
});

describe('safetensors: files of other programs', () => {
  it('need no checksum', () => {
    const read = readSafetensors(
      file('{"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}}  ', new Uint8Array([1, 0, 0, 0])),
    );
    expect(read).toMatchObject({ verified: false, metadata: {} });
    expect(read.tensors.get('a')?.data).toEqual(new Int32Array([1]));
  });

  it('may be unaligned', () => {
    const header =
      '{"u":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"f":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}';
    expect(readSafetensors(file(header, new Uint8Array([7, 0, 0, 128, 63]))).tensors.get('f')?.data).toEqual(
      new Float32Array([1]),
    );
  });

  const a = (change: string): string => `{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}${change}}`;
  it.each([
    ['no JSON', '{"a":', 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    ['no object', '[]', 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    ['space before the object', ' {}', 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    ['null', 'null', 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    ['a key twice', a(',"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}'), 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    [
      'a key twice, escaped',
      a(',"\\u0061":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}'),
      'ENGINE_FILEIO_SAFETENSORS_HEADER',
    ],
    [
      'a key twice inside',
      '{"a":{"dtype":"U8","shape":[2],"shape":[2],"data_offsets":[0,2]}}',
      'ENGINE_FILEIO_SAFETENSORS_HEADER',
    ],
    ['a row that is no object', '{"a":[]}', 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    ['a row without a shape', '{"a":{"dtype":"U8","data_offsets":[0,2]}}', 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    [
      'a row with more',
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"x":1}}',
      'ENGINE_FILEIO_SAFETENSORS_HEADER',
    ],
    ['a negative size', '{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}', 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    ['a broken size', '{"a":{"dtype":"U8","shape":[0.5],"data_offsets":[0,2]}}', 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    [
      'a size beyond exact numbers',
      '{"a":{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,2]}}',
      'ENGINE_FILEIO_SAFETENSORS_HEADER',
    ],
    ['three offsets', '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1,2]}}', 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    ['metadata that is no text', a(',"__metadata__":{"x":1}'), 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    ['metadata that is a list', a(',"__metadata__":["x"]'), 'ENGINE_FILEIO_SAFETENSORS_HEADER'],
    ['an unknown type', '{"a":{"dtype":"F8","shape":[2],"data_offsets":[0,2]}}', 'ENGINE_FILEIO_SAFETENSORS_DTYPE'],
    [
      'a type by inheritance',
      '{"a":{"dtype":"constructor","shape":[2],"data_offsets":[0,2]}}',
      'ENGINE_FILEIO_SAFETENSORS_DTYPE',
    ],
    [
      'a size that does not fit',
      '{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}',
      'ENGINE_FILEIO_SAFETENSORS_LAYOUT',
    ],
    [
      'sizes that overflow',
      '{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,2]}}',
      'ENGINE_FILEIO_SAFETENSORS_LAYOUT',
    ],
    [
      'offsets in the wrong order',
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}',
      'ENGINE_FILEIO_SAFETENSORS_LAYOUT',
    ],
    [
      'a gap at the beginning',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
      'ENGINE_FILEIO_SAFETENSORS_LAYOUT',
    ],
    [
      'bytes that belong to nobody',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      'ENGINE_FILEIO_SAFETENSORS_LAYOUT',
    ],
    [
      'an overlap',
      '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
      'ENGINE_FILEIO_SAFETENSORS_LAYOUT',
    ],
    [
      'the same bytes twice',
      a(',"b":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}'),
      'ENGINE_FILEIO_SAFETENSORS_LAYOUT',
    ],
    [
      'a gap between',
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}',
      'ENGINE_FILEIO_SAFETENSORS_LAYOUT',
    ],
    [
      'an end beyond the file',
      '{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}',
      'ENGINE_FILEIO_SAFETENSORS_TRUNCATED',
    ],
    ['a boolean of 2', '{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}', 'ENGINE_FILEIO_SAFETENSORS_LAYOUT'],
  ])('are refused with %s', (_, header, code) => {
    expect(() => readSafetensors(file(header, new Uint8Array([1, 2])), 'weights.safetensors')).toThrow(
      `${code}  weights.safetensors`,
    );
  });

  it('are refused with a huge header, a short one, and text that is not UTF-8', () => {
    expect(() => readSafetensors(new Uint8Array(16).fill(0xff))).toThrow('ENGINE_FILEIO_SAFETENSORS_HEADER');
    expect(() => readSafetensors(new Uint8Array(7))).toThrow('ENGINE_FILEIO_SAFETENSORS_TRUNCATED');
    expect(() =>
      readSafetensors(join([new Uint8Array([2, 0, 0, 0, 0, 0, 0, 0]), new Uint8Array([0xff, 0xfe])])),
    ).toThrow('ENGINE_FILEIO_SAFETENSORS_HEADER');
  });
});

describe('safetensors: damage', () => {
  const whole = join(writeSafetensors(sample, { note: 'ünïcode', engine: '{"format":1}' }));
  const expected = readSafetensors(whole);

  it('a file cut at any byte is refused', () => {
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => readSafetensors(whole.slice(0, length)), `cut at ${length}`).toThrow(
        /ENGINE_FILEIO_SAFETENSORS_(TRUNCATED|HEADER)/,
      );
    }
  });

  it('a file with more behind it is refused', () => {
    expect(() => readSafetensors(join([whole, new Uint8Array(1)]))).toThrow('ENGINE_FILEIO_SAFETENSORS_LAYOUT');
  });

  it('any single flipped bit is refused, or read without its checksum and unchanged', () => {
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const damaged = whole.slice();
      damaged[bit >> 3] = (damaged[bit >> 3] as number) ^ (1 << (bit & 7));
      try {
        const read = readSafetensors(damaged);
        expect(read.verified, `bit ${bit}`).toBe(false);
        expect(read.tensors).toEqual(expected.tensors);
      } catch (error) {
        expect(error, `bit ${bit}`).toMatchObject({ code: expect.stringMatching(/^ENGINE_FILEIO_SAFETENSORS_/) });
      }
    }
  });

  it('a flipped bit of the data is found by the checksum', () => {
    const damaged = whole.slice();
    damaged[damaged.length - 20] = (damaged.at(-20) as number) ^ 1;
    expect(() => readSafetensors(damaged, 'epoch_1.safetensors')).toThrow(
      'ENGINE_FILEIO_SAFETENSORS_CHECKSUM  epoch_1.safetensors',
    );
  });

  it('random bytes are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(() => readSafetensors(bytes)).toThrow('ENGINE_FILEIO_SAFETENSORS_');
      }),
    );
  });
});

describe('duplicateKey', () => {
  it('finds none in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: 'binary' }), (json) => {
        expect(duplicateKey(json)).toBeUndefined();
      }),
    );
  });

  it('looks into nested objects, past escapes and values that look like keys', () => {
    expect(duplicateKey('{"a":"a","b":["a","a",{"a":1}]}')).toBeUndefined();
    expect(duplicateKey('{"b":[{"x\\"":1 , "x\\u0022" :2}]}')).toBe('x"');
    expect(duplicateKey('{"a\\\\":1,"a\\\\":2}')).toBe('a\\');
  });
});
