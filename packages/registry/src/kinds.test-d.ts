import { describe, expectTypeOf, it } from 'vitest';
import type { KindTables } from './index.js';

/** The 23 root registries of MMEngine, as kinds. */
type ReferenceKinds =
  | 'runner'
  | 'runnerConstructor'
  | 'loop'
  | 'hook'
  | 'strategy'
  | 'dataset'
  | 'dataSampler'
  | 'transform'
  | 'model'
  | 'modelWrapper'
  | 'weightInitializer'
  | 'optimizer'
  | 'optimWrapper'
  | 'optimWrapperConstructor'
  | 'paramScheduler'
  | 'metric'
  | 'evaluator'
  | 'taskUtil'
  | 'visualizer'
  | 'visBackend'
  | 'logProcessor'
  | 'inferencer'
  | 'function';

describe('KindTables', () => {
  it('has every kind of the reference', () => {
    expectTypeOf<ReferenceKinds>().toExtend<keyof KindTables>();
  });
});
