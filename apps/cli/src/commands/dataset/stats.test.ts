import { afterEach, describe, expect, it } from 'vitest';
import type { StatsReport } from '../../data/dataset-stats.js';
import { cocoFolder } from '../../data/testing/coco-folder.js';
import { digitFolder, engine, type TestFolder } from '../../testing.js';

let folder: TestFolder | undefined;
afterEach(() => folder?.remove());

const run = (...args: string[]) => engine(['dataset', 'stats', 'config.json', ...args], folder?.path);
async function report(...args: string[]): Promise<StatsReport & { split: string }> {
  return JSON.parse((await run('--json', ...args)).out) as StatsReport & { split: string };
}

/** Image i of the digits has 56 pixels of 200 + i, all others are 0. */
function digitMoments(count: number): { mean: number; std: number } {
  const values = Array.from({ length: count }, (_, i) => 200 + (i % 50));
  const total = count * 784;
  const mean = values.reduce((sum, value) => sum + 56 * value, 0) / total;
  const squares = values.reduce((sum, value) => sum + 56 * value * value, 0) / total;
  return { mean, std: Math.sqrt(squares - mean * mean) };
}

describe('engine dataset stats', () => {
  it('counts MNIST: classes, shapes, mean and deviation of the pixels', async () => {
    folder = digitFolder();
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^train data of config\.json: 40 samples\n/);
    expect(out).toMatch(/28 x 28 x 1 uint8 +40\n/);
    expect(out).toMatch(/ {2}3 - three +4\n/);
    expect(out).not.toContain('boxes');
    const { images, classes, ...rest } = await report();
    expect(rest).toEqual({ split: 'train', length: 40, read: 40, dropped: 0, failed: [] });
    expect(images.shapes).toEqual([{ shape: '28 x 28 x 1 uint8', count: 40 }]);
    const { mean, std } = digitMoments(40);
    expect(images.channels).toEqual([{ mean: expect.closeTo(mean, 9), std: expect.closeTo(std, 9), min: 0, max: 239 }]);
    expect(classes.map(({ samples }) => samples)).toEqual(Array(10).fill(4));
  });

  it('looks at another split, and at some samples only', async () => {
    folder = digitFolder();
    expect(await report('--split', 'val', '--number', '5')).toMatchObject({ split: 'val', length: 20, read: 5 });
    expect((await run('--number', '5')).out).toContain('40 samples, 5 looked at');
  });

  it('counts boxes by class and size, and the images of each step', async () => {
    folder = cocoFolder();
    const { boxes, classes, images } = await report();
    expect(classes).toEqual([
      { name: 'cat', samples: 0, objects: 1 },
      { name: 'dog', samples: 0, objects: 3 },
    ]);
    expect(boxes).toEqual({
      count: 4,
      ignored: 1,
      masks: 2,
      empty: 1,
      perImage: { min: 0, mean: expect.closeTo(4 / 3, 9), max: 2 },
      width: { min: 8, mean: (10 + 40 + 8 + 100) / 4, max: 100 },
      height: { min: 5, mean: (5 + 40 + 30 + 100) / 4, max: 100 },
      sizes: { small: 2, medium: 1, large: 1 },
    });
    expect(images.shapes[0]).toEqual({ shape: '64 x 64 x 3 float32', count: 2 });
    const text = (await run()).out;
    expect(text).toMatch(/ {2}count +4, 1 of them crowds, 2 with a mask\n/);
    expect(text).toMatch(/ {2}dog +3\n/);
    expect((await report('--step', 'input')).images.count).toBe(0);
    const painted = await report('--step', 'Paint');
    expect(painted.images.shapes[0]).toEqual({ shape: '64 x 64 x 3 uint8', count: 2 });
    expect(painted.images.channels.map(({ max }) => max)).toEqual([120, 120, 120]);
    expect(images.channels.map(({ max }) => max)).toEqual([60, 60, 60]);
    expect(await report('--step', '0')).toEqual(painted);
  });

  it('lists samples that cannot be read and goes on; the exit code says so', async () => {
    folder = cocoFolder({ broken: [11] });
    const { code, out, err } = await run();
    expect(code).toBe(1);
    expect(out).toMatch(/1 sample cannot be read\n {2}1 +11\.png: it ends too early\n/);
    expect(err).toBe('');
    expect(await report()).toMatchObject({ read: 2, failed: [{ index: 1, reason: '11.png: it ends too early' }] });
  });

  it('counts what the pipeline throws away', async () => {
    folder = cocoFolder({ dropped: [10] });
    expect(await report()).toMatchObject({ read: 3, dropped: 1, images: { count: 2 } });
    expect((await run()).out).toContain('1 thrown away by the pipeline');
  });

  it('shows how far it is, on a terminal only', async () => {
    folder = digitFolder();
    const { out, err } = await engine(['dataset', 'stats', 'config.json'], folder.path, { tty: true });
    expect(err).toMatch(/samples .*40/);
    expect(out).toMatch(/^train data/);
    expect((await run()).err).toBe('');
  });

  it.each([
    [['--split', 'test'], 'ENGINE_CLI_NO_SECTION', 2],
    [['--step', 'Halve'], 'ENGINE_CLI_UNKNOWN_STEP', 2],
    [['--split', 'all'], 'train, val, test', 2],
    [['--number', '0'], 'whole number above 0', 2],
    [['--cfg-options', 'trainDataloader.dataset.root=/nowhere'], 'ENGINE_VISION_FILES_NOT_FOUND', 2],
    [['--cfg-options', 'trainDataloader.batchSize=0'], 'ENGINE_REGISTRY_BAD_OPTION_VALUE', 2],
  ])('refuses %j with %s', async (args, text, exit) => {
    folder = digitFolder();
    const { code, err } = await run(...args);
    expect(err).toContain(text);
    expect(code).toBe(exit);
  });
});
