import type { ConfigOf } from '@engine/registry';
import { expectTypeOf, test } from 'vitest';
import type { EvaluatorLike, Metric } from './contract.js';
import { type Accuracy, type AccuracyOptions, BaseMetric, type Evaluator } from './index.js';

test('metrics and evaluator are what the loops want', () => {
  expectTypeOf<Accuracy>().toExtend<Metric>();
  expectTypeOf<Evaluator>().toExtend<EvaluatorLike>();
});

test('an own metric says the type of its results', () => {
  class Mine extends BaseMetric<{ correct: number }> {
    process(): void {}
    computeMetrics(results: readonly { correct: number }[]) {
      return { total: results.length };
    }
  }
  expectTypeOf<Mine['results']>().toEqualTypeOf<{ correct: number }[]>();
  expectTypeOf<Mine>().toExtend<Metric>();
});

test('a config knows the options', () => {
  expectTypeOf<AccuracyOptions['topk']>().toEqualTypeOf<number | number[] | undefined>();
  expectTypeOf<{ type: 'Accuracy'; topk: [1, 5] }>().toExtend<ConfigOf<'metric'>>();
  // @ts-expect-error: no such option
  const misspelt: ConfigOf<'metric'> = { type: 'Accuracy', top: 1 };
  expectTypeOf(misspelt).not.toBeAny();
});
