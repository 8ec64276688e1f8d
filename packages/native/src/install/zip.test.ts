import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TestFolder, testFolder } from '../testing/folder.js';
import { zip } from '../testing/wheel.js';
import { extract } from './zip.js';

let folder: TestFolder;
beforeEach(() => {
  folder = testFolder();
});
afterEach(() => folder.remove());

const all = (): boolean => true;
const take = (content: Uint8Array, isWanted: (name: string) => boolean = all): Promise<string[]> =>
  extract(folder.write('a.whl', content), join(folder.path, 'out'), isWanted);
const bad = expect.objectContaining({ code: 'ENGINE_NATIVE_BAD_WHEEL', exitCode: 2 });

describe('extract', () => {
  it('gives back what was packed', async () => {
    const member = fc.record({ content: fc.uint8Array({ maxLength: 5000 }), stored: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 5 }), async (members) => {
        const names = await take(zip(members.map((each, i) => ({ ...each, name: `a/${i}.bin` }))));
        expect(names).toHaveLength(members.length);
        for (const [i, { content }] of members.entries())
          expect(Buffer.compare(readFileSync(join(folder.path, 'out', `a/${i}.bin`)), content)).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('takes what is wanted, no folders, and counts bytes', async () => {
    const archive = zip([
      { name: 'a/', content: '' },
      { name: 'a/x', content: 'hello' },
      { name: 'b', content: 'no' },
    ]);
    let bytes = 0;
    const names = await extract(
      folder.write('a.whl', archive),
      folder.path,
      (name) => name !== 'b',
      (count) => (bytes += count),
    );
    expect([names, bytes]).toEqual([['a/x'], 5]);
    expect(existsSync(join(folder.path, 'b'))).toBe(false);
  });

  it('reads a comment behind the end', async () => {
    const archive = zip([{ name: 'x', content: '1' }]);
    archive.writeUInt16LE(5, archive.length - 2);
    expect(await take(Buffer.concat([archive, Buffer.from('hello')]))).toEqual(['x']);
  });

  it('refuses what was cut off anywhere', async () => {
    const archive = zip([{ name: 'x', content: Buffer.alloc(300, 'abc') }]);
    for (const length of [0, 10, 50, archive.length - 1])
      await expect(take(archive.subarray(0, length)), `${length} bytes`).rejects.toEqual(bad);
  });

  it.each(['../x', 'a/../../x', '/x', 'a\\x', 'c:x'])('refuses to write %s', async (name) => {
    await expect(take(zip([{ name, content: '1' }]))).rejects.toEqual(bad);
  });

  it('refuses content that is not what the list says', async () => {
    const stored = zip([{ name: 'x', content: 'hello', stored: true }]);
    stored.write('j', stored.indexOf('hello'));
    await expect(take(stored)).rejects.toEqual(bad);
    const deflated = zip([{ name: 'x', content: Buffer.alloc(300, 'abc') }]);
    deflated.fill(0xff, 32, 36);
    await expect(take(deflated)).rejects.toEqual(bad);
  });
});
