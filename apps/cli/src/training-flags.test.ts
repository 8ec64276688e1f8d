import { describe, expect, it } from 'vitest';
import { ampOverlay, autoScaleLrOverlay } from './training-flags.js';

describe('--amp', () => {
  it('makes a plain wrapper one of mixed precision, keeping a loss scale that is given', () => {
    const amp = { optimWrapper: { type: 'AmpOptimWrapper', lossScale: 'dynamic' } };
    expect(ampOverlay({ optimWrapper: { optimizer: {} } })).toEqual(amp);
    expect(ampOverlay({ optimWrapper: { type: 'OptimWrapper' } })).toEqual(amp);
    expect(ampOverlay({ optimWrapper: { loss_scale: 8 } })).toEqual({ optimWrapper: { type: 'AmpOptimWrapper' } });
    expect(ampOverlay({ optimWrapper: { type: 'AmpOptimWrapper', lossScale: 4 } })).toEqual({});
  });

  it('has nothing to do for a config without one', () => {
    expect(() => ampOverlay({})).toThrow('ENGINE_CLI_BAD_FLAG');
    expect(() => ampOverlay({ optimWrapper: { type: 'OptimWrapperDict' } })).toThrow('OptimWrapperDict');
  });
});

describe('--auto-scale-lr', () => {
  it('needs to know for which batch size the rate was chosen', () => {
    const enabled = { autoScaleLr: { enable: true } };
    expect(autoScaleLrOverlay({ autoScaleLr: { enable: false, baseBatchSize: 8 } })).toEqual(enabled);
    expect(autoScaleLrOverlay({ autoScaleLr: { base_batch_size: 8 } })).toEqual(enabled);
    expect(() => autoScaleLrOverlay({ autoScaleLr: { enable: true } })).toThrow('ENGINE_CLI_BAD_FLAG');
    expect(() => autoScaleLrOverlay({})).toThrow('no autoScaleLr');
  });
});
