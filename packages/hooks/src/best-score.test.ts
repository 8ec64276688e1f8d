import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultGreaterKeys, defaultLessKeys, inferRule, isBetter } from './best-score.js';

const keys = { greaterKeys: defaultGreaterKeys, lessKeys: defaultLessKeys };

describe('inferRule', () => {
  it.each([
    ['accuracy/top1', 'greater'],
    ['coco/bbox_mAP', 'greater'],
    ['val_loss', 'less'],
    ['loss', 'less'],
    ['loss_top', 'greater'],
    ['heatmap_loss', 'greater'],
    ['stop_metric', 'greater'],
  ] as const)('%s is better when %s', (metric, rule) => {
    expect(inferRule(metric, keys)).toBe(rule);
  });

  it.each(['recall', 'FID', 'dice'])('cannot tell for %s', (metric) => {
    expect(() => inferRule(metric, keys)).toThrow('ENGINE_HOOKS_NO_RULE');
  });

  it('prefers an exact less key over a contained greater key', () => {
    expect(inferRule('top_error', { greaterKeys: ['top'], lessKeys: ['top_error'] })).toBe('less');
  });
});

describe('isBetter', () => {
  it('takes the first score unless it is NaN', () => {
    expect(isBetter('greater', -5, undefined)).toBe(true);
    expect(isBetter('less', 1e9, undefined)).toBe(true);
    expect(isBetter('greater', Number.NaN, undefined)).toBe(false);
  });

  it('is strict, and the two rules are opposites', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.double({ noNaN: true }), (a, b) => {
        expect(isBetter('greater', a, a)).toBe(false);
        expect(isBetter('greater', a, b)).toBe(isBetter('less', b, a));
        expect(isBetter('greater', Number.NaN, b)).toBe(false);
      }),
    );
  });
});
