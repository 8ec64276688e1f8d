import type { Entry } from '@engine/core';
import { describe, expectTypeOf, it } from 'vitest';
import type { EngineConfig } from './engine-config.js';
import { defineConfig, extendConfig } from './extend.js';

declare class Net {
  static readonly entry: Entry<'model', 'Net', { depth: number }>;
  forward(): number;
}
declare class Momentum {
  static readonly entry: Entry<'optimizer', 'Momentum', { lr: number; momentum?: number }>;
  apply(): void;
}
declare class Wrapper {
  static readonly entry: Entry<
    'optimWrapper',
    'OptimWrapper',
    { optimizer: import('@engine/registry').ConfigOf<'optimizer'>; clipGrad?: { maxNorm: number } }
  >;
  update(): void;
}
declare module '@engine/core' {
  interface Kinds {
    model: { forward(): number };
    optimizer: { apply(): void };
    optimWrapper: { update(): void };
  }
}
declare module '@engine/registry' {
  interface Models {
    Net: typeof Net;
  }
  interface Optimizers {
    Momentum: typeof Momentum;
  }
  interface OptimWrappers {
    OptimWrapper: typeof Wrapper;
  }
}

describe('defineConfig', () => {
  it('takes configs and built objects', () => {
    const config = defineConfig({
      model: { type: 'Net', depth: 1 },
      optimWrapper: { optimizer: { type: Momentum, lr: 1 } },
      workDir: 'x',
    });
    expectTypeOf(config).toEqualTypeOf<EngineConfig>();
    defineConfig({ model: new Net() });
  });

  it('refuses misspelt keys at every depth', () => {
    // @ts-expect-error: top-level key
    defineConfig({ modle: { type: 'Net', depth: 1 } });
    // @ts-expect-error: option
    defineConfig({ model: { type: 'Net', depth: 1, width: 2 } });
    // @ts-expect-error: nested option
    defineConfig({ optimWrapper: { optimizer: { type: 'Momentum', lr: 1, momentm: 1 } } });
    // @ts-expect-error: option of a thing whose type is left out
    defineConfig({ optimWrapper: { optimizer: { type: 'Momentum', lr: 1 }, clipGrda: { maxNorm: 1 } } });
    // @ts-expect-error: value
    defineConfig({ logLevel: 'LOUD' });
  });
});

describe('extendConfig', () => {
  const base: EngineConfig = {};
  it('takes any part of a config', () => {
    expectTypeOf(extendConfig([base], { optimWrapper: { clipGrad: { maxNorm: 1 } } })).toEqualTypeOf<EngineConfig>();
    extendConfig([base], { optimWrapper: { optimizer: { lr: 3 } }, model: { _delete_: true, type: 'Net', depth: 2 } });
    extendConfig([base], { model: new Net(), randomness: { seed: 1 } });
  });

  it('refuses misspelt keys', () => {
    // @ts-expect-error: top-level key
    extendConfig([base], { optimWraper: {} });
    // @ts-expect-error: nested option
    extendConfig([base], { optimWrapper: { optimizer: { momentm: 3 } } });
    // @ts-expect-error: option beside a type
    extendConfig([base], { model: { type: 'Net', width: 2 } });
  });
});
