import { cpu } from '@engine/backend-cpu';
import { describe, expect, it } from 'vitest';
import { makeBoringRun } from './testing/index.js';

describe('Runner', () => {
  it('trains, validates and saves', async () => {
    const { runner, model, lines, storage } = makeBoringRun(cpu());
    const result = await runner.train();
    expect(result.stoppedBy).toBeUndefined();
    expect(Object.keys(result.metrics ?? {})).toEqual(['acc']);
    expect(lines).toEqual([]);
    runner.dispose();
    model.dispose();
  });
});
