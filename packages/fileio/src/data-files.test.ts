import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostArray } from '@engine/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dictFromFile, dump, listFromFile, load } from './data-files.js';
import { FileFormats } from './file-formats.js';
import { MemoryStorage } from './memory-storage.js';
import { nodeStorage } from './node-storage.js';
import { FileServer } from './testing/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'engine-data-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const write = (name: string, content: string | Uint8Array) => writeFile(at(name), content);
const read = (name: string) => readFile(at(name), 'utf8');
const json = async (value: unknown, indent?: number) => FileFormats.standard.serialize(value, 'a.json', { indent });

describe('load and dump', () => {
  it.each(['json', 'yaml', 'yml'])('keep what they are given, %s', async (extension) => {
    const value = [
      { a: 'abc', b: 1 },
      2,
      'c',
      null,
      true,
      -1.5,
      1e-7,
      '',
      'yes',
      '012',
      '1e3',
      'ä €\u2028 "q" \\ \n',
      {},
      [],
    ];
    await dump(value, at(`new/folder/a.${extension}`));
    expect(await load(at(`new/folder/a.${extension}`))).toEqual(value);
  });

  it('write JSON as Python does', async () => {
    expect(await json([{ a: 'abc', b: 1 }, 2, 'c'])).toBe('[{"a": "abc", "b": 1}, 2, "c"]');
    expect(await json({ ä: '€😀', n: [NaN, -Infinity, -0] })).toBe(
      String.raw`{"\u00e4": "\u20ac\ud83d\ude00", "n": [NaN, -Infinity, -0.0]}`,
    );
    expect(await json({ a: [1, 2], b: {}, c: [] }, 2)).toBe(
      '{\n  "a": [\n    1,\n    2\n  ],\n  "b": {},\n  "c": []\n}',
    );
  });

  it('read the NaN and Infinity of Python, and leave text alone that looks like them', async () => {
    await write('a.json', '{"a": NaN, "b": [-Infinity, Infinity], "NaN": "NaN \\" Infinity", "$number": 1}');
    expect(await load(at('a.json'))).toEqual({ a: NaN, b: [-Infinity, Infinity], NaN: 'NaN " Infinity', $number: 1 });
  });

  it('turn maps, sets and arrays into what the formats have', async () => {
    const value = new Map<unknown, unknown>([
      [6, new Set([1, 2])],
      [true, new Uint8Array([3, 4])],
      ['array', hostArray('float32', [2, 1, 2], new Float32Array([1, 2, 3, 4]))],
      ['scalar', hostArray('int32', [], new Int32Array([7]))],
      ['big', 12n],
    ]);
    const plain = { 6: [1, 2], true: [3, 4], array: [[[1, 2]], [[3, 4]]], scalar: 7, big: 12 };
    for (const name of ['a.json', 'a.yaml']) {
      await dump({ value, left: undefined }, at(name));
      expect(await load(at(name))).toEqual({ value: plain });
    }
  });

  it('name what is no data, and where', async () => {
    const self: Record<string, unknown> = {};
    self.deep = [self];
    for (const [value, subject] of [
      [{ a: [0, () => 1] }, 'a.1'],
      [{ at: new Date() }, 'at'],
      [{ a: undefined, b: [undefined] }, 'b.0'],
      [self, 'deep.0'],
      [Symbol('x'), 'the value'],
      [new Map([[{}, 1]]), 'a key'],
      [{ huge: 2n ** 60n }, 'huge'],
    ] as const)
      await expect(json(value)).rejects.toMatchObject({
        code: 'ENGINE_FILEIO_NOT_DATA',
        subject: expect.stringContaining(subject),
      });
    await write('a.json', 'old');
    await expect(dump({ a: () => 1 }, at('a.json'))).rejects.toThrow('ENGINE_FILEIO_NOT_DATA');
    expect(await read('a.json')).toBe('old');
  });

  it('write text in YAML that Python reads as text', async () => {
    await dump({ answers: ['yes', 'no', '1_000', '0o7', '2001-01-01', '1:30'], '<<': 'x' }, at('a.yaml'));
    const text = await read('a.yaml');
    for (const word of ['yes', 'no', '1_000', '2001-01-01', '1:30', '<<'])
      expect(text).toMatch(new RegExp(`["']${word}["']`));
    expect(text).toContain('answers:\n  - ');
  });

  it('read what PyYAML writes: tuples, anchors, merge keys', async () => {
    await write('a.yaml', 'size: !!python/tuple [1, 2]\nbase: &b {x: 1}\nmore:\n  <<: *b\n  y: 1.0e-04\n');
    expect(await load(at('a.yaml'))).toEqual({ size: [1, 2], base: { x: 1 }, more: { x: 1, y: 1e-4 } });
  });

  it.each([
    ['a.json', '{"a": '],
    ['a.json', ''],
    ['a.json', '{"a": NaN,}'],
    ['a.yaml', 'a: [1, 2'],
    ['a.yaml', 'a: 1\na: 2\n'],
    ['a.yaml', '--- 1\n--- 2\n'],
    ['a.yaml', 'run: !!python/object/apply:os.system ["true"]\n'],
    [
      'a.yaml',
      `a: &a [x]\n${'bcdefgh'
        .split('')
        .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`)
        .join('\n')}\n`,
    ],
    ['a.yaml', '['.repeat(100_000)],
    ['a.json', new Uint8Array([0x22, 0xff, 0x22])],
  ])('say which file is broken: %s %j', async (name, content) => {
    await write(name, content);
    await expect(load(at(name))).rejects.toMatchObject({ code: 'ENGINE_FILEIO_BAD_CONTENT', subject: at(name) });
  });

  it('keep prototypes out of reach', async () => {
    for (const [name, text] of [
      ['a.json', '{"__proto__": {"polluted": 1}}'],
      ['a.yaml', '__proto__: {polluted: 1}\n'],
    ] as const) {
      await write(name, text);
      const value = (await load(at(name))) as Record<string, unknown>;
      expect(Object.keys(value)).toEqual(['__proto__']);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      expect(value.polluted).toBeUndefined();
    }
  });

  it('know their formats, by extension or as told', async () => {
    await write('data.txt', '{"a": 1}');
    await expect(load(at('data.txt'))).rejects.toMatchObject({
      code: 'ENGINE_FILEIO_UNKNOWN_FORMAT',
      expected: 'one of json, yaml, yml',
    });
    expect(await load(at('data.txt'), { format: 'json' })).toEqual({ a: 1 });
    await expect(load(at('data'))).rejects.toThrow(/UNKNOWN_FORMAT[^]*no extension/);
    await expect(dump(1, at('tmp.txt'))).rejects.toThrow('ENGINE_FILEIO_UNKNOWN_FORMAT');
    for (const pickle of ['a.pkl', 'a.pickle', 'net.pth']) {
      await write(pickle, 'x');
      await expect(load(at(pickle))).rejects.toThrow('ENGINE_FILEIO_PICKLE');
      await expect(dump(1, at(pickle))).rejects.toThrow('ENGINE_FILEIO_PICKLE');
    }
  });

  it('take further formats, which win, and of which each may read or write only', async () => {
    const lines = {
      extensions: ['txt', 'json'],
      parse: (bytes: Uint8Array) => new TextDecoder().decode(bytes).split(' '),
    };
    const formats = FileFormats.standard.with(lines);
    await write('a.txt', 'x y');
    expect(await load(at('a.txt'), { formats })).toEqual(['x', 'y']);
    await write('a.json', 'x y');
    expect(await load(at('a.json'), { formats })).toEqual(['x', 'y']);
    await expect(dump([], at('a.txt'), { formats })).rejects.toThrow(/UNKNOWN_FORMAT[^]*can be written/);
    const bytes = FileFormats.standard.with({ extensions: ['bin'], serialize: () => new Uint8Array([1]) });
    await dump(0, at('a.bin'), { formats: bytes });
    expect(await read('a.bin')).toBe('\u0001');
    await expect(load(at('a.bin'), { formats: bytes })).rejects.toThrow(/UNKNOWN_FORMAT[^]*can be read/);
    expect(FileFormats.standard.extensions).toEqual(['json', 'yaml', 'yml']);
  });

  it('go through any storage', async () => {
    const storage = new MemoryStorage();
    await dump([1], '/a.json', { storage });
    expect(await load('/a.json', { storage })).toEqual([1]);
    const server = await FileServer.start();
    try {
      const url = server.put('/ann/a.yaml', 'a: 1\n');
      expect(await load(`${url}?token=x.y`, { storage: nodeStorage() })).toEqual({ a: 1 });
    } finally {
      await server.stop();
    }
  });

  it('give back any JSON value, whatever is in it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), fc.option(fc.nat(4), { nil: undefined }), async (value, indent) => {
        const text = (await json(value, indent)) as string;
        expect(JSON.parse(text)).toEqual(value);
        const yaml = await FileFormats.standard.serialize(value, 'a.yaml');
        expect(await FileFormats.standard.parse(new TextEncoder().encode(yaml as string), 'a.yaml')).toEqual(value);
      }),
      { numRuns: 200 },
    );
  });

  it('never fail otherwise than with a code, whatever a file holds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom(...'{}[]:,"-&*!<>\n 1aN') }),
        fc.constantFrom('a.json', 'a.yaml'),
        async (text, name) => {
          await FileFormats.standard.parse(new TextEncoder().encode(text), name).catch((error: unknown) => {
            expect(error).toMatchObject({ code: 'ENGINE_FILEIO_BAD_CONTENT' });
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('listFromFile', () => {
  it('gives lines, as many as wanted, from where they are wanted', async () => {
    await write('list.txt', '1. a\n2. b\n3. c\n4. d\n5. e\n');
    expect(await listFromFile(at('list.txt'))).toEqual(['1. a', '2. b', '3. c', '4. d', '5. e']);
    expect(await listFromFile(at('list.txt'), { prefix: 'x', maxCount: 1 })).toEqual(['x1. a']);
    expect(await listFromFile(at('list.txt'), { offset: 3, maxCount: 3 })).toEqual(['4. d', '5. e']);
    expect(await listFromFile(at('list.txt'), { offset: 9 })).toEqual([]);
  });

  it('takes all ends of lines, keeps empty lines, reads other encodings', async () => {
    await write('mixed.txt', '\uFEFFa\r\nb\r\n\rc\n\n');
    expect(await listFromFile(at('mixed.txt'))).toEqual(['a', 'b', '', 'c', '']);
    await write('empty.txt', '');
    expect(await listFromFile(at('empty.txt'))).toEqual([]);
    await write('gbk.txt', new Uint8Array([0xd6, 0xd0]));
    expect(await listFromFile(at('gbk.txt'), { encoding: 'gbk' })).toEqual(['中']);
    await expect(listFromFile(at('gbk.txt'))).rejects.toThrow('ENGINE_FILEIO_BAD_CONTENT');
  });

  it('refuses what means nothing', async () => {
    await write('list.txt', 'a\n');
    for (const bad of [{ offset: -1 }, { offset: 0.5 }, { maxCount: -1 }, { maxCount: NaN }, { encoding: 'klingon' }])
      await expect(listFromFile(at('list.txt'), bad)).rejects.toThrow('ENGINE_FILEIO_BAD_OPTION');
  });
});

describe('dictFromFile', () => {
  it('gives the second column, or a list of further ones, by the first', async () => {
    await write('map.txt', '1 cat\n2 dog cow\n3  panda\t x\n1 lion\n');
    const expected = new Map<unknown, unknown>([
      ['1', 'lion'],
      ['2', ['dog', 'cow']],
      ['3', ['panda', 'x']],
    ]);
    expect(await dictFromFile(at('map.txt'))).toEqual(expected);
    expect([...(await dictFromFile(at('map.txt'), { keyOf: Number })).keys()]).toEqual([1, 2, 3]);
  });

  it('says which line has no second column', async () => {
    await write('map.txt', '1 cat\n\n3 cow\n');
    await expect(dictFromFile(at('map.txt'))).rejects.toMatchObject({
      code: 'ENGINE_FILEIO_BAD_CONTENT',
      at: { file: at('map.txt'), line: 2 },
    });
  });
});
