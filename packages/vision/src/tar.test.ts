import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTar } from './tar.js';
import { tarFile, tarHeader } from './testing/index.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (files: Map<string, Uint8Array>) =>
  Object.fromEntries([...files].map(([name, content]) => [name, new TextDecoder().decode(content)]));
const joined = (...parts: Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const block = (text: string) => joined(bytes(text), new Uint8Array(512 - text.length));
const END = new Uint8Array(1024);

describe('readTar', () => {
  it('gives the files by name, as views', () => {
    const archive = tarFile({ 'a/b.bin': bytes('content'), empty: new Uint8Array(), big: new Uint8Array(513).fill(7) });
    const files = readTar(archive, 'x.tar');
    expect([...files.keys()]).toEqual(['a/b.bin', 'empty', 'big']);
    expect(files.get('a/b.bin')).toEqual(bytes('content'));
    expect(files.get('big')).toEqual(new Uint8Array(513).fill(7));
    expect(files.get('big')?.buffer).toBe(archive.buffer);
  });

  it('puts long names together: ustar, GNU and pax', () => {
    const long = `${'folder/'.repeat(20)}file`;
    expect([...readTar(tarFile({ [long]: bytes('x') }), 'x').keys()]).toEqual([long]);
    const gnu = joined(
      tarHeader('@LongLink', long.length + 1, 'L'),
      block(`${long}\0`),
      tarHeader('cut', 1),
      block('y'),
      END,
    );
    expect(texts(readTar(gnu, 'x'))).toEqual({ [long]: 'y' });
    const record = `30 mtime=1.5\n${long.length + 10} path=${long}\n`;
    const pax = joined(
      tarHeader('head', record.length, 'x'),
      block(record),
      tarHeader('cut', 1),
      block('z'),
      tarHeader('b', 1),
      block('w'),
      END,
    );
    expect(texts(readTar(pax, 'x'))).toEqual({ [long]: 'z', b: 'w' });
  });

  it('passes over folders and links', () => {
    const archive = joined(tarHeader('folder/', 0, '5'), tarHeader('link', 0, '2'), tarHeader('a', 1), block('x'), END);
    expect(texts(readTar(archive, 'x'))).toEqual({ a: 'x' });
  });

  it('reads what the system’s tar writes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'engine-tar-'));
    try {
      mkdirSync(join(folder, 'in/deep'), { recursive: true });
      writeFileSync(join(folder, 'in/deep/a.bin'), 'content');
      execFileSync('tar', ['-cf', 'out.tar', 'in'], { cwd: folder });
      expect(texts(readTar(readFileSync(join(folder, 'out.tar')), 'out.tar'))).toEqual({ 'in/deep/a.bin': 'content' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses what is cut off, wherever, and what is no archive: ENGINE_VISION_BAD_TAR', () => {
    const archive = tarFile({ a: new Uint8Array(600), b: bytes('x') });
    const whole = 512 + 1024 + 512 + 512;
    for (let length = 0; length < whole + 512; length += 100)
      expect(() => readTar(archive.subarray(0, length), 'x'), `cut to ${length}`).toThrow('ENGINE_VISION_BAD_TAR');
    expect(() => readTar(bytes('<html>'.repeat(200)), 'x')).toThrow('ENGINE_VISION_BAD_TAR');
    const damaged = archive.slice();
    damaged[3] = 1;
    expect(() => readTar(damaged, 'x')).toThrow(/a block whose sum is/);
  });

  it('never fails otherwise, whatever byte is wrong', () => {
    const archive = tarFile({ a: bytes('x') });
    fc.assert(
      fc.property(fc.nat(archive.length - 1), fc.nat(255), (at, byte) => {
        const changed = archive.slice();
        changed[at] = byte;
        try {
          readTar(changed, 'x');
        } catch (error) {
          expect(String(error)).toContain('ENGINE_VISION_BAD_TAR');
        }
      }),
      { numRuns: 500 },
    );
  });
});
