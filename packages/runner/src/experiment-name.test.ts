import { describe, expect, it } from 'vitest';
import { experimentName } from './experiment-name.js';

const timestamp = '20261121_101500';
const name = (given: string | null | undefined, file?: string): string => experimentName({ given, file, timestamp });

describe('the name of an experiment', () => {
  it('is the one given, else that of the config file, before the timestamp', () => {
    expect(name('digits', '/configs/lenet.ts')).toBe(`digits_${timestamp}`);
    expect(name(undefined, '/configs/lenet.base.ts')).toBe(`lenet.base_${timestamp}`);
    expect(name(null, 'C:\\configs\\lenet.py')).toBe(`lenet_${timestamp}`);
    expect(name(undefined, '.lenet')).toBe(`.lenet_${timestamp}`);
  });

  it('is the timestamp alone without either, and for a config that a run has written down', () => {
    expect(name(undefined)).toBe(timestamp);
    for (const stamp of ['20261120_090000', '20261120_090000_2'])
      expect(name(undefined, `/runs/${stamp}.json`)).toBe(timestamp);
    expect(name(undefined, '/runs/try_20261120_090000.json')).toBe(`try_20261120_090000_${timestamp}`);
  });
});
