import { type Communicator, hostArray, silentLogger, singleProcess } from '@engine/core';
import { MemoryStorage } from '@engine/fileio';
import { FaultyStorage } from '@engine/fileio/testing';
import { Registry } from '@engine/registry';
import { describeEntries } from '@engine/registry/testing';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { configText } from './config-text.js';
import type { VisBackend } from './contract.js';
import { defineVisBackend } from './define.js';
import { drawAnnotations } from './draw/annotations.js';
import { Canvas } from './draw/canvas.js';
import { Drawing } from './draw/drawing.js';
import { encodePng } from './draw/png.js';
import { LocalVisBackend } from './local-vis-backend.js';
import { TensorboardVisBackend } from './tensorboard/tensorboard-vis-backend.js';
import { canonicalSettings, describeVisBackend } from './testing/index.js';
import { MLflowVisBackend } from './trackers/mlflow-vis-backend.js';
import { WandbVisBackend } from './trackers/wandb-vis-backend.js';
import { Visualizer } from './visualizer.js';

const textAt = async (storage: MemoryStorage, path: string) => new TextDecoder().decode(await storage.get(path));

describeEntries(
  [LocalVisBackend, MLflowVisBackend, TensorboardVisBackend, Visualizer, WandbVisBackend],
  canonicalSettings,
);

describeVisBackend('local', () => {
  const storage = new MemoryStorage();
  return {
    backend: new LocalVisBackend({ storage }),
    saveDir: '/run',
    read: () => textAt(storage, '/run/vis_data/scalars.json'),
  };
});

describe('LocalVisBackend', () => {
  const make = async (options = {}) => {
    const storage = new MemoryStorage();
    const backend = new LocalVisBackend({ storage, ...options });
    await backend.init({ saveDir: '/run' });
    return { storage, backend };
  };

  it('writes rows as MMEngine spaces them, with step only where it is missing', async () => {
    const { storage, backend } = await make();
    await backend.addScalar('map', 1, 0);
    await backend.addScalar('map', 0.95, 1);
    await backend.addScalars({ lr: 1e-7, 'acc/"top1"': 98.74, epoch: 1, iter: 10 }, 10);
    await backend.addScalars({ loss: 2, step: 5 }, 11);
    expect(await textAt(storage, '/run/vis_data/scalars.json')).toBe(
      '{"map": 1, "step": 0}\n{"map": 0.95, "step": 1}\n{"lr": 1e-7, "acc/\\"top1\\"": 98.74, "epoch": 1, "iter": 10, "step": 10}\n{"loss": 2, "step": 5}\n',
    );
  });

  it('writes lines that any JSON reader takes, also for what is not a number', async () => {
    const { storage, backend } = await make();
    await backend.addScalars({ a: Number.NaN, b: Number.NEGATIVE_INFINITY, c: null, d: true, e: 'x' }, 1);
    const row = JSON.parse(await textAt(storage, '/run/vis_data/scalars.json')) as Record<string, unknown>;
    expect(row).toEqual({ a: 'NaN', b: '-Infinity', c: null, d: true, e: 'x', step: 1 });
    expect([Number(row.a), Number(row.b)]).toEqual([Number.NaN, Number.NEGATIVE_INFINITY]);
  });

  it('writes images as PNG, by name and step, also into folders', async () => {
    const { storage, backend } = await make({ imgSaveDir: 'pictures' });
    const image = hostArray('uint8', [1, 2, 3], new Uint8Array(6));
    await backend.addImage('val/digit', image, 7);
    await backend.addImage('a', image, 0);
    expect(await storage.list('/run/vis_data/pictures')).toEqual(['a_0.png', 'val']);
    expect(await storage.get('/run/vis_data/pictures/val/digit_7.png')).toEqual(await encodePng(image));
    for (const name of ['', '../a', 'a//b', 'a\\b', '/a', '.'])
      await expect(backend.addImage(name, image, 0)).rejects.toThrow('ENGINE_VISUALIZATION_BAD_FILE_NAME');
  });

  it('keeps the order of rows that nobody waited for', async () => {
    const { storage, backend } = await make({ scalarSaveFile: 'rows.json' });
    for (let step = 0; step < 50; step += 1) void backend.addScalar('x', step, step);
    await backend.close();
    const lines = (await textAt(storage, '/run/vis_data/rows.json')).trim().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { x: number }).x)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  it('goes on after a row that could not be written', async () => {
    const memory = new MemoryStorage();
    const storage = new FaultyStorage(memory, { failAtByte: 0 });
    const backend = new LocalVisBackend({ storage });
    await backend.init({ saveDir: '/run' });
    await expect(backend.addScalar('x', 1, 1)).rejects.toThrow('ENGINE_FILEIO_NO_SPACE');
    storage.bytesLeft = Number.POSITIVE_INFINITY;
    await backend.addScalar('x', 2, 2);
    expect(await textAt(memory, '/run/vis_data/scalars.json')).toBe('{"x": 2, "step": 2}\n');
  });

  it('writes the config as JSON, classes and entries by name, text as it is', async () => {
    const { storage, backend } = await make({ configSaveFile: 'cfg.json' });
    await backend.addConfig({
      visBackends: [{ type: LocalVisBackend, list: [1] }],
      entry: LocalVisBackend.entry,
      fn: function named() {},
      big: 3n,
      built: backend,
    });
    expect(JSON.parse(await textAt(storage, '/run/vis_data/cfg.json'))).toEqual({
      visBackends: [{ type: 'LocalVisBackend', list: [1] }],
      entry: 'LocalVisBackend',
      fn: 'named',
      big: '3',
      built: 'LocalVisBackend',
    });
    expect(configText('optimizer: SGD')).toBe('optimizer: SGD');
  });

  it('refuses values before it knows where, and file names that are none', () => {
    const storage = new MemoryStorage();
    expect(() => new LocalVisBackend({ storage }).addScalar('x', 1, 1)).toThrow('ENGINE_VISUALIZATION_NOT_STARTED');
    for (const name of ['scalars.txt', 'a/b.json', '.json', '..\\a.json']) {
      expect(() => new LocalVisBackend({ storage, scalarSaveFile: name })).toThrow(
        'ENGINE_VISUALIZATION_BAD_FILE_NAME',
      );
      expect(() => new LocalVisBackend({ storage, configSaveFile: name })).toThrow(
        'ENGINE_VISUALIZATION_BAD_FILE_NAME',
      );
    }
  });
});

/** Writes down what it is called with. */
class Recorder implements VisBackend {
  readonly calls: unknown[][] = [];
  init(where: object): void {
    this.calls.push(['init', where]);
  }
  addScalar(...call: unknown[]): void {
    this.calls.push(['addScalar', ...call]);
  }
  async addScalars(...call: unknown[]): Promise<void> {
    this.calls.push(['addScalars', ...call]);
  }
  addImage(...call: unknown[]): void {
    this.calls.push(['addImage', ...call]);
  }
  addHistogram(...call: unknown[]): void {
    this.calls.push(['addHistogram', ...call]);
  }
  close(): void {
    this.calls.push(['close']);
  }
}

describe('Visualizer', () => {
  const image = hostArray('uint8', [1, 1, 1], new Uint8Array(1));

  it('hands everything to every backend, beginning each once at first use', async () => {
    const [a, b] = [new Recorder(), new Recorder()];
    const visualizer = new Visualizer({ visBackends: [a, b], saveDir: '/run', experimentName: 'mnist' });
    expect(a.calls).toEqual([]);
    await Promise.all([visualizer.addScalar('x', 1, 2), visualizer.addScalars({ y: 3 }, 4)]);
    await visualizer.addConfig({ seed: 1 }); // these backends take none
    await visualizer.addImage('i', image, 5);
    await visualizer.addHistogram('h', Float32Array.of(1, 2), 6);
    await visualizer.close();
    expect(a.calls).toEqual([
      ['init', { saveDir: '/run', experimentName: 'mnist' }],
      ['addScalar', 'x', 1, 2],
      ['addScalars', { y: 3 }, 4],
      ['addImage', 'i', image, 5],
      ['addHistogram', 'h', Float32Array.of(1, 2), 6],
      ['close'],
    ]);
    expect(b.calls).toEqual(a.calls);
  });

  it('draws as a Drawing does, and shows samples with the names of the classes', async () => {
    const backend = new Recorder();
    const visualizer = new Visualizer({ visBackends: [backend], saveDir: '/run', image: Canvas.blank(8, 8).toImage() });
    const drawn = visualizer.drawBboxes([1, 1, 6, 6], { faceColors: 'k' }).getImage();
    expect(drawn.data[(3 * 8 + 3) * 3]).toBe(51);
    visualizer.datasetMeta = { classes: ['cat', 'dog'] };
    const sample = { dataSample: { gtLabel: 1 }, step: 3 };
    await visualizer.addDatasample('val_img', drawn, sample);
    const shown = drawAnnotations(new Drawing({ image: drawn }), { label: 1 }, { classes: ['cat', 'dog'] }).getImage();
    expect(backend.calls.at(-1)).toEqual(['addImage', 'val_img', shown, 3]);
    await visualizer.addImage('plain', drawn);
    expect(backend.calls.at(-1)).toEqual(['addImage', 'plain', drawn, 0]);
  });

  it('hands graphs to the backends that take them', async () => {
    const graphs: unknown[] = [];
    const taking: VisBackend = {
      addScalar() {},
      addScalars() {},
      close() {},
      addGraph: (graph) => void graphs.push(graph),
    };
    const visualizer = new Visualizer({ visBackends: [new Recorder(), taking], saveDir: '/run' });
    await visualizer.addGraph({ nodes: 2 });
    expect(graphs).toEqual([{ nodes: 2 }]);
  });

  it('begins nothing that was never used', async () => {
    const backend = new Recorder();
    await new Visualizer({ visBackends: [backend], saveDir: '/run' }).close();
    expect(backend.calls).toEqual([]);
  });

  it('lets the other backends finish when one fails, and then says so', async () => {
    const good = new Recorder();
    const bad: VisBackend = { addScalar: () => Promise.reject(new Error('network')), addScalars() {}, close() {} };
    const visualizer = new Visualizer({ visBackends: [bad, good], saveDir: '/run' });
    await expect(visualizer.addScalar('x', 1, 1)).rejects.toThrow('network');
    expect(good.calls.at(-1)).toEqual(['addScalar', 'x', 1, 1]);
  });

  it('shows nothing on other ranks', async () => {
    const backend = new Recorder();
    const communicator: Communicator = { ...singleProcess, rank: 1, size: 2 };
    const visualizer = new Visualizer({ visBackends: [backend], saveDir: '/run', communicator });
    await visualizer.addScalar('x', 1, 1);
    await visualizer.addDatasample('sample', image, { dataSample: { gtLabel: 1 } });
    await visualizer.close();
    expect(backend.calls).toEqual([]);
  });

  it('is built from a config, with the local backend unless told otherwise', async () => {
    const registry = new Registry();
    registry.register(Visualizer);
    registry.register(LocalVisBackend);
    const storage = new MemoryStorage();
    const args = { storage, saveDir: '/runs/1', experimentName: 'mnist' };
    const build = (config: object) =>
      registry.build('visualizer', { type: 'Visualizer', ...config }, { args, logger: silentLogger });
    await build({}).addScalar('x', 1, 1);
    await build({
      vis_backends: [{ type: 'LocalVisBackend', scalar_save_file: 'b.json' }],
      save_dir: '/other',
    }).addScalar('x', 2, 2);
    expect(await textAt(storage, '/runs/1/vis_data/scalars.json')).toBe('{"x": 1, "step": 1}\n');
    expect(await textAt(storage, '/other/vis_data/b.json')).toBe('{"x": 2, "step": 2}\n');
    expect(() => build({ visBackends: [{ type: 'Absent' }] })).toThrow('visBackends');
  });

  it('takes backends that plugins define', async () => {
    const recorder = new Recorder();
    const RecorderVisBackend = defineVisBackend({
      name: 'RecorderVisBackend',
      options: z.strictObject({}),
      create: () => recorder,
      doc: 'Writes calls down.',
    });
    const args = { storage: new MemoryStorage(), saveDir: '/run', experimentName: 'mnist' };
    const visualizer = new Registry().build(
      'visualizer',
      { type: Visualizer, visBackends: [{ type: RecorderVisBackend }] },
      { args },
    );
    await visualizer.addScalars({ x: 1 }, 2);
    expect(recorder.calls.at(-1)).toEqual(['addScalars', { x: 1 }, 2]);
  });
});
