import type { ConfigOf } from '@engine/registry';
import { describe, expectTypeOf, it } from 'vitest';
import type { VisualizerLike } from './contract.js';
import { LocalVisBackend } from './local-vis-backend.js';
import type { Visualizer } from './visualizer.js';

describe('types', () => {
  it('a Visualizer is what hooks see', () => {
    expectTypeOf<Visualizer>().toExtend<VisualizerLike>();
  });

  it('configs name backends by name, class or built object, and misspelt options do not compile', () => {
    const good: ConfigOf<'visualizer'>[] = [
      {
        type: 'Visualizer',
        visBackends: [{ type: 'LocalVisBackend' }, { type: LocalVisBackend, scalarSaveFile: 'a.json' }],
      },
    ];
    expectTypeOf(good).toExtend<object>();
    // @ts-expect-error scalarFile
    const bad: ConfigOf<'visBackend'> = { type: 'LocalVisBackend', scalarFile: 'a.json' };
    expectTypeOf(bad).toExtend<object>();
  });
});
