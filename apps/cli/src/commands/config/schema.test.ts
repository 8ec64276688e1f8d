import { Ajv } from 'ajv';
import { beforeAll, describe, expect, it } from 'vitest';
import { digitConfig, engine } from '../../testing.js';

let isValid: (data: unknown) => boolean;
beforeAll(async () => {
  const { out } = await engine(['config', 'schema']);
  const validate = new Ajv({ strict: false }).compile(JSON.parse(out) as object);
  isValid = (data) => validate(data);
});

describe('engine config schema', () => {
  it('takes what the engine takes', () => {
    expect(isValid(digitConfig('x'))).toBe(true);
    expect(isValid({ _base_: ['a.yaml'], $schema: './s.json', my_variable: { anything: [1] } })).toBe(true);
    expect(
      isValid({ optim_wrapper: { optimizer: { type: 'SGD', lr: '{{$LR:0.1}}', weight_decay: 1, _delete_: true } } }),
    ).toBe(true);
    expect(
      isValid({ custom_hooks: [{ type: 'CheckpointHook', priority: 'HIGH' }], default_hooks: { timer: null } }),
    ).toBe(true);
    const paramwiseCfg = { customKeys: { neck: { lrMult: 2, momentum: 0 } }, norm_decay_mult: 0 };
    expect(isValid({ optimWrapper: { paramwiseCfg } })).toBe(true);
    const constructor = 'LearningRateDecayOptimWrapperConstructor';
    expect(isValid({ optimWrapper: { constructor, paramwise_cfg: { decayRate: 0.9 } } })).toBe(true);
    expect(isValid({ optimWrapper: { optimizer: { lr: 1 } } })).toBe(true); // a part, which a base completes
    expect(isValid({ valEvaluator: [{ type: 'Accuracy' }], paramScheduler: { type: 'LinearLR' } })).toBe(true);
  });

  it.each([
    [{ optimWrapper: { optimizer: { type: 'SGD', lr: 'big' } } }],
    [{ optimWrapper: { optimizer: { type: 'SGD', momentm: 1 } } }],
    [{ trainDataloader: { batchSise: 1 } }],
    [{ optimWrapper: { paramwiseCfg: [1] } }],
    [{ logLevel: 'LOUD' }],
    [{ customHooks: [{ type: 'CheckpointHook', intervall: 1 }] }],
    [{ defaultHooks: { logger: { intervall: 1 } } }],
  ])('refuses %j', (data) => {
    expect(isValid(data)).toBe(false);
  });
});
