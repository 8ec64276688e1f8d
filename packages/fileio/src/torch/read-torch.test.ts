import { type HostArray, isHostArray } from '@engine/core';
import { describe, expect, it } from 'vitest';
import { MemoryStorage } from '../memory-storage.js';
import { encode, expected, golden } from '../testing/torch-golden.js';
import { loadTorch, looksLikeTorch, PythonObject, type PythonValue, readTorch, torchWeights } from './index.js';

const OWN_TESTS = /^(torchscript|module|sparse|complex|quantized|float8)/;
const files = Object.keys(expected.files).filter((name) => !OWN_TESTS.test(name));

/** What is in dicts and attributes below a value. */
function inside(value: PythonValue | undefined, ...keys: readonly PythonValue[]): PythonValue | undefined {
  const [key, ...rest] = keys;
  if (key === undefined) return value;
  const map = value instanceof PythonObject ? value.state : value;
  return map instanceof Map ? inside(map.get(key), ...rest) : undefined;
}

const read = async (name: string): Promise<PythonValue> => readTorch(golden(name), name);

describe('readTorch', () => {
  it.each(files)('reads %s as PyTorch does', async (name) => {
    expect(looksLikeTorch(golden(name))).toBe(true);
    expect(encode(await read(name))).toEqual(expected.files[name]);
  });

  it.each(['views.pth', 'views-legacy.pth'])('shares memory in %s where tensors did', async (name) => {
    const value = await read(name);
    const [whole, part, rows] = ['whole', 'part', 'rows'].map((key) => inside(value, key) as HostArray);
    expect(part?.data.buffer).toBe(whole?.data.buffer);
    expect(rows?.data.buffer).not.toBe(whole?.data.buffer);
  });

  it('copies nothing that is aligned, and reads a Buffer at an odd place', async () => {
    const content = golden('views.pth');
    expect((inside(await readTorch(content), 'whole') as HostArray).data.buffer).toBe(content.buffer);
    const moved = Buffer.concat([Buffer.alloc(1), content]).subarray(1);
    expect(encode(await readTorch(moved))).toEqual(expected.files['views.pth']);
  });

  it('takes objects of unknown classes apart', async () => {
    const value = await read('others.pth');
    expect(inside(value, 'namespace')).toMatchObject({ pythonClass: 'argparse.Namespace', args: [] });
    expect(inside(value, 'namespace', 'lr')).toBe(0.1);
    expect(inside(value, 'path')).toMatchObject({ pythonClass: 'pathlib.PurePosixPath', args: ['a', 'b'] });
    expect(inside(value, 'enum')).toMatchObject({ pythonClass: 'nowhere.at_all.Mode', args: [1] });
    expect(inside(value, 'dtype')).toEqual({ pythonClass: 'torch.float16' });
    const [first, second] = inside(value, 'shared') as PythonValue[];
    expect(first).toBe(second);
  });

  it('reads a whole network into its parts, and knows its weights', async () => {
    for (const name of ['module.pth', 'module-legacy.pth']) {
      const value = await read(name);
      expect(value).toMatchObject({ pythonClass: '__main__.Twice' });
      expect((inside(value, '_parameters', 'weight') as HostArray).data).toEqual(new Float32Array([1, 1]));
      const { key, tensors } = torchWeights(value, name);
      expect(key).toBeUndefined();
      expect(encode(new Map(tensors))).toEqual(expected.files.module);
    }
  });

  it.each([
    ['torchscript.pt', 'ENGINE_FILEIO_TORCH_KIND'],
    ['sparse.pth', 'ENGINE_FILEIO_TORCH_TENSOR'],
    ['complex.pth', 'ENGINE_FILEIO_TORCH_TENSOR'],
    ['quantized.pth', 'ENGINE_FILEIO_TORCH_TENSOR'],
    ['float8.pth', 'ENGINE_FILEIO_TORCH_TENSOR'],
  ])('refuses %s', async (name, code) => {
    await expect(read(name)).rejects.toThrow(`${code}  ${name}`);
  });

  it('is reached through a storage', async () => {
    const storage = new MemoryStorage();
    await storage.put('/a.pth', golden('dtypes.pth'));
    expect(encode(await loadTorch(storage, '/a.pth'))).toEqual(expected.files['dtypes.pth']);
    await expect(loadTorch(storage, '/b.pth')).rejects.toThrow('ENGINE_FILEIO_NOT_FOUND');
  });
});

describe('a checkpoint of MMEngine', () => {
  const { runner } = expected;

  it('has weights, optimizer, schedules and messages', async () => {
    const value = await read('runner.pth');
    expect([...(value as Map<PythonValue, PythonValue>).keys()]).toEqual(runner.keys);
    for (const key of ['state_dict', 'optimizer', 'param_schedulers'] as const)
      expect(encode(inside(value, key) ?? null)).toEqual(runner[key]);
    for (const [key, fact] of Object.entries(runner.meta)) expect(inside(value, 'meta', key)).toBe(fact);
    expect([...(inside(value, 'message_hub') as Map<PythonValue, PythonValue>).keys()]).toEqual(runner.hub.keys);
    const history = inside(value, 'message_hub', 'log_scalars', 'train/loss');
    expect(history).toMatchObject({ pythonClass: 'mmengine.logging.history_buffer.HistoryBuffer' });
    expect([...(inside(history, '_log_history') as HostArray).data]).toEqual(runner.hub.losses);
  });

  it('gives its weights by name', async () => {
    const { key, tensors } = torchWeights(await read('runner.pth'));
    expect(key).toBe('state_dict');
    expect([...tensors.keys()].slice(0, 3)).toEqual(['conv.weight', 'conv.bias', 'bn.weight']);
    expect(tensors.get('bn.num_batches_tracked')).toMatchObject({ dtype: 'int64', shape: [] });
  });
});

describe('torchWeights', () => {
  const tensor = { dtype: 'float32', shape: [1], data: new Float32Array(1) } as const;
  const dict = (...entries: [PythonValue, PythonValue][]): PythonValue => new Map(entries);

  it('takes wrappers off, where every name has them', async () => {
    const { tensors, key } = torchWeights(await read('lenet.pth'));
    expect(key).toBe('state_dict');
    expect([...tensors.keys()][0]).toBe('features.0.weight');
    expect([...tensors.values()].every(isHostArray)).toBe(true);
    const names = (...given: string[]) => [
      ...torchWeights(dict(...given.map((name): [string, PythonValue] => [name, tensor]))).tensors.keys(),
    ];
    expect(names('_orig_mod.module.a', 'module.b')).toEqual(['a', 'b']);
    expect(names('module.a', 'b')).toEqual(['module.a', 'b']);
  });

  it('looks where trainers keep them, and leaves out what is no tensor', () => {
    const weights = dict(['a', tensor], ['note', 'x'], [0, tensor]);
    expect(torchWeights(dict(['epoch', 1], ['model', weights]))).toEqual({
      key: 'model',
      tensors: new Map([['a', tensor]]),
    });
    expect(torchWeights(weights)).toEqual({ key: undefined, tensors: new Map([['a', tensor]]) });
    expect(torchWeights(dict(['state_dict', dict()], ['net', weights])).key).toBe('net');
    expect(() => torchWeights(dict(['epoch', 1]))).toThrow('a dict with epoch');
    expect(() => torchWeights(tensor)).toThrow('one tensor');
    expect(() => torchWeights(new PythonObject('a.B', []))).toThrow('an object of a.B');
    expect(() => torchWeights(3)).toThrow('ENGINE_FILEIO_TORCH_NO_WEIGHTS');
  });
});
