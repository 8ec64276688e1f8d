import { hostArray } from '@engine/core';
import { describe, expect, it } from 'vitest';
import type { VisBackend } from '../contract.js';

export interface VisBackendFixture {
  readonly backend: VisBackend;
  /** Told to `init`. */
  readonly saveDir: string;
  /** What has been stored so far, as text in which names and numbers of scalars can be found. */
  read(): string | Promise<string>;
}

/** The rules that every visualization backend keeps. `make` gives a fresh one for each test. */
export function describeVisBackend(name: string, make: () => VisBackendFixture | Promise<VisBackendFixture>): void {
  describe(`vis backend ${name}`, () => {
    const started = async () => {
      const fixture = await make();
      await fixture.backend.init?.({ saveDir: fixture.saveDir, experimentName: 'experiment' });
      return fixture;
    };

    it('stores scalars, alone and in rows, in order, by the time it is closed', async () => {
      const { backend, read } = await started();
      await backend.addScalar('single/value', 0.125, 1);
      for (let step = 2; step < 20; step += 1)
        await backend.addScalars({ 'row/value': step * 1000, other: step / 8 }, step);
      await backend.close();
      const stored = await read();
      expect(stored).toContain('single/value');
      expect(stored).toContain('0.125');
      const places = Array.from({ length: 18 }, (_, i) => stored.indexOf(String((i + 2) * 1000)));
      expect(places).not.toContain(-1);
      expect(places).toEqual([...places].sort((a, b) => a - b));
    });

    it('does not change the row it is given', async () => {
      const { backend } = await started();
      const row = Object.freeze({ loss: 1 });
      await backend.addScalars(row, 3);
      await backend.close();
      expect(row).toEqual({ loss: 1 });
    });

    it('takes what training can produce: NaN, infinities, texts, truths, nothing', async () => {
      const { backend } = await started();
      await backend.addScalar('loss', Number.NaN, 1);
      await backend.addScalars({ a: Number.POSITIVE_INFINITY, b: -0, c: 'text', d: true, e: null }, 2);
      expect(await backend.close()).toBeUndefined();
    });

    it('takes a config and images, where it has the methods', async () => {
      const { backend } = await started();
      await backend.addConfig?.({ optimWrapper: { type: 'OptimWrapper' }, list: [1, { two: 2 }] });
      await backend.addImage?.('image', hostArray('uint8', [1, 2, 3], new Uint8Array(6)), 1);
      expect(await backend.close()).toBeUndefined();
    });

    it('may be closed twice, and without having been used', async () => {
      const { backend } = await started();
      await backend.close();
      expect(await backend.close()).toBeUndefined();
    });
  });
}
