import { describe, expect, it } from 'vitest';
import { metricValue } from './index.js';

describe('metricValue', () => {
  it.each([
    ['top1', { 'accuracy/top1': 3, loss: 2 }, 3],
    ['accuracy/top1', { 'accuracy/top1': 3, 'other/top1': 4 }, 3],
    ['loss', { loss: null }, null],
  ])('%s', (indicator, values, expected) => {
    expect(metricValue(indicator, values)).toBe(expected);
  });

  it.each([
    ['x', { 'a/acc': 1 }, 'ENGINE_EVALUATOR_UNKNOWN_VALUE', 'a/acc'],
    ['x', {}, 'ENGINE_EVALUATOR_UNKNOWN_VALUE', 'none'],
    ['b/acc', { 'a/acc': 1, acc: 2 }, 'ENGINE_EVALUATOR_UNKNOWN_VALUE', 'a/acc, acc'],
    ['acc', { acc: 1, 'b/acc': 2 }, 'ENGINE_EVALUATOR_AMBIGUOUS_VALUE', 'acc and b/acc'],
  ])('%s among %j is refused', (indicator, values, code, names) => {
    expect(() => metricValue(indicator, values)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(names) }),
    );
  });
});
