import { describe, expect, it } from 'vitest';
import { LinearMomentum, MultiStepLR, OneCycleLR, ReduceOnPlateauLR } from './index.js';

const code = (reason: string) => expect.objectContaining({ code: reason });
const window = { begin: 0, end: 1_000_000_000, by_epoch: true, verbose: false };

describe('a state that MMEngine has saved', () => {
  it('counts milestones by step', () => {
    const scheduler = new MultiStepLR({ paramGroups: [{ lr: 1 }] }, { milestones: [1] });
    const counters = { base_values: [1], last_step: 3, _global_step: 3, _last_value: [0.25] };
    scheduler.loadStateDict({ milestones: { 2: 2, 5: 1 }, gamma: 0.5, param_name: 'lr', ...window, ...counters });
    expect(scheduler.stateDict()).toMatchObject({ milestones: [2, 2, 5], gamma: 0.5, lastStep: 3, lastValues: [0.25] });
  });

  it('calls the first beta momentum', () => {
    const scheduler = new LinearMomentum({ paramGroups: [{ betas: [0.8, 0.99] }] }, { startFactor: 0.5, end: 5 });
    const fields = { start_factor: 0.25, end_factor: 1, total_iters: 4, param_name: 'momentum', use_betas: true };
    const counters = { base_values: [0.8], last_step: 1, _global_step: 1, _last_value: [0.3] };
    scheduler.loadStateDict({ ...fields, ...window, ...counters });
    expect(scheduler.stateDict()).toMatchObject({ paramName: 'betas[0]', startFactor: 0.25, lastStep: 1 });
    expect(() => scheduler.loadStateDict({ ...fields, use_betas: false, ...window, ...counters })).toThrow(
      code('ENGINE_SCHEDULER_STATE_MISMATCH'),
    );
  });

  it('has phases of one cycle with names of its own', () => {
    const scheduler = new OneCycleLR({ paramGroups: [{ lr: 1 }] }, { etaMax: 1, totalSteps: 10 });
    const fields = { eta_max: 2, div_factor: 25, final_div_factor: 4, total_steps: 8, param_name: 'lr' };
    const phases = [{ end_step: 3, start_lr: 'initial_lr', end_lr: 'max_lr' }];
    const counters = { base_values: [0.04], last_step: 2, _global_step: 2, _last_value: [0.7] };
    const anneal_func = { function: '_annealing_linear' };
    scheduler.loadStateDict({ ...fields, anneal_func, _schedule_phases: phases, ...window, ...counters });
    expect(scheduler.stateDict()).toMatchObject({
      totalSteps: 8,
      annealStrategy: 'linear',
      phases: [{ endStep: 3, start: 'initialLr', end: 'maxLr' }],
    });
  });

  it('of another schedule is refused', () => {
    const scheduler = new ReduceOnPlateauLR({ paramGroups: [{ lr: 1 }] });
    const own = JSON.stringify(scheduler.stateDict());
    const counters = { base_values: [1], last_step: 3, _global_step: 3, _last_value: [0.25] };
    expect(() => scheduler.loadStateDict({ gamma: 0.5, param_name: 'lr', ...window, ...counters })).toThrow(
      code('ENGINE_SCHEDULER_STATE_MISMATCH'),
    );
    expect(JSON.stringify(scheduler.stateDict())).toBe(own);
  });
});
