import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inRun, NEVER, resolveWindow, type WindowOptions } from './window.js';

const coded = (reason: string) => expect.objectContaining({ code: `ENGINE_SCHEDULER_${reason}` });
const options = (own: Partial<WindowOptions> = {}): WindowOptions => ({
  begin: 0,
  lastStep: -1,
  byEpoch: true,
  convertToIterBased: false,
  verbose: false,
  ...own,
});
const run = { optimizer: { paramGroups: [] }, epochLength: 4, maxEpochs: 3, maxIters: 12 };

describe('a window', () => {
  it('is as given, and without end where none is', () => {
    expect(resolveWindow(options({ begin: 2, end: 5 }))).toEqual({
      begin: 2,
      end: 5,
      lastStep: -1,
      byEpoch: true,
      scale: 1,
    });
    expect(resolveWindow(options()).end).toBe(NEVER);
  });

  it('has at least one step', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), (begin, end) => {
        const make = () => resolveWindow(options({ begin, end }));
        if (end > begin) expect(make().end - make().begin).toBeGreaterThan(0);
        else expect(make).toThrow(coded('BAD_WINDOW'));
      }),
    );
  });

  it('converted to iterations covers the iterations of its epochs, but never ends where it had no end', () => {
    fc.assert(
      fc.property(
        fc.nat(20),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 1000 }),
        (begin, length, n) => {
          const converted = { convertToIterBased: true, epochLength: n };
          const end = begin + length;
          expect(resolveWindow(options({ begin, end, ...converted }))).toMatchObject({
            begin: begin * n,
            end: end * n,
            byEpoch: false,
            scale: n,
          });
          expect(resolveWindow(options({ begin, ...converted })).end).toBe(NEVER);
        },
      ),
    );
  });

  it('refuses a conversion that cannot be meant or done', () => {
    const converted = { convertToIterBased: true, epochLength: 3 };
    expect(() => resolveWindow(options({ ...converted, byEpoch: false }))).toThrow(coded('NOT_BY_EPOCH'));
    expect(() => resolveWindow(options({ convertToIterBased: true }))).toThrow(coded('NO_EPOCH_LENGTH'));
  });
});

describe('in a run', () => {
  it('a window ends with it, in the unit it counts in, unless it says otherwise', () => {
    expect(inRun(options(), run).end).toBe(3);
    expect(inRun(options({ byEpoch: false }), run).end).toBe(12);
    expect(inRun(options({ end: 7 }), run).end).toBe(7);
    expect('end' in inRun(options(), { optimizer: run.optimizer })).toBe(false);
  });

  it('the length of an epoch is filled in, unless given', () => {
    expect(inRun(options(), run).epochLength).toBe(4);
    expect(inRun(options({ epochLength: 9 }), run).epochLength).toBe(9);
  });

  it('leaves the options it was given as they were', () => {
    const given = Object.freeze(options());
    expect(inRun(given, run)).not.toBe(given);
    expect('end' in given).toBe(false);
  });
});
