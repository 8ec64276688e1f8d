/** Files that nobody saved: cut, damaged, or made to harm. */
import { storedZip } from '@engine/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode, expected, golden } from '../testing/torch-golden.js';
import { looksLikeTorch, PythonObject, readTorch } from './index.js';

const CODED = { code: expect.stringMatching(/^ENGINE_FILEIO_TORCH_/) };
const ascii = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** A file of the new kind around a pickle, whose characters are bytes. */
const container = (pickle: string | Uint8Array, records: Readonly<Record<string, Uint8Array>> = {}): Uint8Array =>
  storedZip([
    { name: 'a/data.pkl', content: typeof pickle === 'string' ? ascii(pickle) : pickle },
    ...Object.entries(records).map(([name, content]) => ({ name: `a/${name}`, content })),
  ]);

const short = (text: string): string => `\x8c${String.fromCharCode(text.length)}${text}`;
const tuple = (...items: readonly string[]): string => `(${items.join('')}t`;
const storage = (count: string, type = 'Float'): string =>
  `${tuple(short('storage'), `ctorch\n${type}Storage\n`, short('0'), short('cpu'), count)}Q`;
const tensor = (geometry: { offset?: string; shape: string; strides: string }, stored = storage('K\x02')): string =>
  `ctorch._utils\n_rebuild_tensor_v2\n${tuple(stored, geometry.offset ?? 'K\x00', geometry.shape, geometry.strides, '\x89', '}')}R.`;
const two = { 'data/0': new Uint8Array(new Float32Array([1, 2]).buffer) };

/** Either whole or refused with a code; whatever else happens is an error. */
async function readOrRefuse(bytes: Uint8Array): Promise<unknown> {
  try {
    return encode(await readTorch(bytes));
  } catch (error) {
    expect(error).toMatchObject(CODED);
    return undefined;
  }
}

describe('pickles', () => {
  it('are executed by nobody', async () => {
    const value = await readTorch(container(`cos\nsystem\n${tuple(short('echo harm'))}R.`));
    expect(value).toBeInstanceOf(PythonObject);
    expect(value).toMatchObject({ pythonClass: 'os.system', args: ['echo harm'] });
    const proto = (await readTorch(container(`}${short('__proto__')}}${short('x')}K\x01ss.`))) as Map<unknown, unknown>;
    expect(proto.get('__proto__')).toEqual(new Map([['x', 1]]));
    expect('x' in {}).toBe(false);
  });

  it.each([
    ['nothing on the stack', '.'],
    ['a value below a mark', 'N(0.'],
    ['no mark', 'Nt.'],
    ['a value that was not kept', 'h\x05.'],
    ['an unknown opcode', '\xff.'],
    ['text of protocol 0', "S'a'\n."],
    ['a number that is none', 'Iabc\n.'],
    ['a class without a name', 'NN\x93.'],
    ['a call of a number', 'K\x01)R.'],
    ['a call without arguments', 'cos\nsystem\nNR.'],
    ['an append to a number', 'K\x01Na.'],
    ['a key of a list', ']NNs.'],
    ['a key without a value', '}(Nu.'],
    ['another persistent id', 'NQ.'],
    ['a tensor without a storage', `ctorch._utils\n_rebuild_tensor_v2\n)R.`],
    ['a tensor beyond its storage', tensor({ shape: 'K\x03\x85', strides: 'K\x01\x85' })],
    ['a negative stride', tensor({ offset: 'K\x01', shape: 'K\x02\x85', strides: 'J\xff\xff\xff\xff\x85' })],
    ['a broken size', tensor({ shape: 'G?\xe0\x00\x00\x00\x00\x00\x00\x85', strides: 'K\x01\x85' })],
    ['more sizes than strides', tensor({ shape: 'K\x01\x85', strides: ')' })],
    ['a storage that is shorter', tensor({ shape: ')', strides: ')' }, storage('K\x03'))],
  ])('are refused with %s', async (_, pickle) => {
    await expect(readTorch(container(pickle, two), 'x.pth')).rejects.toThrow('ENGINE_FILEIO_TORCH_BROKEN  x.pth');
  });

  it('end where they say', async () => {
    for (const pickle of ['', 'N', '\x8c\x05ab', 'X\xff\xff\xff\xff', 'cos', `\x8d${'\xff'.repeat(8)}.`])
      await expect(readTorch(container(pickle))).rejects.toThrow('ENGINE_FILEIO_TORCH_TRUNCATED');
  });

  it('read what is right beside them', async () => {
    expect(encode(await readTorch(container(tensor({ shape: 'K\x02\x85', strides: 'K\x01\x85' }), two)))).toMatchObject(
      {
        dtype: 'float32',
        shape: [2],
      },
    );
  });

  it.each([
    ['a list in itself', ']q\x00h\x00a.'],
    ['a dict in itself, by way of an object', `}q\x00${short('k')}ca\nb\n)Rh\x00bs.`],
    ['deep lists', `${']'.repeat(600)}${'a'.repeat(599)}.`],
    ['ten of ten of ten ...', `K\x01${Array.from({ length: 9 }, () => `q\x00(${'h\x00'.repeat(10)}l`).join('')}.`],
    ['a long number', `\x8b\x00\x00\x01\x00${'1'.repeat(65_536)}.`],
    [
      'a small storage seen as a huge tensor',
      tensor({ shape: 'J\x00\x00\x00\x40J\x00\x00\x00\x40\x86', strides: 'K\x00K\x00\x86' }),
    ],
    ['sizes that overflow', tensor({ shape: `${'J\x00\x00\x00\x40'.repeat(3)}\x87`, strides: 'K\x00K\x00K\x00\x87' })],
  ])('are refused with %s', async (_, pickle) => {
    await expect(readTorch(container(pickle, two))).rejects.toThrow('ENGINE_FILEIO_TORCH_LIMIT');
  });

  it('are refused with more objects than a checkpoint has', async () => {
    const pickle = new Uint8Array(8_000_002).fill(0x5d); // ]0 ]0 ...
    for (let at = 1; at < pickle.length; at += 2) pickle[at] = 0x30;
    await expect(readTorch(container(pickle))).rejects.toThrow('ENGINE_FILEIO_TORCH_LIMIT');
  });

  it('hold tensors of several that expand within the same bounds', async () => {
    const one = tensor({ shape: 'J\x00\x00\x00\x01\x85', strides: 'K\x00\x85' }).slice(0, -1); // 64 MiB each
    await expect(readTorch(container(`(${one.repeat(5)}l.`, two))).rejects.toThrow('ENGINE_FILEIO_TORCH_LIMIT');
  });
});

describe('containers', () => {
  const bytes = (text: string) => readTorch(ascii(text), 'x.pth');

  it('that are none of torch.save are refused', async () => {
    for (const text of ['<html>', 'PK', '\x80\x04N.', '{"a":1}'])
      await expect(bytes(text)).rejects.toThrow('ENGINE_FILEIO_TORCH_FOREIGN  x.pth');
    await expect(readTorch(storedZip([{ name: 'word/document.xml', content: ascii('x') }]))).rejects.toThrow(
      'ENGINE_FILEIO_TORCH_FOREIGN',
    );
    await expect(bytes('')).rejects.toThrow('ENGINE_FILEIO_TORCH_TRUNCATED');
    expect(looksLikeTorch(ascii('{"a":1}'))).toBe(false);
  });

  it('of tar, of another version, compressed, or with a program are refused', async () => {
    const tar = ascii(`${'a'.repeat(257)}ustar\x0000`);
    const legacy = golden('dtypes-legacy.pth').slice();
    legacy[legacy.indexOf(0xe9)] = 0xea; // 1001 in the second pickle
    const packed = container('N.');
    for (const signature of ['PK\x03\x04', 'PK\x01\x02']) {
      const at = Buffer.from(packed.buffer).indexOf(signature, 0, 'latin1');
      packed[at + (signature === 'PK\x03\x04' ? 8 : 10)] = 8;
    }
    for (const content of [tar, legacy, packed, golden('torchscript.pt')])
      await expect(readTorch(content)).rejects.toThrow('ENGINE_FILEIO_TORCH_KIND');
  });

  it('with a member twice, missing, or changed are refused', async () => {
    const code = 'ENGINE_FILEIO_TORCH_BROKEN';
    const pickle = { name: 'a/data.pkl', content: ascii(tensor({ shape: ')', strides: ')' })) };
    const data = { name: 'a/data/0', content: two['data/0'] };
    await expect(readTorch(storedZip([pickle, data, data]))).rejects.toThrow(code);
    await expect(readTorch(storedZip([pickle]))).rejects.toThrow(code);
    const changed = storedZip([pickle, data]);
    changed[Buffer.from(changed.buffer).indexOf(Buffer.from(two['data/0']))] = 9;
    await expect(readTorch(changed)).rejects.toThrow('data/0 as it was written');
    expect(encode(await readTorch(storedZip([pickle, data], { large: true })))).toMatchObject({ shape: [] });
  });
});

describe('damage', () => {
  const names = ['views.pth', 'views-legacy.pth', 'others-4.pth', 'others-legacy-1.pth', 'runner.pth'];

  it.each(names)('%s cut off is refused', async (name) => {
    const whole = golden(name);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), async (length) => {
        await expect(readTorch(whole.subarray(0, length))).rejects.toMatchObject(CODED);
      }),
      { numRuns: 100 },
    );
  });

  it.each(names)('%s with changed bytes is read or refused', async (name) => {
    const whole = golden(name);
    const change = fc.record({ at: fc.nat({ max: whole.length - 1 }), value: fc.integer({ min: 0, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const bytes = whole.slice();
        for (const { at, value } of changes) bytes[at] = value;
        await readOrRefuse(bytes);
      }),
      { numRuns: 200 },
    );
  });

  it('of weights is found by their checksums', async () => {
    const bytes = golden('views.pth').slice();
    const at = Buffer.from(bytes.buffer).indexOf(Buffer.from(new Float32Array([0, 1, 2, 3]).buffer));
    bytes[at + 2] = (bytes[at + 2] as number) ^ 1;
    await expect(readTorch(bytes)).rejects.toThrow('ENGINE_FILEIO_TORCH_BROKEN');
    expect(await readOrRefuse(golden('no-checksums.pth'))).toEqual(expected.files['no-checksums.pth']);
  });

  it('pickles of any opcodes are read or refused', async () => {
    const opcode = fc.constantFrom(
      ...'(012NIJKLMGXTUBC])}ltdaesucRbQqrhj.\x80\x81\x85\x86\x87\x88\x89\x8a\x8c\x8f\x90\x91\x92\x93\x94\x95',
    );
    const piece = fc.oneof(
      opcode,
      fc.constantFrom(
        'h\x00',
        'q\x00',
        'K\x01',
        'ctorch\nSize\n',
        short('a'),
        tensor({ shape: ')', strides: ')' }).slice(0, -1),
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
        await readOrRefuse(container(`${pieces.join('')}.`, two));
      }),
      { numRuns: 1000 },
    );
  });
});
