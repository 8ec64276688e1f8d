import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { cocoFolder } from '../data/testing/coco-folder.js';
import { digitFolder, engine, type TestFolder } from '../testing.js';

let folder: TestFolder | undefined;
afterEach(() => folder?.remove());

const browse = (...args: string[]) => engine(['browse', 'config.json', ...args], folder?.path);

/** Width and height that the header of a PNG says. */
function sizeOf(name = 'browse.png'): [width: number, height: number] {
  const bytes = readFileSync(folder?.file(name) as string);
  expect([...bytes.subarray(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

const crop = { type: 'RandomCrop', size: 28, padding: 4 };
const withPipeline = () =>
  digitFolder({
    trainDataloader: {
      dataset: { type: 'MNIST', root: 'data', train: true, pipeline: [crop, { type: 'RandomHorizontalFlip' }] },
      batchSize: 4,
      shuffle: true,
    },
  });

describe('engine browse', () => {
  it('draws the digits of a config, whose pipeline is empty', async () => {
    folder = digitFolder();
    const { code, out, err } = await browse('--number', '4', '--size', '56');
    expect({ code, out, err }).toEqual({
      code: 0,
      out: '4 samples of train, sample: written to browse.png\n',
      err: '',
    });
    const [width, height] = sizeOf();
    expect(width).toBeGreaterThanOrEqual(2 * 56);
    expect(width).toBeLessThan(3 * 56);
    expect(height).toBeGreaterThanOrEqual(2 * 56);
  });

  it('has a row for each sample and a column for each step', async () => {
    folder = withPipeline();
    folder.write('config.json', folder.read('config.json').replace('"data"', JSON.stringify(folder.file('data'))));
    const { out } = await browse('--number', '3', '--size', '40', '--out', 'pictures/all.png');
    expect(out).toBe('3 samples of train, input, 0 RandomCrop, 1 RandomHorizontalFlip: written to pictures/all.png\n');
    const [width, height] = sizeOf('pictures/all.png');
    expect([Math.floor(width / 40), Math.floor(height / 52)]).toEqual([3, 3]);
    expect((await browse('--step', 'RandomCrop', '--number', '2')).out).toContain('2 samples of train, RandomCrop:');
    expect((await browse('--step', 'last', '--number', '2')).out).toContain(
      '2 samples of train, 1 RandomHorizontalFlip:',
    );
  });

  it('draws the same picture again, and another for another seed', async () => {
    folder = withPipeline();
    folder.write('config.json', folder.read('config.json').replace('"data"', JSON.stringify(folder.file('data'))));
    const draw = async (...args: string[]): Promise<string> => {
      await browse('--number', '2', ...args);
      return readFileSync((folder as TestFolder).file('browse.png')).toString('base64');
    };
    const first = await draw();
    expect(await draw()).toBe(first);
    expect(await draw('--cfg-options', 'randomness.seed=8')).not.toBe(first);
  });

  it('draws boxes and masks of COCO', async () => {
    folder = cocoFolder();
    const { code, out } = await browse();
    expect({ code, out }).toEqual({
      code: 0,
      out: '3 samples of train, 0 Paint, 1 Halve: written to browse.png\n',
    });
    const drawn = readFileSync(folder.file('browse.png')).length;
    const plain = JSON.parse(folder.read('instances.json')) as { annotations: unknown[] };
    folder.write('instances.json', JSON.stringify({ ...plain, annotations: [] }));
    await browse();
    expect(readFileSync(folder.file('browse.png')).length).toBeLessThan(drawn);
  });

  it('leaves out samples that cannot be read or are thrown away, and says which', async () => {
    folder = cocoFolder({ broken: [11], dropped: [12] });
    const { code, out, err } = await browse('--step', 'last');
    expect(code).toBe(0);
    expect(out).toContain('1 samples of train, 1 Halve');
    expect(err).toMatch(/11\.png: it ends too early[\s\S]*sample 2 is thrown away/);
  });

  it.each([
    [['--out', 'browse.jpg'], 'ENGINE_CLI_BAD_PICTURE'],
    [['--split', 'test'], 'ENGINE_CLI_NO_SECTION'],
    [['--step', 'Crop'], 'ENGINE_CLI_UNKNOWN_STEP'],
    [['--size', '0'], 'whole number above 0'],
  ])('refuses %j with %s', async (args, text) => {
    folder = cocoFolder();
    const { code, err } = await browse(...args);
    expect(err).toContain(text);
    expect(code).toBe(2);
  });

  it('says when there is no image to draw', async () => {
    folder = cocoFolder({ broken: [10, 11, 12] });
    const { code, err } = await browse();
    expect(err).toContain('ENGINE_CLI_NO_PICTURE');
    expect(code).toBe(2);
    expect((await browse('--step', 'input')).err).toContain('ENGINE_CLI_NO_PICTURE');
  });
});
