import { cpu } from '@engine/backend-cpu';
import { BaseModel, Linear } from '@engine/model';
import { OptimWrapper, type OptimWrapperLike, SGD } from '@engine/optim';
import { ConstantLR, ExponentialLR } from '@engine/scheduler';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { assignSchedules, isByName, namedWrappers } from './param-schedulers.js';
import { boringRuns } from './testing/index.js';

beforeAll(() => cpu().init());
const boring = boringRuns(cpu);

class TwoParts extends BaseModel {
  readonly generator = new Linear(2, 2);
  readonly critic = new Linear(2, 1);
  override forward(): never {
    throw new Error('not run here');
  }
}

/** The part of an `OptimWrapperDict` that schedules see. */
class Several {
  constructor(readonly wrappers: ReadonlyMap<string, OptimWrapper>) {}
  updateParams(): void {}
}

let model: TwoParts;
let parts: Map<string, OptimWrapper>;
let several: OptimWrapperLike;
beforeEach(() => {
  model = new TwoParts();
  const names = new Map(model.namedParameters());
  const wrapperOf = (prefix: string, lr: number) =>
    new OptimWrapper({
      optimizer: new SGD(
        [...names].flatMap(([name, param]) => (name.startsWith(prefix) ? [param] : [])),
        { lr },
      ),
    });
  parts = new Map([
    ['gen', wrapperOf('generator', 0.1)],
    ['disc', wrapperOf('critic', 0.4)],
  ]);
  several = new Several(parts) as unknown as OptimWrapperLike;
});
afterEach(() => {
  for (const wrapper of parts.values()) wrapper.dispose();
  model.dispose();
});

describe('schedules of several optimizers', () => {
  it('are assigned by name, or the same to all', () => {
    const [gen, disc] = [parts.get('gen'), parts.get('disc')];
    const byName = { disc: [{ type: ConstantLR }] };
    expect(assignSchedules(byName, several, 'paramScheduler')).toEqual([
      { wrapper: disc, given: byName.disc, path: 'paramScheduler.disc' },
    ]);
    const all = { type: ConstantLR };
    expect(assignSchedules(all, several, 'paramScheduler').map(({ wrapper }) => wrapper)).toEqual([gen, disc]);
  });

  it('of one optimizer need no name', () => {
    const [wrapper] = [...parts.values()] as [OptimWrapper];
    expect([...namedWrappers(wrapper)]).toEqual([['', wrapper]]);
    expect(assignSchedules([], wrapper, 'p')).toEqual([{ wrapper, given: [], path: 'p' }]);
  });

  it('for a name that no optimizer has are refused with ENGINE_RUNNER_BAD_SCHEDULER', () => {
    const [wrapper] = [...parts.values()] as [OptimWrapper];
    const stray = { dics: { type: ConstantLR } };
    expect(() => assignSchedules(stray, several, 'paramScheduler')).toThrow(
      expect.objectContaining({
        code: 'ENGINE_RUNNER_BAD_SCHEDULER',
        subject: 'paramScheduler.dics',
        expected: 'one of gen, disc',
        action: 'write disc',
      }),
    );
    expect(() => assignSchedules(stray, wrapper, 'paramScheduler')).toThrow(/for the only optimizer/);
  });

  it('are told from a scheduler and from its config', () => {
    expect(isByName({ gen: [], disc: { type: ConstantLR } })).toBe(true);
    const [wrapper] = [...parts.values()] as [OptimWrapper];
    const built = new ConstantLR(wrapper);
    for (const other of [{ type: ConstantLR }, { gamma: 1 }, {}, [], built, null]) expect(isByName(other)).toBe(false);
  });

  it('drive each optimizer by its own', async () => {
    const paramScheduler = {
      gen: { type: ExponentialLR, gamma: 0.5 },
      disc: [{ type: ConstantLR, factor: 0.25, end: 2 }],
    };
    const { runner } = boring({ model, optimWrapper: several, paramScheduler } as never);
    const { curves } = await runner.schedule({ epochLength: 2 });
    expect(curves.map(({ label, values }) => [label, ...values])).toEqual([
      ['gen: generator.* (2 parameters)', 0.1, 0.1, 0.05, 0.05, 0.025, 0.025],
      ['disc: critic.* (2 parameters)', 0.1, 0.1, 0.4, 0.4, 0.4, 0.4],
    ]);
  });
});
