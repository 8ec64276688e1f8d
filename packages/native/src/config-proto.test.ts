import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeConfig } from './config-proto.js';

/** Fields of a protobuf message, by number; the wire format is all that this knows. */
function decode(message: Uint8Array): Map<number, unknown> {
  const fields = new Map<number, unknown>();
  let at = 0;
  const varint = (): number => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = message[at++] as number;
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const [field, wire] = [Math.floor(key / 8), key % 8];
    if (wire === 0) fields.set(field, varint());
    else if (wire === 1) {
      fields.set(field, new DataView(message.buffer, message.byteOffset + at, 8).getFloat64(0, true));
      at += 8;
    } else {
      const length = varint();
      fields.set(field, message.subarray(at, at + length));
      at += length;
    }
  }
  return fields;
}

describe('encodeConfig', () => {
  it('says nothing when nothing is asked for', () => {
    expect(encodeConfig({})).toHaveLength(0);
  });

  it('sets threads within an op, one op at a time', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), (threads) => {
        expect([...decode(encodeConfig({ threads }))]).toEqual([
          [2, threads],
          [5, 1],
        ]);
      }),
    );
  });

  it('puts growth, the share of memory and the choice of devices into the options of the GPU', () => {
    const gpu = decode(
      decode(encodeConfig({ gpuGrowth: true, gpuMemoryFraction: 0.25, gpus: [0, 2] })).get(6) as Uint8Array,
    );
    expect(gpu.get(1)).toBe(0.25);
    expect(gpu.get(4)).toBe(1);
    expect(Buffer.from(gpu.get(5) as Uint8Array).toString()).toBe('0,2');
  });

  it('hides all GPUs when none is chosen', () => {
    const entry = decode(decode(encodeConfig({ gpus: [] })).get(1) as Uint8Array);
    expect(Buffer.from(entry.get(1) as Uint8Array).toString()).toBe('GPU');
    expect(entry.get(2)).toBe(0);
  });
});
