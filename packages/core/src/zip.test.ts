import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedZip } from './testing/stored-zip.js';
import { listZip, type ZipSource, zipDataStart } from './zip.js';

const over = (bytes: Uint8Array): ZipSource => ({
  size: bytes.length,
  read: async (position, length) => bytes.subarray(position, position + length),
  refuse: (what, received) => new Error(`${what}: ${received}`),
});

const refused = /^(truncated|broken): /;

async function contentsOf(bytes: Uint8Array): Promise<[string, Uint8Array][]> {
  const source = over(bytes);
  const contents: [string, Uint8Array][] = [];
  for (const member of await listZip(source)) {
    const start = await zipDataStart(source, member);
    contents.push([member.name, bytes.slice(start, start + member.packed)]);
  }
  return contents;
}

describe('listZip', () => {
  it('finds what was stored, in order, zip64 and comments too', async () => {
    const file = fc.record({ name: fc.string({ unit: 'grapheme' }), content: fc.uint8Array({ maxLength: 50 }) });
    const form = fc.record({ large: fc.boolean(), comment: fc.uint8Array({ maxLength: 100 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 5 }), form, async (files, options) => {
        const hasEnd = Buffer.from(options.comment).includes('PK\x05\x06');
        fc.pre(!hasEnd);
        expect(await contentsOf(storedZip(files, options))).toEqual(files.map(({ name, content }) => [name, content]));
      }),
    );
  });

  it.each([false, true])('refuses what was cut off anywhere (zip64: %s)', async (large) => {
    const whole = storedZip([{ name: 'a/b', content: new Uint8Array(40) }], { large });
    for (let length = 0; length < whole.length; length++)
      await expect(contentsOf(whole.subarray(0, length)), `${length} bytes`).rejects.toThrow(refused);
  });

  it('lists or refuses an archive with any byte changed', async () => {
    const files = [
      { name: 'a', content: new Uint8Array(9) },
      { name: 'b', content: new Uint8Array(3) },
    ];
    const change = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }), large: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(change, async ({ at, value, large }) => {
        const bytes = storedZip(files, { large });
        bytes[at % bytes.length] = value;
        const result = await contentsOf(bytes).catch((error: Error) => error.message);
        if (typeof result === 'string') expect(result).toMatch(refused);
        else for (const [, content] of result) expect(content.length).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses numbers that point beyond the file', async () => {
    const bytes = storedZip([{ name: 'a', content: new Uint8Array(4) }], { large: true });
    const list = Buffer.from(bytes.buffer).indexOf('PK\x01\x02');
    new DataView(bytes.buffer).setBigUint64(list + 46 + 1 + 4 + 16, 2n ** 63n, true);
    await expect(contentsOf(bytes)).rejects.toThrow('broken: no file a where it should be');
    const end = Buffer.from(bytes.buffer).indexOf('PK\x06\x06');
    new DataView(bytes.buffer).setBigUint64(end + 32, 2n ** 60n, true);
    await expect(contentsOf(bytes)).rejects.toThrow('broken: a list of files that ends after 1 of');
  });
});
