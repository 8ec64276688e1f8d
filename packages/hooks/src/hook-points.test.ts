import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hookPointOrder, hookPoints } from './hook-points.js';

describe('hookPoints', () => {
  it('are the 22 of MMEngine in its order, and one for failures', () => {
    const [ours, theirs] = [['onException'], hookPointOrder.filter((point) => point !== 'onException')];
    expect(hookPointOrder.filter((point) => ours.includes(point))).toEqual(ours);
    expect(theirs.map((point) => point.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))).toEqual([
      'before_run',
      'after_load_checkpoint',
      'before_train',
      'before_train_epoch',
      'before_train_iter',
      'after_train_iter',
      'after_train_epoch',
      'before_val',
      'before_val_epoch',
      'before_val_iter',
      'after_val_iter',
      'after_val_epoch',
      'after_val',
      'before_save_checkpoint',
      'after_train',
      'before_test',
      'before_test_epoch',
      'before_test_iter',
      'after_test_iter',
      'after_test_epoch',
      'after_test',
      'after_run',
    ]);
  });

  it('each say in one sentence when they are called', () => {
    for (const sentence of Object.values(hookPoints)) expect(sentence).toMatch(/^[A-Z][^.]*\.$/);
  });

  it('are exactly the methods of Hook', () => {
    const source = readFileSync(new URL('./hook.ts', import.meta.url), 'utf8');
    const methods = [...source.matchAll(/^ {2}((?:before|after|on)\w+)\?\(/gm)].map((match) => match[1]);
    expect(methods).toEqual(hookPointOrder);
  });
});
