import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalStorage, MemoryStorage } from '@engine/fileio';
import { pythonWith } from '@engine/fileio/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Canvas } from '../draw/canvas.js';
import { describeVisBackend } from '../testing/index.js';
import * as events from './events.js';
import { TensorboardVisBackend } from './tensorboard-vis-backend.js';

const image = Canvas.blank(4, 3, 'red').toImage();

/** Names and float32 values of all scalars in the only file of a folder, as text. */
async function scalarsIn(storage: MemoryStorage, folder: string): Promise<string> {
  const [name = ''] = await storage.list(folder);
  const file = Buffer.from(await storage.get(`${folder}/${name}`));
  const lines: string[] = [];
  for (let at = 0; at < file.length; at += 16 + Number(file.readBigUInt64LE(at))) {
    const event = file.subarray(at + 12, at + 12 + Number(file.readBigUInt64LE(at)));
    for (const { index, 0: whole, 1: key = '' } of event.toString('latin1').matchAll(/\n.([\w/]+)\x15.{4}/gs))
      lines.push(`${key} ${event.readFloatLE(index + whole.length - 4)}`);
  }
  return lines.join('\n');
}

describeVisBackend('tensorboard', () => {
  const storage = new MemoryStorage();
  return {
    backend: new TensorboardVisBackend({ storage }),
    saveDir: '/run',
    read: () => scalarsIn(storage, '/run/vis_data'),
  };
});

describe('TensorboardVisBackend', () => {
  it('names its files so that readers take them in order', async () => {
    const storage = new MemoryStorage();
    for (const seconds of [1_700_000_000, 1_700_000_000, 1_700_000_009]) {
      const backend = new TensorboardVisBackend({ storage, logDir: '/tb', now: () => seconds * 1000 + 7 });
      await backend.init({ saveDir: '/elsewhere' });
    }
    expect(await storage.list('/tb')).toEqual([
      'events.out.tfevents.1700000000.engine.00000',
      'events.out.tfevents.1700000000.engine.00001',
      'events.out.tfevents.1700000009.engine.00002',
    ]);
  });

  it('keeps the order of events that nobody waited for', async () => {
    const storage = new MemoryStorage();
    const backend = new TensorboardVisBackend({ storage });
    await backend.init({ saveDir: '/run' });
    for (let step = 0; step < 30; step += 1) void backend.addScalar('x', step, step);
    await backend.close();
    const expected = Array.from({ length: 30 }, (_, step) => `x ${step}`).join('\n');
    expect(await scalarsIn(storage, '/run/vis_data')).toBe(expected);
  });

  it('says nothing again at the step with which a run goes on', async () => {
    const storage = new MemoryStorage();
    const written: number[] = [];
    for (const rows of [[4, 5], [4], [5]]) {
      const backend = new TensorboardVisBackend({ storage, logDir: '/tb', now: () => 1000 });
      await backend.init({ saveDir: '/run' });
      for (const step of rows) {
        await backend.addScalar('x', 1, step);
        await backend.addImage('i', image, step);
        await backend.addHistogram('h', [1], step);
      }
      const files = await storage.list('/tb');
      written.push((await storage.get(`/tb/${files.at(-1)}`)).length);
    }
    const version = events.record(events.fileVersion({ wallTime: 1, step: 0 })).length;
    expect(written.slice(1)).toEqual([version, version]);
    expect(written[0]).toBeGreaterThan(version);
  });

  it('needs init, and pictures that are pictures', async () => {
    const backend = new TensorboardVisBackend({ storage: new MemoryStorage() });
    expect(() => backend.addScalar('x', 1, 1)).toThrow('ENGINE_VISUALIZATION_NOT_STARTED');
    await backend.init({ saveDir: '/run' });
    const flat = { ...image, shape: [4, 9] };
    await expect(backend.addImage('x', flat, 1)).rejects.toThrow('ENGINE_VISUALIZATION_BAD_IMAGE');
  });
});

const python = pythonWith('tensorboard');

/** What TensorBoard itself shows of a folder, as JSON. */
const SHOW = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.util import tensor_util
a = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0, 'tensors': 0, 'images': 0, 'histograms': 0}).Reload()
tags = a.Tags()
print(json.dumps({
  'scalars': {t: [[e.step, repr(e.value)] for e in a.Scalars(t)] for t in tags['scalars']},
  'images': {t: [[e.step, e.width, e.height, e.encoded_image_string[:4].hex()] for e in a.Images(t)] for t in tags['images']},
  'texts': {t: [tensor_util.make_ndarray(e.tensor_proto)[0].decode() for e in a.Tensors(t)] for t in tags['tensors']},
  'histograms': {t: [[e.step, e.histogram_value.num, list(e.histogram_value.bucket)] for e in a.Histograms(t)] for t in tags['histograms']},
}))`;

describe.skipIf(python === undefined)('the tensorboard package', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-tensorboard-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const show = () => JSON.parse(python?.(SHOW, folder) ?? '') as Record<string, Record<string, unknown>>;
  const begin = async () => {
    const backend = new TensorboardVisBackend({ storage: new LocalStorage(), logDir: folder });
    await backend.init({ saveDir: folder });
    return backend;
  };

  it('reads scalars, pictures, texts and histograms', async () => {
    const backend = await begin();
    await backend.addConfig({ model: { type: 'LeNet5' } });
    await backend.addScalars({ loss: 0.5, 'val/acc': 0.25, name: 'text', done: null, step: 3, epoch: 1 }, 3);
    await backend.addScalar('loss', Number.NaN, 2 ** 33);
    await backend.addImage('digit', image, 4);
    await backend.addHistogram('weights', [0, 1, 1], 5);
    await backend.close();
    const { scalars, images, texts, histograms } = show();
    expect(scalars).toEqual({ loss: [[3, '0.5'], [2 ** 33, 'nan']], 'val/acc': [[3, '0.25']], epoch: [[3, '1.0']] }); // biome-ignore format: short
    expect(images).toEqual({ digit: [[4, 4, 3, '89504e47']] });
    expect(texts?.['config/text_summary']).toEqual([expect.stringContaining('    {\n      "model": {')]);
    expect(histograms?.weights).toEqual([[5, 3, expect.any(Array)]]);
  }, 60_000);

  it('shows no step twice, and loses none, when a run goes on in the same folder', async () => {
    const first = await begin();
    for (let step = 1; step <= 6; step += 1) {
      await first.addScalars({ loss: step, time: step }, step);
      if (step === 4) await first.addScalars({ acc: 0.5, time: 9 }, step);
    }
    await first.close(); // the last checkpoint was that of step 4, before its validation
    appendFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'a record that was cut off');
    const second = await begin();
    await second.addScalars({ acc: 0.5, time: 9 }, 4);
    await second.addHistogram('weights', [1], 4);
    for (let step = 5; step <= 8; step += 1) await second.addScalars({ loss: -step, time: step }, step);
    await second.close();
    const { scalars } = show();
    expect(scalars?.loss).toEqual([1, 2, 3, 4, -5, -6, -7, -8].map((loss) => [Math.abs(loss), `${loss}.0`]));
    expect(scalars?.acc).toEqual([[4, '0.5']]);
    const times = (scalars?.time ?? []) as number[][];
    expect(times.map(([step]) => step)).toEqual([1, 2, 3, 4, 4, 5, 6, 7, 8]);
  }, 60_000);
});
