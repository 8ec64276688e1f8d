import { describe, expect, it } from 'vitest';
import { crc32, crc32c } from './checksum.js';

describe('checksums', () => {
  it('agree with the published check values', () => {
    const digits = new TextEncoder().encode('123456789');
    expect(crc32(digits)).toBe(0xcbf43926);
    expect(crc32c(digits)).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect([crc32(new Uint8Array()), crc32c(new Uint8Array())]).toEqual([0, 0]);
  });
});
