import type { Logger } from '@engine/core/plain';
import { describe, expect, it } from 'vitest';
import { tellProgress } from './tell-progress.js';

function linesOf(steps: readonly number[], total: number | undefined): string[] {
  const lines: string[] = [];
  const tell = tellProgress('https://host.example/net.safetensors', {
    info: (line: string) => void lines.push(line),
  } as unknown as Logger);
  for (const received of steps) tell({ received, total });
  return lines;
}

describe('tellProgress', () => {
  it('says one line of what is short', () => {
    expect(linesOf([0, 1000, 5000], 5000)).toEqual(['Downloading https://host.example/net.safetensors (0.0 MB)']);
  });

  it('says each tenth of what is long, and where it goes on', () => {
    const steps = Array.from({ length: 201 }, (_, i) => 50e6 + i * 1e6);
    expect(linesOf(steps, 250e6)).toEqual([
      'Downloading https://host.example/net.safetensors (250.0 MB), going on at 50.0 MB',
      ...[75, 100, 125, 150, 175, 200, 225, 250].map((mb) => `Downloaded ${mb}.0 of 250.0 MB, ${(mb * 100) / 250} %`),
    ]);
  });

  it('begins again with the transfer, and counts where the size is not known', () => {
    expect(linesOf([0, 120e6, 0, 120e6], undefined).slice(1)).toEqual(['Downloaded 120.0 MB', 'Downloaded 120.0 MB']);
  });
});
