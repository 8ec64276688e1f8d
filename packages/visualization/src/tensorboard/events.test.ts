import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as events from './events.js';
import { int } from './protobuf.js';

describe('events', () => {
  it('are byte for byte what the writer of the tensorboard package writes', () => {
    const at = (step: number) => ({ wallTime: 1700000000.25, step });
    const png = Uint8Array.from({ length: 200 }, (_, i) => i);
    const counted = { min: -1, max: 3, count: 4, sum: 2.5, sumSquares: 11, limits: [0, 3], counts: [1, 3] };
    const written = [
      events.fileVersion(at(0)),
      events.sessionStart(at(7)),
      events.scalars(at(300), new Map([['loss', 0.125], ['a/b', Number.POSITIVE_INFINITY]])), // biome-ignore format: a row
      events.image(at(2 ** 40), 'img', { height: 2, width: 200, channels: 3, png }),
      events.text(at(0), 'config/text_summary', 'größe'),
      events.histogram(at(3), 'h', counted),
    ].map(events.record);
    const golden = readFileSync(new URL('./golden/events.bin', import.meta.url));
    expect(Buffer.concat(written).toString('hex')).toBe(golden.toString('hex'));
  });

  it('hold whole numbers of up to 64 bits, negative ones as well', () => {
    expect([...int(1, 0)]).toEqual([8, 0]);
    expect([...int(1, 127)]).toEqual([8, 127]);
    expect([...int(1, 128)]).toEqual([8, 128, 1]);
    expect([...int(2, -1)]).toEqual([16, ...Array.from({ length: 9 }, () => 255), 1]);
    expect([...int(16, 1)]).toEqual([128, 1, 1]);
  });
});
