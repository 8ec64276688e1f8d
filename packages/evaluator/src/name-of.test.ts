import { describe, expect, it } from 'vitest';
import { Accuracy } from './accuracy.js';
import { nameOf } from './name-of.js';

describe('nameOf', () => {
  it('is the name of the entry, whatever a bundler made of the class', () => {
    const accuracy = new Accuracy();
    Object.defineProperty(Accuracy, 'name', { value: '_Accuracy' });
    expect(nameOf(accuracy)).toBe('Accuracy');
  });

  it('is the class for those without an entry of their own', () => {
    class Stricter extends Accuracy {}
    expect(nameOf(new Stricter())).toBe('Stricter');
  });
});
